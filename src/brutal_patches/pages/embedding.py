"""A patch's picture for other people's pages, as oEmbed 1.0 has it."""

import msgspec

from brutal_patches.sheets.lettering import escape


class Embedding(msgspec.Struct, frozen=True, kw_only=True):
    """What oEmbed calls a photo; `cache_age` is in seconds, sizes are in pixels."""

    type: str = "photo"
    version: str = "1.0"
    title: str
    author_name: str
    author_url: str
    provider_name: str = "Brutal Patches"
    provider_url: str
    cache_age: int = 3600
    url: str
    width: int
    height: int


def in_xml(embedding: Embedding) -> str:
    """The same for those who ask for XML (oEmbed, 2.3.4.2)."""
    told = "".join(
        f"<{name}>{escape(str(value))}</{name}>" for name, value in msgspec.structs.asdict(embedding).items()
    )
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{told}</oembed>\n'
