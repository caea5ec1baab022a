"""Each fault on each storage operation, once, twice, or for as long as storage tries."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count

import msgspec
import pytest

from brutal_patches.clock import SystemClock, monotonic
from brutal_patches.errors import Conflict, Unavailable
from brutal_patches.settings import Settings
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Table
from tests.faults.operations import Case, cases
from tests.faults.proxy import OPERATIONS, Fault, FaultProxy, kinds_for
from tests.faults.record import Record

PATIENCE = Patience(tries=4, base=0.001, cap=0.02, connect=1, read=0.3, total=2.5)
LASTING = 20
MIXES: list[tuple[int, Fault | None]] = [(1, None), (2, None), (1, "throttle"), (1, "reset_before"), (LASTING, None)]


@pytest.fixture
def proxy(proxy: FaultProxy) -> FaultProxy:
    """It holds back for longer than storage waits."""
    proxy.hold = 0.4
    return proxy


@pytest.fixture
async def shaken(settings: Settings, proxy: FaultProxy) -> AsyncIterator[Table]:
    """Storage that reaches its engine through the proxy."""
    through = msgspec.structs.replace(settings.dynamodb, endpoint_url=proxy.url)
    async with open_table(through, SystemClock(), PATIENCE) as opened:
        yield opened


async def outcome(case: Case, shaken: Table) -> str:
    """What the caller was told: `right`, `refused` or `unavailable`; a wrong answer fails."""
    try:
        answer = await case.call(shaken)
    except Unavailable as fault:
        assert fault.retry_after
        return "unavailable"
    except Conflict:
        return "refused"
    assert case.answer == answer
    return "right"


async def check(case: Case, told: str, table: Table) -> None:
    """What the caller was told agrees with what storage holds."""
    applied = await case.effect(table) if case.effect else True
    if case.refusal:
        assert told in {"refused", "unavailable"}
        assert not applied
    else:
        assert told in {"right", "unavailable"}
        assert applied or told == "unavailable", "an acknowledged write is not there"


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_answers_rightly_or_not_at_all(
    shaken: Table, table: Table, proxy: FaultProxy, record: Record, operation: str
) -> None:
    """The truth, a refusal that is meant, or Unavailable; and the next call goes through."""
    told_of: list[tuple[Case, str]] = []
    for number, (case, fault) in enumerate(planned(operation, record)):
        for put in case.before:
            await table.write_many([put])
        # A seed takes another mix for each fault, so that all are met; those that wait are met once.
        mix = number if record.is_full or fault not in {"delay", "late"} else 0
        times, second = MIXES[mix % len(MIXES)]
        proxy.plan(operation, *[fault] * times, *([second] if second else []))
        told = await outcome(case, shaken)
        proxy.forget()
        healed = monotonic()
        await shaken.ping()
        record.most("seconds until storage answers again", monotonic() - healed)
        await check(case, told, table)
        told_of.append((case, told))
        record.count("operations under faults", told)
    # What was held back has arrived by now, and must not have changed what was said.
    await asyncio.sleep(proxy.hold)
    for case, told in told_of:
        await check(case, told, table)


def planned(operation: str, record: Record) -> Iterator[tuple[Case, Fault]]:
    """Every case of the operation with every fault that can meet it, on keys of its own."""
    numbers = count()
    for _ in range(record.size(full=20, seed=1)):
        for fault in kinds_for(operation):
            for place in range(sum(case.operation == operation for case in cases(0))):
                yield [case for case in cases(next(numbers)) if case.operation == operation][place], fault
