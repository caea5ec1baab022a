"""What admins can turn while the service runs, kept in the table and obeyed by every task within seconds."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from loguru import logger
from msgspec import UNSET, Meta, UnsetType

from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import PreconditionFailed, Unavailable
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item, to_item
from brutal_patches.storage.operations import Operation, Put
from brutal_patches.storage.table import Table

POLL_SECONDS = 2.0
RETRY_AFTER_SECONDS = 120
_RESTING = "The service is being maintained: patches can be read, and changes are possible again soon."

type Level = Literal["debug", "info", "warning", "error"]
type Most = Annotated[int, Meta(ge=1, le=1_000_000)]
type Told = Annotated[str, Meta(max_length=500)]


class Positions(msgspec.Struct, frozen=True, rename="camel"):
    """How the switches stand. `rate_limit` (requests in a window) and `log_level` are null where the environment rules.

    In `maintenance` whoever wants to change something is told `message`, and when to come back.
    """

    maintenance: bool = False
    message: str = ""
    registration: bool = True
    rate_limit: int | None = None
    log_level: Level | None = None
    version: int = 0
    updated_at: str = ""


class Change(msgspec.Struct, frozen=True, rename="camel"):
    """Which switches to turn; those that are absent stay as they are."""

    maintenance: bool | UnsetType = UNSET
    message: Told | UnsetType = UNSET
    registration: bool | UnsetType = UNSET
    rate_limit: Most | UnsetType | None = UNSET
    log_level: Level | UnsetType | None = UNSET


class Switches:
    """The switches as this task knows them; `follow` keeps it up to date, `listen` tells of each change."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._listeners: list[Callable[[Positions], None]] = []
        self.positions = Positions()

    def listen(self, listener: Callable[[Positions], None]) -> None:
        """Call `listener` with the positions whenever they have changed."""
        self._listeners.append(listener)

    async def refresh(self) -> Positions:
        """Read how they stand now."""
        item = await self._table.get(keys.setting("switches"))
        self.take(from_item(Positions, item) if item else Positions())
        return self.positions

    async def follow(self) -> None:
        """Refresh every two seconds, for ever; while they cannot be read they stay as they were."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except Unavailable:
                logger.warning("the settings cannot be read; they stay as they were")

    def take(self, positions: Positions) -> None:
        """Obey these positions from now on."""
        if positions != self.positions:
            self.positions = positions
            for listener in self._listeners:
                listener(positions)

    def turned(self, change: Change) -> Positions:
        """The positions after `change`."""
        changes = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
        present = self.positions
        return msgspec.structs.replace(
            present, **changes, version=present.version + 1, updated_at=timestamp(self._clock)
        )

    async def turn(self, positions: Positions, *more: Operation) -> None:
        """Keep `positions` for all tasks, and obey them here at once; refused if others were kept meanwhile."""
        raced = PreconditionFailed("The settings were changed meanwhile; please load them again.")
        kept = Put(
            keys.setting("switches"),
            to_item(positions),
            "attribute_not_exists(pk) OR version = :seen",
            {":seen": positions.version - 1},
            otherwise=raced,
        )
        await self._table.write(kept, *more)
        self.take(positions)


def resting(positions: Positions) -> Unavailable:
    """The refusal of a change while maintenance goes on."""
    return Unavailable(positions.message or _RESTING, retry_after=RETRY_AFTER_SECONDS)
