"""Addresses that the firewall refuses."""

import ipaddress

import msgspec

from brutal_patches.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from brutal_patches.operations.cloud import ChangedMeanwhile, Cloud
from brutal_patches.operations.names import Names

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_TRIES = 3
_MOST = 10_000


class BlockList(msgspec.Struct, frozen=True):
    """What one of the two sets holds; `lock` is what a change must show."""

    name: str
    id: str
    lock: str
    addresses: tuple[str, ...]


def network(text: str) -> Network:
    """An address or a range such as 192.0.2.0/24, as the firewall writes it. Raises Invalid."""
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as fault:
        told = FieldError("address", "must be an address such as 192.0.2.7, or a range such as 2001:db8::/32")
        raise Invalid(f"{text!r} is no IP address.", errors=[told]) from fault
    if found.prefixlen == 0:
        raise Invalid("This would block everybody.")
    if found.is_private and not _is_documentation(found):
        raise Invalid(f"{found} is a private range: the load balancer sees public addresses alone.")
    return found


def _is_documentation(found: Network) -> bool:
    """Examples in books, which are harmless to block and useful to try the command with."""
    return any(_lies_in(found, one) for one in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))


async def block_list(cloud: Cloud, names: Names, version: int) -> BlockList:
    """One of the two sets, as it stands now."""
    wanted = names.block_list(version)
    found = await _find(cloud, wanted)
    if found is None:
        raise Unavailable(f"There is no block list {wanted} in {cloud.region}. Is the stage's edge stack deployed?")
    answer = await cloud.ask("wafv2", "get_ip_set", Name=wanted, Scope="REGIONAL", Id=found)
    return BlockList(wanted, found, answer["LockToken"], tuple(answer["IPSet"]["Addresses"]))


async def _find(cloud: Cloud, wanted: str) -> str | None:
    marker: dict[str, str] = {}
    while True:
        answer = await cloud.ask("wafv2", "list_ip_sets", Scope="REGIONAL", Limit=100, **marker)
        for one in answer["IPSets"]:
            if one["Name"] == wanted:
                return str(one["Id"])
        # AWS gives a marker with a last page, too; an empty page is the end.
        if not answer["IPSets"] or not answer.get("NextMarker"):
            return None
        marker = {"NextMarker": answer["NextMarker"]}


async def block(cloud: Cloud, names: Names, address: Network) -> bool:
    """Refuse everything from `address`; False where it was refused before."""
    return await _edit(cloud, names, address, present=True)


async def unblock(cloud: Cloud, names: Names, address: Network) -> bool:
    """Let `address` in again; NotFound where it was not blocked, and inside which range it is, if in any."""
    return await _edit(cloud, names, address, present=False)


async def _edit(cloud: Cloud, names: Names, address: Network, *, present: bool) -> bool:
    for attempt in range(_TRIES):
        held = await block_list(cloud, names, address.version)
        if present and _within(address, held):
            return False
        if not present and str(address) not in held.addresses:
            around = _within(address, held)
            told = f" It lies in {around}, which is." if around else ""
            raise NotFound(f"{address} is not blocked.{told}")
        addresses = sorted({*held.addresses, str(address)} if present else {*held.addresses} - {str(address)})
        if len(addresses) > _MOST:
            raise Conflict(f"The block list is full: it takes {_MOST} entries. Block ranges, or free some.")
        try:
            await cloud.change(
                "wafv2",
                "update_ip_set",
                Name=held.name,
                Scope="REGIONAL",
                Id=held.id,
                Addresses=addresses,
                LockToken=held.lock,
                Description="Addresses that operators have blocked",
            )
        except ChangedMeanwhile:
            if attempt == _TRIES - 1:
                raise
        else:
            return True
    raise AssertionError  # pragma: no cover - the last try returns or raises.


def _within(address: Network, held: BlockList) -> str:
    """The blocked range in which `address` lies, itself included; empty where there is none."""
    for text in held.addresses:
        if _lies_in(address, text):
            return text
    return ""


def _lies_in(address: Network, text: str) -> bool:
    around = ipaddress.ip_network(text)
    return around.version == address.version and address.subnet_of(around)  # type: ignore[arg-type]  # Of one version.
