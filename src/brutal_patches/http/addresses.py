"""Whose request this is, when it came through proxies."""

import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache

from brutal_patches.settings import Network

_HOPS = 32
_IPV6_HOME = 64
_REMEMBERED = 20_000
_SHORT = 100


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a trusted proxy's: `peer`, or the rightmost such of X-Forwarded-For.

    What a client writes into the header stands to the left of what our proxies add, so it is never reached.
    """
    address = peer
    for hop in reversed(forwarded_for.split(",")[-_HOPS:]) if forwarded_for else ():
        if not _is_trusted(address, trusted):
            break
        parsed = _parse(hop.strip())
        if parsed is None:
            break
        address = str(parsed)
    return address


def addressing(trusted: Sequence[Network]) -> Callable[[str, str], str]:
    """`client_address` where these proxies are trusted, remembering the answers for headers of everyday length."""

    def find(peer: str, forwarded_for: str) -> str:
        return client_address(peer, forwarded_for, trusted)

    remembered = lru_cache(_REMEMBERED)(find)
    return lambda peer, forwarded_for: (remembered if len(forwarded_for) <= _SHORT else find)(peer, forwarded_for)


@lru_cache(_REMEMBERED)
def neighbourhood(address: str) -> str:
    """What limits count: an IPv4 address, or the /64 that one IPv6 subscriber has to himself."""
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_HOME), strict=False))
    return address


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    if not trusted:
        return False
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in trusted)
