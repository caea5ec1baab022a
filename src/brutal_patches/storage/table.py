"""Get, query and write. A write is a list of values that is carried out whole or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NoReturn

from brutal_patches.clock import Clock, monotonic
from brutal_patches.errors import Unavailable
from brutal_patches.storage import requests
from brutal_patches.storage.codec import decode_item, encode_item
from brutal_patches.storage.failures import ConditionFailed
from brutal_patches.storage.keys import Key, TableName
from brutal_patches.storage.operations import Item, Operation, Page, Put, Query, Update
from brutal_patches.storage.retrying import Patience, patiently
from brutal_patches.storage.schema import physical_name
from brutal_patches.watching import Call, Watch

type Client = Any  # aiobotocore builds the client's methods when it starts, from AWS's model.
type Listener = Callable[[Item], None]

BATCH_GET_KEYS = 100
BATCH_WRITE_ITEMS = 25
TRANSACTION_OPERATIONS = 100


class Table:
    """Both physical tables behind one set of verbs; a Key or Partition says which is meant.

    Everything here raises Unavailable when DynamoDB does not answer in time. `listen` gets each item
    of the change feed that this process wrote; `watch` is told of each call.
    """

    def __init__(
        self,
        client: Client,
        prefix: str,
        clock: Clock,
        patience: Patience | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock
        self._patience = patience or Patience()
        self._watch = watch or Watch()
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every item with feed keys that is written here."""
        self._listeners.append(listener)

    def patiently(self, patience: Patience) -> "Table":
        """The same tables for reading with another patience; nobody listens to it."""
        return Table(self._client, self._prefix, self._clock, patience, self._watch)

    async def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        """The item under `key`, as of now unless `consistent` is waived."""
        if not key.is_possible:
            return None
        request = {"TableName": self._name(key.table), "Key": requests.key(key), "ConsistentRead": consistent}
        answer = await self._call("get_item", key.table, request)
        return decode_item(answer["Item"]) if "Item" in answer else None

    async def get_many(self, keys: Sequence[Key]) -> list[Item | None]:
        """The items under `keys`, all of one table, in the order asked for; None where there is none."""
        found: dict[tuple[str, str], Item] = {}
        possible = [key for key in keys if key.is_possible]
        for start in range(0, len(possible), BATCH_GET_KEYS):
            for item in await self._get_batch(possible[start : start + BATCH_GET_KEYS]):
                found[str(item["pk"]), str(item["sk"])] = item
        return [found.get((key.pk, key.sk)) for key in keys]

    async def _get_batch(self, keys: Sequence[Key]) -> list[Item]:
        name = self._name(keys[0].table)
        unique = dict.fromkeys(keys)
        waiting = {name: {"Keys": [requests.key(key) for key in unique], "ConsistentRead": True}}
        items: list[Item] = []
        async for answer in self._drain("batch_get_item", keys[0].table, waiting, "UnprocessedKeys"):
            items += [decode_item(found) for found in answer["Responses"].get(name, [])]
        return items

    async def query(self, query: Query) -> Page:
        """One page of at most `limit` items; without a limit, as many as fit into 1 MB."""
        answer = await self._query(query)
        return Page([decode_item(item) for item in answer["Items"]], requests.next_start(answer))

    async def pages(self, query: Query) -> AsyncIterator[list[Item]]:
        """All pages from the query's start on; its `limit` is the size of a page."""
        while True:
            page = await self.query(query)
            yield page.items
            if page.next is None:
                return
            query = requests.from_position(query, page.next)

    async def all(self, query: Query) -> list[Item]:
        """Every item from the query's start on, for partitions that are known to be small."""
        return [item async for page in self.pages(query) for item in page]

    async def count(self, query: Query) -> int:
        """How many items the query walks through, counted by DynamoDB."""
        total = 0
        while True:
            answer = await self._query(query, Select="COUNT")
            total += int(answer["Count"])
            start = requests.next_start(answer)
            if start is None:
                return total
            query = requests.from_position(query, start)

    async def write(self, *operations: Operation) -> None:
        """Carry out all operations or none: one as a plain call, several as one transaction.

        Raises the `otherwise` of the operation whose condition failed. A write that got no answer is
        made again under the same write id, by which it is recognised if it went through after all.
        """
        write_id = self._clock.random(12).hex()
        if len(operations) > TRANSACTION_OPERATIONS:
            raise ValueError(f"a transaction takes {TRANSACTION_OPERATIONS} operations, not {len(operations)}")
        method, request = requests.write(operations, self._name, write_id)
        try:
            await self._call(method, operations[0].key.table, request)
        except ConditionFailed as refused:
            _judge(operations, refused, write_id)
        await self._publish(operations)

    async def change(self, update: Update) -> Item:
        """Carry out one update and return the whole item as it is afterwards."""
        write_id = self._clock.random(12).hex()
        _, request = requests.write([update], self._name, write_id)
        try:
            answer = await self._call("update_item", update.key.table, {**request, "ReturnValues": "ALL_NEW"})
        except ConditionFailed as refused:
            _judge([update], refused, write_id)
            return refused.found or {}
        return decode_item(answer["Attributes"])

    async def write_many(self, puts: Sequence[Put]) -> None:
        """Store unconditional puts of one table in batches; each item is whole, the list is no transaction."""
        for start in range(0, len(puts), BATCH_WRITE_ITEMS):
            batch = puts[start : start + BATCH_WRITE_ITEMS]
            table = batch[0].key.table
            waiting = {self._name(table): [{"PutRequest": {"Item": encode_item(requests.keyed(put))}} for put in batch]}
            async for _ in self._drain("batch_write_item", table, waiting, "UnprocessedItems"):
                pass
        await self._publish(puts)

    async def ping(self) -> None:
        """Returns when DynamoDB answers for the core table; raises Unavailable when it does not."""
        await self.get(Key("core", "PING", "PING"), consistent=False)

    async def scan(self, table: TableName, segment: int = 0, segments: int = 1) -> AsyncIterator[list[Item]]:
        """Every item of a table, page by page, or one of `segments` shares of it; never on a request path."""
        request: dict[str, Any] = {"TableName": self._name(table), "Segment": segment, "TotalSegments": segments}
        while True:
            answer = await self._call("scan", table, request)
            yield [decode_item(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def _query(self, query: Query, **more: str) -> Any:
        table = query.partition.table
        return await self._call("query", table, requests.query(query, self._name(table)) | more)

    async def _drain(self, method: str, table: TableName, waiting: Any, leftover: str) -> AsyncIterator[Any]:
        """Call until nothing is left unprocessed; give up as any call does, when the time is over."""
        deadline = monotonic() + self._patience.total
        pause = self._patience.base
        while waiting:
            answer = await self._call(method, table, {"RequestItems": waiting})
            yield answer
            waiting = answer.get(leftover)
            if waiting and monotonic() > deadline:
                raise Unavailable
            if waiting:
                await asyncio.sleep(pause)
                pause = min(self._patience.cap, pause * 2)

    async def _call(self, method: str, table: TableName, request: dict[str, Any]) -> Any:
        call: Callable[..., Awaitable[Any]] = getattr(self._client, method)
        if self._watch.is_tracing:
            request = {**request, "ReturnConsumedCapacity": "TOTAL"}
        began, tries, capacity, refused, fault = monotonic(), 0, None, False, None

        def attempt() -> Awaitable[Any]:
            nonlocal tries
            tries += 1
            return call(**request)

        try:
            answer = await patiently(attempt, self._patience, self._clock)
            capacity = requests.consumed(answer)
        except ConditionFailed:
            refused = True
            raise
        except BaseException as failure:
            fault = failure
            raise
        else:
            return answer
        finally:
            self._watch.called(Call(method, table, began, monotonic(), tries, capacity, refused, fault))

    async def _publish(self, operations: Sequence[Operation]) -> None:
        if not self._listeners:
            return
        for operation in operations:
            item: Item | None = None
            if isinstance(operation, Put) and "fk" in operation.item:
                item = requests.keyed(operation)
            elif isinstance(operation, Update) and operation.announce:
                item = await self.get(operation.key)
            for listener in self._listeners if item else ():
                listener(item or {})

    def _name(self, table: TableName) -> str:
        return physical_name(self._prefix, table)


def _judge(operations: Sequence[Operation], refused: ConditionFailed, write_id: str) -> None:
    """Return if what stood in the way is this very write; else raise what the refusal means."""
    if refused.found is not None and refused.found.get("wid") == write_id:
        return
    if refused.doubtful:
        raise Unavailable("The change could not be confirmed. Please look whether it was made before trying again.")
    _refuse(operations[refused.position])


def _refuse(operation: Operation) -> NoReturn:
    if operation.otherwise is None:
        raise Unavailable
    raise operation.otherwise
