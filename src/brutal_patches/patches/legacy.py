"""Rows of the predecessor's export as patches of ours: every row is kept, and every change of it is told."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import msgspec

from brutal_patches.clock import rfc3339
from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.model import PatchBody
from brutal_patches.patches.panel import CENTRE, CONTROLS, JACKS, Control
from brutal_patches.patches.submission import read_body

KEEPER = "legacy-user"
"""Who owns what has no author."""

UNKNOWN_TIME = "1970-01-01T00:00:00.000000Z"
_HIGHEST_ID = 2**53 - 1
_READ = {
    *(control.field for control in CONTROLS),
    *("id", "title", "description", "modmatrix", "tags", "category", "isPublic", "isLatest", "username"),
    *("created_at", "updated_at", "updatedAt"),
}
_SPACES = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": ""}


class Amendment(msgspec.Struct, frozen=True):
    """One thing that was changed in a row, and why."""

    id: int | str
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
    """The row has no id that a patch can have, so nothing can be kept under it."""


def read_row(row: Mapping[str, Any]) -> LegacyPatch:
    """The patch of `row`. Raises NotAPatch for one without an id above zero that a browser can count to."""
    patch_id = _integer(row.get("id"))
    if patch_id is None or not 0 < patch_id <= _HIGHEST_ID:
        raise NotAPatch(f"a row has the id {row.get('id')!r}, which is none")
    reading = _Reading(patch_id)
    fields: dict[str, Any] = {control.field: reading.position(row, control) for control in CONTROLS}
    reading.mend_untouched(row, fields)
    fields |= {
        "title": reading.title(row),
        "description": reading.text(row, "description", 5000),
        "modmatrix": reading.cables(row.get("modmatrix")),
        "tags": reading.tags(row.get("tags")),
        "isPublic": reading.visibility(row.get("isPublic")),
    }
    if category := reading.category(row.get("category")):
        fields["category"] = category
    reading.drop_rest(row)
    created = reading.moment(row, "created_at", UNKNOWN_TIME)
    # The predecessor's updates wrote the camel-case name beside the other.
    updated = max(reading.moment(row, name, created) for name in ("updated_at", "updatedAt"))
    return LegacyPatch(
        patch_id,
        read_body(fields),
        str(row.get("username") or KEEPER),
        created,
        updated,
        tuple(reading.amendments),
    )


class RowReading:
    """Reads the fields of one row and notes what it changes."""

    def __init__(self, row_id: int | str) -> None:
        self._id = row_id
        self.amendments: list[Amendment] = []

    def amend(self, field: str, before: Any, after: Any, why: str) -> Any:
        """`after`, noted where it differs."""
        if before != after or isinstance(before, bool):
            self.amendments.append(Amendment(self._id, field, before, after, why))
        return after

    def moment(self, row: Mapping[str, Any], field: str, otherwise: str) -> str:
        """The time in `field` as RFC 3339."""
        sent = row.get(field)
        if not sent:
            return otherwise
        try:
            found = datetime.fromisoformat(str(sent))
            # The predecessor wrote UTC without saying so.
            return rfc3339(found if found.tzinfo else found.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            return str(self.amend(field, sent, otherwise, "is not a time"))


class _Reading(RowReading):
    """Reads the fields of a patch."""

    def position(self, row: Mapping[str, Any], control: Control) -> int:
        sent = row.get(control.field)
        if sent is None:
            return control.initial
        if isinstance(sent, float) and 0 < sent < 1:
            return int(self.amend(control.field, sent, control.initial, "is what stood for a control that was not set"))
        position = round(sent) if isinstance(sent, float) and isfinite(sent) else _integer(sent)
        if isinstance(sent, float) and position != sent:
            self.amend(control.field, sent, position, "lies between two positions")
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

    def visibility(self, sent: Any) -> bool:
        """What was hidden in any spelling stays hidden."""
        if sent is None or isinstance(sent, bool):
            return sent is not False
        return bool(self.amend("isPublic", sent, str(sent).lower() not in {"false", "0", "no"}, "is not true or false"))

    def category(self, sent: Any) -> str | None:
        if not sent or sent in [category.id for category in CATEGORIES]:
            return sent or None
        self.amend("category", sent, None, "is not a category")
        return None

    def cables(self, sent: Any) -> list[dict[str, str]]:
        drawn = [cable for cable in sent if isinstance(cable, dict)] if isinstance(sent, list) else []
        kept: list[dict[str, str]] = []
        for cable in drawn:
            plain = {"source": str(cable.get("source")), "target": str(cable.get("target"))}
            if set(plain.values()) <= set(JACKS) and plain not in kept and len(kept) < 16:
                kept.append(plain)
        if sent and (not isinstance(sent, list) or len(kept) < len(sent)):
            self.amend("modmatrix", sent, kept, "has a cable twice, or one to no jack")
        return kept

    def tags(self, sent: Any) -> list[str]:
        texts = [" ".join(tag.split())[:40] for tag in sent if isinstance(tag, str)] if isinstance(sent, list) else []
        kept = [tag for tag in dict.fromkeys(texts) if tag][:20]
        if sent:
            self.amend("tags", sent, kept, "has tags that are empty, double or too long")
        return kept

    def drop_rest(self, row: Mapping[str, Any]) -> None:
        """A rating without votes, and whatever else a client may have put into the row."""
        for field in sorted(set(row) - _READ):
            rating = field in {"average_rating", "rating"}
            if row[field] not in ("", None):
                after = "" if rating else None
                self.amend(field, row[field], after, "has no votes behind it" if rating else "is not kept")


def _integer(sent: Any) -> int | None:
    if isinstance(sent, bool):
        return None
    if isinstance(sent, int):
        return sent
    if isinstance(sent, float) and sent.is_integer():
        return int(sent)
    return int(sent) if isinstance(sent, str) and re.fullmatch(r"-?\d{1,16}", sent) else None
