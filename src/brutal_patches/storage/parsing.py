"""DynamoDB's answers read at a fifth of the cost: attribute values are passed through as they came.

The SDK's parser walks every attribute of every item by the service's model, though only our codec ever looks
at them. This one leaves them in DynamoDB's own form, bytes in base64, for `codec.decode`.
"""

from typing import Any

import msgspec
from aiobotocore.parsers import AioJSONParser, AioResponseParserFactory
from botocore.parsers import JSONParser

_BY_MODEL: Any = JSONParser


class PassingParser(AioJSONParser):
    """Reads everything but items by the model."""

    def _parse_body_as_json(self, body_contents: bytes) -> Any:
        if not body_contents:
            return {}
        try:
            return msgspec.json.decode(body_contents)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {"message": body_contents.decode("utf-8", "replace")}

    def _handle_map(self, shape: Any, value: Any) -> Any:
        if shape.value.name == "AttributeValue":
            return value
        return _BY_MODEL._handle_map(self, shape, value)


class PassingFactory(AioResponseParserFactory):
    """Has the parser of JSON answers, which are DynamoDB's; others are the SDK's own.

    Parsers keep nothing of what they read, so one is enough. The SDK makes one for each answer, with another one
    inside that points back, and leaves both to the garbage collector.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: PassingParser | None = None

    def create_parser(self, protocol_name: str) -> Any:
        if protocol_name != "json":
            return super().create_parser(protocol_name)
        if self._made is None:
            self._made = PassingParser(**vars(self)["_defaults"])
        return self._made
