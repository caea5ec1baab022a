"""Atom feeds (RFC 4287) of new patches, from memory."""

import re
from collections.abc import Sequence
from urllib.parse import quote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from brutal_patches.accounts.submission import fold
from brutal_patches.catalogue.entries import Place
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.catalogue.orderings import newest
from brutal_patches.errors import NotFound
from brutal_patches.patches.model import Patch

ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = "2015-01-01T00:00:00.000000Z"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Feeds:
    """Writes the feeds; `public_url` is where readers find the service."""

    def __init__(self, feeder: Feeder, public_url: str) -> None:
        self._feeder = feeder
        self._url = public_url.rstrip("/")

    def latest(self) -> bytes:
        """The newest public patches."""
        return self._feed("latest.atom", "New MicroBrute patches", self._feeder.memory.orderings.all)

    def of_author(self, username: str) -> bytes:
        """The newest public patches of one author; NotFound where there are none."""
        places = self._feeder.memory.orderings.by_author(fold(username))
        if not places:
            raise NotFound("This author has no public patches.")
        return self._feed(f"users/{quote(fold(username), safe='')}.atom", f"MicroBrute patches by {username}", places)

    def of_tag(self, tag: str) -> bytes:
        """The newest public patches with a tag; NotFound where there are none."""
        memory = self._feeder.memory
        if tag not in memory.tags:
            raise NotFound("No public patch has this tag.")
        places = [place for place in memory.orderings.all if tag in memory.tagged(place[1])]
        return self._feed(f"tags/{quote(tag, safe='')}.atom", f"MicroBrute patches tagged {tag}", places)

    def _feed(self, path: str, title: str, places: Sequence[Place]) -> bytes:
        memory = self._feeder.memory
        entries = [entry for _, patch_id in newest(list(places), 0, ENTRIES) if (entry := memory.public(patch_id))]
        patches = [entry.patch() for entry in entries]
        feed = Element("feed", xmlns=_ATOM)
        _add(feed, "id", f"{self._url}/feeds/{path}")
        _add(feed, "title", title)
        _add(feed, "updated", max((patch.updated_at for patch in patches), default=_NEVER))
        SubElement(feed, "link", rel="self", type="application/atom+xml", href=f"{self._url}/feeds/{path}")
        SubElement(feed, "link", rel="alternate", href=f"{self._url}/")
        for patch in patches:
            self._describe(SubElement(feed, "entry"), patch)
        written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
        return written

    def _describe(self, entry: Element, patch: Patch) -> None:
        _add(entry, "id", f"{self._url}/p/{patch.id}")
        _add(entry, "title", patch.title)
        _add(entry, "published", patch.created_at)
        _add(entry, "updated", patch.updated_at)
        _add(SubElement(entry, "author"), "name", patch.username)
        SubElement(entry, "link", rel="alternate", href=f"{self._url}/p/{patch.id}")
        for tag in patch.tags:
            SubElement(entry, "category", term=_clean(tag))
        _add(entry, "summary", patch.description or patch.title)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Without the characters that XML does not know."""
    return _NOT_XML.sub("", text)
