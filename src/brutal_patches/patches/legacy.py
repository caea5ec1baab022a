"""Rows of the predecessor's export as patches of ours: every row is kept, and every change of it is told."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from brutal_patches.clock import rfc3339
from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.model import PatchBody
from brutal_patches.patches.panel import CENTRE, CONTROLS, JACKS, Control
from brutal_patches.patches.submission import read_body

KEEPER = "legacy-user"
"""Who owns what has no author."""

_UNKNOWN_TIME = "1970-01-01T00:00:00.000000Z"
_SPACES = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": ""}


class Amendment(msgspec.Struct, frozen=True):
    """One thing that was changed in a row, and why."""

    id: int
    field: str
    before: Any
    after: Any
    why: str


class LegacyPatch(msgspec.Struct, frozen=True):
    """A row as it is kept, with what was changed in it."""

    id: int
    body: PatchBody
    username: str
    created_at: str
    updated_at: str
    amendments: tuple[Amendment, ...]


class NotAPatch(ValueError):
    """The row has no id, so nothing can be kept under it."""


def read_row(row: Mapping[str, Any]) -> LegacyPatch:
    """The patch of `row`. Raises NotAPatch for one without an id above zero."""
    patch_id = _integer(row.get("id"))
    if patch_id is None or patch_id <= 0:
        raise NotAPatch(f"a row has the id {row.get('id')!r}, which is none")
    reading = _Reading(patch_id)
    fields: dict[str, Any] = {control.field: reading.position(row, control) for control in CONTROLS}
    reading.mend_untouched(row, fields)
    fields |= {
        "title": reading.title(row),
        "description": reading.text(row, "description", 5000),
        "modmatrix": reading.cables(row.get("modmatrix")),
        "tags": reading.tags(row.get("tags")),
        "isPublic": row.get("isPublic") is not False,
    }
    if row.get("category") in {category.id for category in CATEGORIES}:
        fields["category"] = row["category"]
    reading.drop_rating(row)
    created = reading.moment(row, "created_at", _UNKNOWN_TIME)
    return LegacyPatch(
        patch_id,
        read_body(fields),
        str(row.get("username") or KEEPER),
        created,
        reading.moment(row, "updated_at", created),
        tuple(reading.amendments),
    )


class _Reading:
    """Reads the fields of one row and notes what it changes."""

    def __init__(self, patch_id: int) -> None:
        self._id = patch_id
        self.amendments: list[Amendment] = []

    def amend(self, field: str, before: Any, after: Any, why: str) -> Any:
        """`after`, noted where it differs."""
        if before != after or isinstance(before, bool):
            self.amendments.append(Amendment(self._id, field, before, after, why))
        return after

    def position(self, row: Mapping[str, Any], control: Control) -> int:
        sent = row.get(control.field)
        if sent is None:
            return control.initial
        position = _integer(sent)
        if position is None:
            return int(self.amend(control.field, sent, control.initial, "is not a number"))
        if control.field == "octave" and position == 0:
            return int(self.amend("octave", 0, control.initial, "0 was how a client wrote that it was not touched"))
        nearest = min(max(position, control.low), control.high)
        if nearest != position:
            self.amend(control.field, position, nearest, "is out of the control's range")
        return nearest

    def mend_untouched(self, row: Mapping[str, Any], fields: dict[str, Any]) -> None:
        """The client that wrote octave 0 wrote 0 for an untouched Env Amt too, whose rest is the centre."""
        if row.get("octave") == 0 and row.get("env_amt") == 0:
            fields["env_amt"] = self.amend("env_amt", 0, CENTRE, "0 was how a client wrote that it was not touched")

    def title(self, row: Mapping[str, Any]) -> str:
        title = self.text(row, "title", 120).replace("\n", " ").replace("\t", " ").strip()
        return title or str(self.amend("title", row.get("title"), f"Untitled {self._id}", "is empty"))

    def text(self, row: Mapping[str, Any], field: str, longest: int) -> str:
        sent = row.get(field)
        if sent is None:
            return ""
        clean = unicodedata.normalize("NFC", str(sent).replace("\r\n", "\n").replace("\r", "\n"))
        for odd, plain in _SPACES.items():
            clean = clean.replace(odd, plain)
        clean = "".join(each for each in clean if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"})
        return str(self.amend(field, sent, clean[:longest], "has odd spaces or characters, or is too long"))

    def cables(self, sent: Any) -> list[dict[str, str]]:
        drawn = [cable for cable in sent if isinstance(cable, dict)] if isinstance(sent, list) else []
        kept: list[dict[str, str]] = []
        for cable in drawn:
            plain = {"source": str(cable.get("source")), "target": str(cable.get("target"))}
            if set(plain.values()) <= set(JACKS) and plain not in kept and len(kept) < 16:
                kept.append(plain)
        if len(kept) < len(sent if isinstance(sent, list) else []):
            self.amend("modmatrix", sent, kept, "has a cable twice, or one to no jack")
        return kept

    def tags(self, sent: Any) -> list[str]:
        texts = [" ".join(tag.split())[:40] for tag in sent if isinstance(tag, str)] if isinstance(sent, list) else []
        kept = [tag for tag in dict.fromkeys(texts) if tag][:20]
        if sent:
            self.amend("tags", sent, kept, "has tags that are empty, double or too long")
        return kept

    def drop_rating(self, row: Mapping[str, Any]) -> None:
        if row.get("average_rating"):
            self.amend("average_rating", row["average_rating"], "", "has no votes behind it")

    def moment(self, row: Mapping[str, Any], field: str, otherwise: str) -> str:
        sent = row.get(field)
        if not sent:
            return otherwise
        try:
            found = datetime.fromisoformat(str(sent))
        except ValueError:
            return str(self.amend(field, sent, otherwise, "is not a time"))
        # The predecessor wrote UTC without saying so.
        return rfc3339(found if found.tzinfo else found.replace(tzinfo=UTC))


def _integer(sent: Any) -> int | None:
    if isinstance(sent, bool):
        return None
    if isinstance(sent, int):
        return sent
    if isinstance(sent, float) and sent == sent // 1:
        return int(sent)
    return int(sent) if isinstance(sent, str) and re.fullmatch(r"-?\d{1,9}", sent) else None
