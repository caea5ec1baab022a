"""`ops block-ip`, `unblock-ip`, `blocked`, `revoke`, `rotate-secret` and `maintenance`."""

from typing import Any, cast

import click
import msgspec

from brutal_patches.actor import SYSTEM
from brutal_patches.assembly import Parts
from brutal_patches.cli.exits import USAGE, fail, told
from brutal_patches.cli.ops.shell import Shell, changing, reading
from brutal_patches.errors import Invalid
from brutal_patches.http.switches import Change
from brutal_patches.operations import addresses, revisions, rotation
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.waiting import Pace


class AddressType(click.ParamType[addresses.Network]):
    """An address or a range."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> addresses.Network:
        try:
            return addresses.network(str(value))
        except Invalid as fault:
            self.fail(" ".join([fault.message, *(f"It {error.message}." for error in fault.errors)]), param, ctx)


@click.command("block-ip")
@click.argument("address", type=AddressType())
@changing
def block_ip(shell: Shell, address: addresses.Network) -> None:
    """Refuse everything from ADDRESS (or a range such as 192.0.2.0/24) at the firewall, within about a minute."""
    shell.confirm(f"Block {address} ({_how_many(address)})?")
    new = shell.carry(lambda cloud: addresses.block(cloud, shell.names, address))
    done = "would be blocked" if shell.dry_run else "is blocked"
    text = f"{address} {done}." if new else f"{address} was blocked already."
    told({"address": str(address), "changed": new and not shell.dry_run}, shell.as_json, text)


@click.command("unblock-ip")
@click.argument("address", type=AddressType())
@changing
def unblock_ip(shell: Shell, address: addresses.Network) -> None:
    """Let ADDRESS in again, written as it was blocked."""
    shell.confirm(f"Let {address} in again?")
    shell.carry(lambda cloud: addresses.unblock(cloud, shell.names, address))
    text = f"{address} {'would be' if shell.dry_run else 'is'} let in again."
    told({"address": str(address), "changed": not shell.dry_run}, shell.as_json, text)


@click.command("blocked")
@reading
def blocked(shell: Shell) -> None:
    """List the addresses that the firewall refuses."""

    async def look(cloud: Cloud) -> list[str]:
        lists = [await addresses.block_list(cloud, shell.names, version) for version in (4, 6)]
        return [address for held in lists for address in held.addresses]

    found = shell.carry(look)
    told(found, shell.as_json, "\n".join(found) or "No address is blocked.")


def _how_many(address: addresses.Network) -> str:
    return "one address" if address.num_addresses == 1 else f"{address.num_addresses} addresses"


@click.group("revoke")
def revoke() -> None:
    """End sessions; every task refuses their tokens within seconds."""


@revoke.command("user")
@click.argument("username")
@changing
def revoke_user(shell: Shell, username: str) -> None:
    """Log USERNAME out everywhere."""

    async def end(parts: Parts) -> dict[str, Any]:
        user = await parts.standings.find_by_name(username)
        if not shell.dry_run:
            await parts.standings.end_sessions(SYSTEM, user.id)
        return {"username": user.username, "changed": not shell.dry_run}

    shell.confirm(f"Log {username} out everywhere?")
    done = shell.carry_on_tables(end)
    did = "would have to" if shell.dry_run else "has to"
    told(done, shell.as_json, f"{done['username']} {did} log in again everywhere.")


@revoke.command("all")
@changing
def revoke_all(shell: Shell) -> None:
    """Log everybody out: after a leak, or a restore."""

    async def end(parts: Parts) -> None:
        await parts.table.ping()
        if not shell.dry_run:
            await parts.standings.end_everybodys_sessions(SYSTEM)

    shell.confirm("Log everybody out?")
    shell.carry_on_tables(end)
    text = f"Everybody {'would have' if shell.dry_run else 'has'} to log in again."
    told({"changed": not shell.dry_run}, shell.as_json, text)


@click.command("rotate-secret")
@click.argument("secret", default="jwt", type=click.Choice(["jwt", "ops-token"]))
@click.option("--leaked", is_flag=True, help="Replace both signing keys at once; everybody has to log in again.")
@click.option("--timeout", default=1800, show_default=True, type=click.IntRange(1), help="Seconds to wait.")
@changing
def rotate_secret(shell: Shell, secret: str, leaked: bool, timeout: int) -> None:
    """Rotate SECRET: the signing keys (jwt, the default) or the operators' token (ops-token).

    The signing keys move half a step, as the monthly rotation does: a new key is announced, or an announced one
    begins to sign, and no token is refused. The tasks are then replaced one by one, so that they read it. A key
    that has leaked goes on verifying for up to three such steps; --leaked replaces both keys at once instead.
    """
    if leaked and secret != "jwt":  # noqa: S105 - Which secret, not a secret.
        fail("--leaked is about the signing keys; ops-token is always replaced at once.", USAGE)
    shell.confirm(_question(secret, leaked))
    pace = Pace(timeout)

    async def go(cloud: Cloud) -> None:
        # The rotation's own function replaces the tasks, too; so it is only waited for.
        if secret == "jwt" and not leaked:  # noqa: S105 - Which secret, not a secret.
            await rotation.rotate(cloud, shell.names, pace)
            if not shell.dry_run:
                found = await revisions.service(cloud, shell.names)
                await revisions.settled(cloud, shell.names, found["taskDefinition"], pace)
            return
        replace = rotation.replace_keys if leaked else rotation.replace_token
        await replace(cloud, shell.names)
        await revisions.start_anew(cloud, shell.names, pace)

    shell.carry(go)
    text = "Nothing was changed." if shell.dry_run else f"{shell.names.secret(secret)} is new, and every task knows it."
    told({"secret": shell.names.secret(secret), "changed": not shell.dry_run}, shell.as_json, text)


def _question(secret: str, leaked: bool) -> str:
    if leaked:
        return "Replace both signing keys? Every token is refused from then on."
    if secret == "jwt":  # noqa: S105 - Which secret, not a secret.
        return "Rotate the signing keys by half a step?"
    return "Replace the operators' token? Whoever scrapes metrics needs the new one."


@click.command("maintenance")
@click.argument("position", type=click.Choice(["on", "off"]))
@click.option("--message", help="What people are told meanwhile.")
@changing
def maintenance(shell: Shell, position: str, message: str | None) -> None:
    """Turn maintenance on or off: changes wait, reads go on; every task obeys within seconds."""
    if message is not None and position == "off":
        fail("A message is for `maintenance on`.", USAGE)
    on = position == "on"

    async def turn(parts: Parts) -> Any:
        if shell.dry_run:
            return await parts.administration.settings()
        named = {"message": message} if message is not None else {}
        change = msgspec.convert({"maintenance": on, **named}, Change)
        return await parts.administration.change_settings(SYSTEM, change)

    shell.confirm("Let changes wait? Reads go on." if on else "Take changes again?")
    positions = shell.carry_on_tables(turn)
    before = "Maintenance is now " if not shell.dry_run else f"Maintenance would be turned {position}; it is "
    told(positions, shell.as_json, before + ("on." if positions.maintenance else "off."))


COMMANDS = cast("tuple[click.Command, ...]", (block_ip, unblock_ip, blocked, revoke, rotate_secret, maintenance))
