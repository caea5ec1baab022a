"""ETags and preconditions (RFC 9110, section 13)."""

import hashlib
import re
from typing import Annotated

from litestar.params import HeaderParameter

from brutal_patches.errors import Invalid

IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="ETags of the version that this edit started from.")
]

_TAGS = re.compile(r'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*)*')
_TAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"v(\d{1,9})")

PRIVATE = "private, no-store"
PUBLIC_REVALIDATED = "public, max-age=0, must-revalidate"
REVALIDATED = "private, no-cache"
"""Of what everybody sees, and what changes while the catalogue does not: the express lane leaves it alone."""


def strong_tag(body: bytes) -> str:
    """A strong ETag, quotes included, of exactly these bytes."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def version_tag(version: int, body: bytes) -> str:
    """An ETag from which If-Match reads the version again: `"v3.5f0c…"`."""
    return f'"v{version}.{hashlib.blake2b(body, digest_size=8).hexdigest()}"'


def matches(if_none_match: str, tag: str) -> bool:
    """Whether a client that holds `if_none_match` has this representation, by weak comparison.

    A tag that was sent with a compressed body ends in `-br` or `-gzip`; what it names is the same.
    """
    if if_none_match.strip() == "*":
        return True
    own = _uncoded(tag.removeprefix("W/").strip('"'))
    return any(_uncoded(found) == own for _, found in _TAG.findall(if_none_match))


def _uncoded(tag: str) -> str:
    return tag.removesuffix("-br").removesuffix("-gzip")


def versions_of(if_match: str | None) -> frozenset[int] | None:
    """The versions that an If-Match allows; None allows any.

    `*` allows whatever is there. A weak tag never matches, so a header of only those allows nothing.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    if not _TAGS.fullmatch(if_match):
        raise Invalid('If-Match must be * or a list of ETags such as "v3".')
    strong = [_VERSION.match(tag) for weak, tag in _TAG.findall(if_match) if not weak]
    return frozenset(int(found[1]) for found in strong if found)
