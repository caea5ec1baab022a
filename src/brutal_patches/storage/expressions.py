"""Expressions as we write them, made into what DynamoDB takes: every attribute name becomes an alias.

Hundreds of common words (`roles`, `status`, `value` …) are reserved in DynamoDB. We write attribute
names in lower case and keywords in upper case, so that names are told apart from keywords and functions.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from brutal_patches.storage.codec import encode
from brutal_patches.storage.operations import Value

_NAME = re.compile(r"(?<![:#\w])([a-z_][A-Za-z0-9_]*)(?!\w|\s*\()")
_PLACEHOLDER = re.compile(r":\w+")


def alias(expression: str) -> str:
    """`SET roles = :r` becomes `SET #roles = :r`; functions such as `attribute_exists(…)` stay."""
    return _NAME.sub(r"#\1", expression)


def request_parts(
    values: Mapping[str, Value], *, extra: Mapping[str, Value] | None = None, **expressions: str
) -> dict[str, Any]:
    """The expression parameters of a request, such as `ConditionExpression`, with their names and values.

    Empty expressions and values that no expression uses are left out, as DynamoDB refuses both.
    """
    given = {parameter: text for parameter, text in expressions.items() if text}
    used = set(_found(_PLACEHOLDER, given.values()))
    parts: dict[str, Any] = {parameter: alias(text) for parameter, text in given.items()}
    if names := {f"#{name}": name for name in _found(_NAME, given.values())}:
        parts["ExpressionAttributeNames"] = names
    known = {**values, **(extra or {})}
    if chosen := {name: encode(value) for name, value in known.items() if name in used}:
        parts["ExpressionAttributeValues"] = chosen
    return parts


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield from pattern.findall(text)
