"""Sheets of patches, alone and beside each other, for whoever may see them."""

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.catalogue.reading import Reading
from brutal_patches.patches.model import Patch
from brutal_patches.sheets.drawings import Drawings, Drawn, Form
from brutal_patches.sheets.moves import Move, moves
from brutal_patches.sheets.sheet import Options, sheet_of


class Named(msgspec.Struct, frozen=True):
    """A patch by its id, as it is called."""

    id: int
    title: str
    username: str


class Difference(msgspec.Struct, frozen=True):
    """The moves that lead from one patch to another, in the order of the panel."""

    one: Named
    other: Named
    total: int
    moves: tuple[Move, ...]


class Showing:
    """Every answer comes with whether it is for its owner alone."""

    def __init__(self, reading: Reading, drawings: Drawings, url: str) -> None:
        self._reading = reading
        self._drawings = drawings
        self._url = url.rstrip("/")

    async def sheet(self, actor: Actor, patch_id: int, options: Options, form: Form) -> tuple[Drawn, bool]:
        """A patch as its sheet."""
        patch = await self._reading.find(actor, patch_id)
        return await self._drawings.draw(sheet_of(patch, self._url), options, form), self._is_own(patch)

    async def difference(self, actor: Actor, one_id: int, other_id: int) -> tuple[Difference, bool]:
        """What to move to get from one patch to another."""
        one, other = await self._reading.find(actor, one_id), await self._reading.find(actor, other_id)
        made = tuple(moves(one, other))
        return Difference(_named(one), _named(other), len(made), made), self._is_own(one, other)

    async def ghost(self, actor: Actor, one_id: int, other_id: int, options: Options, form: Form) -> tuple[Drawn, bool]:
        """The other patch as its sheet, with the one as ghost pointers; in words, the moves."""
        one, other = await self._reading.find(actor, one_id), await self._reading.find(actor, other_id)
        before = sheet_of(one, self._url)
        beside = msgspec.structs.replace(options, ghost=before.panel, ghost_title=one.title)
        return await self._drawings.draw(sheet_of(other, self._url), beside, form), self._is_own(one, other)

    def _is_own(self, *patches: Patch) -> bool:
        """Whether somebody else would not get this answer."""
        return any(self._reading.memory.public(patch.id) is None for patch in patches)


def _named(patch: Patch) -> Named:
    return Named(patch.id, patch.title, patch.username)
