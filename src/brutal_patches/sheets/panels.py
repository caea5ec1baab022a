"""Panels without an account: as codes, by chance, by small steps, and between two others."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from brutal_patches.clock import Clock
from brutal_patches.errors import FieldError, Invalid, NotFound
from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.submission import read_panel
from brutal_patches.sheets import lab
from brutal_patches.sheets.codes import NotACode, from_code, to_code
from brutal_patches.sheets.drawings import Drawings, Drawn, Form
from brutal_patches.sheets.layout import Part
from brutal_patches.sheets.sheet import Options, Sheet

type Given = Annotated[
    str | dict[str, Any], Meta(description="A panel: its code, or its settings as a patch has them.")
]
type Seed = Annotated[int, Meta(ge=0, le=2**53, description="The same seed gives the same panel.")]
type Amount = Annotated[float, Meta(ge=0, le=1)]
type Locked = Annotated[tuple[Part, ...], Meta(max_length=8, description="Sections that stay as they are.")]
_SEED_BYTES = 6


class Random(msgspec.Struct, kw_only=True):
    """A panel by chance; locked sections are as in `panel`."""

    panel: Given = msgspec.field(default_factory=dict)
    seed: Seed | None = None
    locked: Locked = ()


class Mutation(msgspec.Struct, kw_only=True):
    """A panel some steps away: `amount` 0 changes nothing, 1 nearly everything."""

    panel: Given
    seed: Seed | None = None
    amount: Amount = 0.25
    locked: Locked = ()


class Morph(msgspec.Struct, kw_only=True):
    """What stands between two panels: `amount` 0 is the one, 1 the other; locked sections are as in `one`.

    Switches and cables change half-way; with a `seed` each by itself, with the chance `amount`.
    """

    one: Given
    other: Given
    amount: Amount = 0.5
    seed: Seed | None = None
    locked: Locked = ()


class CodedPanel(msgspec.Struct, frozen=True, omit_defaults=True):
    """A panel with its code, and the address of its sheet; `seed` makes it again where chance made it."""

    code: str
    panel: WiredPanel
    sheet: str
    seed: int | None = None


class Panels:
    """Nothing is stored: a code is the whole panel."""

    def __init__(self, drawings: Drawings, clock: Clock, url: str) -> None:
        self._drawings = drawings
        self._clock = clock
        self._url = url.rstrip("/")

    def encode(self, panel: WiredPanel) -> CodedPanel:
        """`panel` with its code."""
        return _coded(panel)

    def decode(self, code: str) -> CodedPanel:
        """The panel of a code."""
        return _coded(_found(code))

    async def sheet(self, code: str, options: Options, form: Form) -> Drawn:
        """The sheet of a code's panel."""
        url = f"{self._url}/api/panels/{code}/sheet"
        return await self._drawings.draw(Sheet(_found(code), f"Panel {code}", url=url), options, form)

    def random(self, asked: Random) -> CodedPanel:
        """A panel by chance that can be heard."""
        seed = self._seed(asked.seed)
        return _coded(lab.random_panel(seed, asked.locked, _read("panel", asked.panel)), seed)

    def mutate(self, asked: Mutation) -> CodedPanel:
        """A panel near another."""
        seed = self._seed(asked.seed)
        return _coded(lab.mutate(_read("panel", asked.panel), seed, asked.amount, asked.locked), seed)

    def morph(self, asked: Morph) -> CodedPanel:
        """A panel between two others."""
        one, other = _read("one", asked.one), _read("other", asked.other)
        return _coded(lab.morph(one, other, asked.amount, asked.seed, asked.locked), asked.seed)

    def _seed(self, given: int | None) -> int:
        return int.from_bytes(self._clock.random(_SEED_BYTES)) if given is None else given


def _coded(panel: WiredPanel, seed: int | None = None) -> CodedPanel:
    try:
        code = to_code(panel)
    except NotACode as fault:
        raise Invalid(f"This panel has no code: {fault}.") from None
    return CodedPanel(code, from_code(code), f"/api/panels/{code}/sheet", seed)


def _found(code: str) -> WiredPanel:
    try:
        return from_code(code)
    except NotACode as fault:
        raise NotFound(f"There is no such panel: {fault}.") from None


def _read(field: str, given: str | dict[str, Any]) -> WiredPanel:
    """The panel that a body has in `field`, as a code or as settings."""
    if isinstance(given, str):
        try:
            return from_code(given)
        except NotACode as fault:
            raise Invalid("The panel cannot be read.", errors=[FieldError(field, str(fault))]) from None
    try:
        return read_panel(given)
    except Invalid as fault:
        named = [FieldError(f"{field}.{each.field}", each.message) for each in fault.errors]
        raise Invalid("The panel cannot be read.", errors=named) from None
