"""Tables of another service in the same account: their rows as plain values, whatever their keys are called."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from brutal_patches.clock import Clock
from brutal_patches.errors import NotFound, Unavailable
from brutal_patches.settings import DynamoSettings
from brutal_patches.storage.codec import decode, encode
from brutal_patches.storage.connection import open_client
from brutal_patches.storage.failures import ConditionFailed
from brutal_patches.storage.retrying import Patience, patiently
from brutal_patches.storage.table import BATCH_GET_KEYS, Client

type Row = dict[str, Any]
_PATIENT = Patience(tries=10, connect=5, read=20, total=120)
_PAGE = 200


class ForeignTable:
    """One table; `keys` are its key attributes, the partition's first. Numbers may be fractions."""

    def __init__(self, client: Client, clock: Clock, name: str, keys: tuple[str, ...]) -> None:
        self._client = client
        self._clock = clock
        self.name = name
        self.keys = keys

    async def pages(self) -> AsyncIterator[list[Row]]:
        """Every row, page by page, each as it is when its page is read."""
        request: dict[str, Any] = {"ConsistentRead": True, "Limit": _PAGE}
        while True:
            answer = await self._call("scan", request)
            yield [_decoded(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def get_many(self, values: Sequence[str | int]) -> dict[str | int, Row]:
        """The rows with these partition keys, by them; for tables whose key is one attribute."""
        found: dict[str | int, Row] = {}
        for start in range(0, len(values), BATCH_GET_KEYS):
            part = [{self.keys[0]: _encoded(value)} for value in values[start : start + BATCH_GET_KEYS]]
            waiting: dict[str, Any] = {self.name: {"Keys": part, "ConsistentRead": True}}
            while waiting:
                answer = await self._call("batch_get_item", {"RequestItems": waiting}, named=False)
                for row in map(_decoded, answer["Responses"].get(self.name, [])):
                    found[row[self.keys[0]]] = row
                waiting = answer.get("UnprocessedKeys") or {}
        return found

    async def put(self, row: Row) -> None:
        """Store `row` in place of what may be there; a value that is None is left out."""
        item = {name: _encoded(value) for name, value in row.items() if value is not None}
        await self._call("put_item", {"Item": item})

    async def delete(self, value: str | int) -> None:
        """Remove the row with this key."""
        await self._call("delete_item", {"Key": {self.keys[0]: _encoded(value)}})

    async def append_once(self, value: str | int, field: str, element: int) -> bool:
        """Add `element` to a row's list where it lacks it; False where it has it, or there is no such row."""
        try:
            await self._call(
                "update_item",
                {
                    "Key": {self.keys[0]: _encoded(value)},
                    "UpdateExpression": "SET #field = list_append(if_not_exists(#field, :none), :more)",
                    "ConditionExpression": "attribute_exists(#key) AND NOT contains(#field, :one)",
                    "ExpressionAttributeNames": {"#field": field, "#key": self.keys[0]},
                    "ExpressionAttributeValues": {
                        ":none": encode([]),
                        ":more": encode([element]),
                        ":one": encode(element),
                    },
                },
            )
        except ConditionFailed:
            return False
        return True

    async def _call(self, method: str, request: dict[str, Any], *, named: bool = True) -> Any:
        call: Callable[..., Awaitable[Any]] = getattr(self._client, method)
        whole = {"TableName": self.name, **request} if named else request
        try:
            return await patiently(lambda: call(**whole), _PATIENT, self._clock)
        except (ConditionFailed, Unavailable):
            raise
        except Exception as fault:
            raise Unavailable(f"The table {self.name} cannot be used: {fault}") from fault


@asynccontextmanager
async def open_foreign(settings: DynamoSettings, clock: Clock, *names: str) -> AsyncIterator[list[ForeignTable]]:
    """The tables called `names`. Raises NotFound for one that is not there, Unavailable where they cannot be read."""
    async with open_client(settings, _PATIENT) as client:
        yield [await _described(client, clock, name) for name in names]


async def _described(client: Client, clock: Clock, name: str) -> ForeignTable:
    try:
        answer = await patiently(lambda: client.describe_table(TableName=name), _PATIENT, clock)
    except client.exceptions.ResourceNotFoundException:
        raise NotFound(f"There is no table {name}.") from None
    except Exception as fault:
        raise Unavailable(f"The table {name} cannot be used: {fault}") from fault
    schema = sorted(answer["Table"]["KeySchema"], key=lambda key: str(key["KeyType"]))
    return ForeignTable(client, clock, name, tuple(str(key["AttributeName"]) for key in schema))


def _decoded(item: dict[str, Any]) -> Row:
    return {name: _value(attribute) for name, attribute in item.items()}


def _value(attribute: dict[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return _number(value)
        case "NS":
            return sorted(_number(each) for each in value)
        case "SS" | "BS":
            return sorted(value)
        case "L":
            return [_value(each) for each in value]
        case "M":
            return _decoded(value)
        case _:
            return decode(attribute)


def _number(text: str) -> int | float:
    number = float(text)
    return int(text) if text.lstrip("-").isdigit() else int(number) if number.is_integer() else number


def _encoded(value: Any) -> dict[str, Any]:
    return {"N": repr(value)} if isinstance(value, float) else encode(value)
