"""The parameters of DynamoDB's calls, built from our values. Pure functions; nothing is sent from here."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from brutal_patches.storage.codec import decode_item, encode, encode_item
from brutal_patches.storage.expressions import request_parts
from brutal_patches.storage.keys import Key, TableName
from brutal_patches.storage.operations import Check, Delete, Item, Operation, Put, Query, Update
from brutal_patches.storage.schema import index_keys

type Naming = Callable[[TableName], str]

_METHODS: dict[type, tuple[str, str]] = {
    Put: ("put_item", "Put"),
    Update: ("update_item", "Update"),
    Delete: ("delete_item", "Delete"),
    Check: ("", "ConditionCheck"),
}
_LAST_CHARACTER = "\U0010ffff"


def key(key: Key) -> dict[str, Any]:
    """The primary key in DynamoDB's typed form."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def keyed(put: Put) -> Item:
    """The item with the key that it lies under."""
    return {**put.item, "pk": put.key.pk, "sk": put.key.sk}


def query(query: Query, name: str) -> dict[str, Any]:
    """A Query over a partition, its sort key bounded by the partition's prefix, `after` and `before`."""
    partition = query.partition
    pk, sk = index_keys(partition.index)
    values = {":pk": partition.pk}
    condition = f"{pk} = :pk"
    if query.after or query.before:
        condition += f" AND {sk} BETWEEN :after AND :before"
        values[":after"] = partition.prefix + query.after
        values[":before"] = partition.prefix + (query.before or _LAST_CHARACTER)
    elif partition.prefix:
        condition += f" AND begins_with({sk}, :prefix)"
        values[":prefix"] = partition.prefix
    request = request_parts(values, KeyConditionExpression=condition)
    request |= {"TableName": name, "ScanIndexForward": not query.newest_first, "ConsistentRead": query.consistent}
    if partition.index:
        request["IndexName"] = partition.index
    if query.limit is not None:
        request["Limit"] = query.limit
    if query.start is not None:
        request["ExclusiveStartKey"] = encode_item(query.start)
    return request


def next_start(answer: dict[str, Any]) -> Item | None:
    """Where the next page starts, or None after the last one."""
    last = answer.get("LastEvaluatedKey")
    return decode_item(last) if last else None


def consumed(answer: dict[str, Any]) -> float | None:
    """The capacity that an answer says was used, of all its tables; None where it was not asked."""
    told = answer.get("ConsumedCapacity")
    if told is None:
        return None
    return float(sum(each["CapacityUnits"] for each in (told if isinstance(told, list) else [told])))


def from_position(query: Query, start: Item) -> Query:
    """The same query, from `start` on."""
    return msgspec.structs.replace(query, start=start)


def write(operations: Sequence[Operation], naming: Naming, write_id: str) -> tuple[str, dict[str, Any]]:
    """The client's method and its parameters; a failed condition brings back the item that was in the way."""
    if len(operations) == 1 and not isinstance(operations[0], Check):
        operation = operations[0]
        method, _ = _METHODS[type(operation)]
        return method, _single(operation, naming, write_id)
    actions = [{_METHODS[type(operation)][1]: _single(operation, naming, write_id)} for operation in operations]
    return "transact_write_items", {"TransactItems": actions, "ClientRequestToken": write_id}


def _single(operation: Operation, naming: Naming, write_id: str) -> dict[str, Any]:
    request: dict[str, Any] = {"TableName": naming(operation.key.table)}
    if operation.condition:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    match operation:
        case Put():
            request["Item"] = encode_item(keyed(operation)) | {"wid": encode(write_id)}
            return request | request_parts(operation.values, ConditionExpression=operation.condition)
        case Update():
            request["Key"] = key(operation.key)
            return request | request_parts(
                operation.values,
                extra={":wid": write_id},
                UpdateExpression=_with_write_id(operation.change),
                ConditionExpression=operation.condition,
            )
        case Delete() | Check():
            request["Key"] = key(operation.key)
            return request | request_parts(operation.values, ConditionExpression=operation.condition)


def _with_write_id(change: str) -> str:
    """`change` with the write id set too; DynamoDB takes one SET clause only."""
    return change.replace("SET ", "SET wid = :wid, ", 1) if "SET " in change else f"SET wid = :wid {change}"
