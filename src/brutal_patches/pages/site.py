"""The pages that a browser gets: a patch, a collection, the way to browse, and what links to a patch unfurl to.

They are the same for everybody, whoever is logged in: only what is public is on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

import msgspec

from brutal_patches.actor import ANONYMOUS
from brutal_patches.catalogue import finding
from brutal_patches.catalogue.question import MAX_OFFSET, read_question
from brutal_patches.catalogue.reading import Reading
from brutal_patches.collections.service import Collections
from brutal_patches.errors import Invalid, NotFound
from brutal_patches.pages.embedding import Embedding
from brutal_patches.pages.templates import render
from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.lint import lint
from brutal_patches.patches.model import Patch
from brutal_patches.sheets import words
from brutal_patches.sheets.layout import TITLES
from brutal_patches.sheets.lettering import clean

ON_A_PAGE = 24
RELATED = 6
_MOST_PAGES = MAX_OFFSET // ON_A_PAGE
_SUMMARY = 200
_PREVIEW = (1200, 630)
_NARROWEST = 100
_ORDERS = (("", "Best match"), ("created_at", "Newest"), ("rating", "Best rated"), ("title", "By title"))
_KEPT = ("tags", "username", "cable")
_NAMES: Mapping[object, str] = {each.id: each.name for each in CATEGORIES}
_DECODER = msgspec.json.Decoder(Patch)


class Page(msgspec.Struct, frozen=True):
    """A page and its status."""

    body: bytes
    status: int = 200


class _Results(msgspec.Struct):
    """What a search found, as far as a page shows it."""

    patches: list[Patch]
    total: int
    forgiven: bool = False


class _Asked(msgspec.Struct, frozen=True):
    """What the form shows again; `kept` goes on to be asked for, though the form has no field for it."""

    q: str
    category: str
    order: str
    kept: list[tuple[str, str]]


class Site:
    """`url` is where readers find the service."""

    def __init__(self, reading: Reading, collections: Collections, url: str) -> None:
        self._reading = reading
        self._collections = collections
        self._url = url.rstrip("/")

    def patch(self, patch_id: int) -> Page:
        """A patch, or the page that says that there is none."""
        patch = self._public(patch_id)
        if patch is None:
            return _missing("patch")
        url = self._address(patch_id)
        values = {
            "title": f"{patch.title} by {patch.username}",
            "patch": patch,
            "url": url,
            "summary": _summary(patch),
            "alt": f"The panel of a MicroBrute, set to {patch.title}.",
            "preview": self._preview(patch),
            "oembed": f"{self._url}/oembed?{urlencode({'url': url})}",
            "modulation": words.modulation(patch),
            "hints": [hint.message for hint in lint(patch)],
            "sections": [(TITLES[part], lines) for part, lines in words.sections(patch)],
            "related": self._related(patch_id),
            "category_name": _category_name,
        }
        return Page(render("patch.html", **values))

    async def collection(self, collection_id: str) -> Page:
        """A public collection with its public patches in their order, or the page that says that there is none."""
        try:
            page = await self._collections.page(ANONYMOUS, collection_id)
        except NotFound:
            return _missing("collection")
        count = f"{len(page.patches)} patch{'' if len(page.patches) == 1 else 'es'}"
        values = {
            "title": f"{page.name} by {page.username}",
            "collection": page,
            "count": count,
            "url": f"{self._url}/c/{page.id}",
            "summary": _shortened(page.description) or f"{count} for the MicroBrute.",
            "preview": self._preview(page.patches[0]) if page.patches else "",
            "category_name": _category_name,
        }
        return Page(render("collection.html", **values))

    def home(self, pairs: Iterable[tuple[str, str]]) -> Page:
        """What a search finds, or everything; a search that cannot be understood is told why."""
        given = [(name, value) for name, value in pairs if value]
        first = dict(reversed(given))
        asked = _Asked(
            first.get("q", ""),
            first.get("category", "").lower(),
            first.get("sortBy", ""),
            [pair for pair in given if pair[0] in _KEPT],
        )
        try:
            page = _page_number(first.get("page", "1"))
            question = read_question([pair for pair in given if pair[0] != "page"])
        except Invalid as fault:
            faults = [f"{each.field} {each.message}" for each in fault.errors] or [fault.message]
            return Page(_home(asked, _Results([], 0), faults=faults), 400)
        question = msgspec.structs.replace(question, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE)
        found = msgspec.json.decode(self._reading.search(question).body, type=_Results)
        others = [pair for pair in given if pair[0] not in {"page", "limit", "offset"}]
        return Page(_home(asked, found, page, others))

    def embed(self, url: str, widest: int | None, highest: int | None) -> Embedding:
        """The picture of the patch whose page is at `url`. Raises NotFound for every other address."""
        number = url.removeprefix(f"{self._url}/p/").removesuffix("/")
        known = number.isascii() and number.isdecimal() and len(number) < 10 and url != number
        patch = self._public(int(number)) if known else None
        if patch is None:
            raise NotFound("There is no such patch.")
        width, height = _PREVIEW
        shrink = min(1.0, (widest or width) / width, (highest or height) / height)
        wide = max(_NARROWEST, int(width * shrink))
        return Embedding(
            title=clean(patch.title),
            author_name=clean(patch.username),
            author_url=f"{self._url}/?{urlencode({'username': patch.username})}",
            provider_url=f"{self._url}/",
            url=f"{self._preview(patch)}&width={wide}",
            width=wide,
            height=round(wide * height / width),
        )

    def _public(self, patch_id: int) -> Patch | None:
        entry = self._reading.memory.public(patch_id)
        return None if entry is None else _DECODER.decode(entry.body)

    def _related(self, patch_id: int) -> list[Patch]:
        near = finding.related(self._reading.memory, patch_id, RELATED)
        return [patch for other in near if (patch := self._public(other))]

    def _address(self, patch_id: int) -> str:
        return f"{self._url}/p/{patch_id}"

    def _preview(self, patch: Patch) -> str:
        return f"{self._url}/api/patches/{patch.id}/sheet.png?size=card"


def _missing(what: str) -> Page:
    return Page(render("missing.html", title=f"No such {what} · Brutal Patches", what=what), 404)


def _summary(patch: Patch) -> str:
    return (
        _shortened(patch.description) or _shortened(" ".join(words.modulation(patch))) or "A patch for the MicroBrute."
    )


def _shortened(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= _SUMMARY else f"{told[: _SUMMARY - 1]}…"


def _category_name(patch: Patch) -> str:
    return _NAMES.get(patch.category, "")


def _page_number(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= _MOST_PAGES:
        return int(text)
    raise Invalid(f"The page must be a number from 1 to {_MOST_PAGES}.")


def _home(
    asked: _Asked,
    found: _Results,
    page: int = 1,
    pairs: Iterable[tuple[str, str]] = (),
    faults: Sequence[str] = (),
) -> bytes:
    pages = max(1, min(_MOST_PAGES, -(-found.total // ON_A_PAGE)))

    def address(number: int) -> str:
        return f"/?{urlencode([*pairs, ('page', str(number))])}" if 1 <= number <= pages else ""

    return render(
        "home.html",
        title=f"{asked.q} · Brutal Patches" if asked.q else "Brutal Patches: patches for the MicroBrute",
        asked=asked,
        patches=found.patches,
        told="" if faults else _told(found, bool(asked.q or asked.category or asked.kept)),
        faults=faults,
        categories=CATEGORIES,
        orders=_ORDERS,
        page=page,
        pages=pages,
        previous=address(page - 1),
        following=address(page + 1),
        category_name=_category_name,
    )


def _told(found: _Results, narrowed: bool) -> str:
    """How much there is, in a sentence."""
    count = f"{found.total:,} patch{'' if found.total == 1 else 'es'}"
    if found.forgiven:
        return f"Nothing has all of these words; {count} nearly so."
    return f"{count} found." if narrowed else f"{count} in all."
