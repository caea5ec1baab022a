"""Creations that are carried out once, however often they are asked for under the same key.

The record of the answer is written in the transaction that creates the thing, so there is no moment
at which one exists without the other, and nobody has to wait for a lease to run out.
"""

import hashlib
from datetime import datetime, timedelta

import msgspec

from brutal_patches.errors import Conflict, Unprocessable
from brutal_patches.storage import keys
from brutal_patches.storage.keys import Key
from brutal_patches.storage.operations import Item, Operation, Put, create
from brutal_patches.storage.table import Table

LIFE = timedelta(hours=24)


class CarriedOut(Conflict):
    """The same request has been carried out already; its answer is on record."""


class Once(msgspec.Struct, frozen=True):
    """One client's key for one request; `fingerprint` tells whether a later one is the same."""

    key: Key
    fingerprint: str
    expires: int


def once(user_id: str, client_key: str, route: str, body: bytes, now: datetime) -> Once:
    """The mark of this user's request with an `Idempotency-Key` of `client_key`."""
    fingerprint = hashlib.sha256(route.encode() + b"\x00" + body).hexdigest()
    key = keys.idempotency(user_id, hashlib.sha256(client_key.encode()).hexdigest())
    return Once(key, fingerprint, int((now + LIFE).timestamp()))


async def write_once(table: Table, mark: Once | None, answer: bytes, *operations: Operation) -> bytes:
    """Carry out `operations` with a record of `answer`, or return the answer that is on record.

    Raises Unprocessable when the key was used for another request.
    """
    if mark is None:
        await table.write(*operations)
        return answer
    try:
        await table.write(*operations, _record(mark, answer))
    except CarriedOut:
        return await recorded(table, mark) or answer
    return answer


async def recorded(table: Table, mark: Once | None) -> bytes | None:
    """The answer that an earlier request of this mark got, or None; a key used otherwise is refused."""
    item = await table.get(mark.key) if mark else None
    if item is None or mark is None:
        return None
    if item["fingerprint"] != mark.fingerprint:
        raise Unprocessable("This Idempotency-Key was used for another request; please use a new one.")
    return bytes(item["answer"]) if isinstance(item["answer"], bytes) else None


def _record(mark: Once, answer: bytes) -> Put:
    item: Item = {"fingerprint": mark.fingerprint, "answer": answer, "expires": mark.expires}
    return create(mark.key, item, CarriedOut("This request has been carried out already."))
