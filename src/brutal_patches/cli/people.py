"""`brutal-patches users`: what only who runs the service may do to accounts."""

import click

from brutal_patches.accounts.submission import Registration
from brutal_patches.actor import SYSTEM
from brutal_patches.cli.exits import told
from brutal_patches.cli.working import carry_out, opened, settings_from_environment
from brutal_patches.errors import NotFound

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.group()
def users() -> None:
    """Accounts."""


@users.command("create-admin")
@click.argument("username")
@click.option("--email", help="For an account that is not there yet.")
@click.option("--password", envvar="ADMIN_PASSWORD", help="For a new account; asked for where it is not given.")
@JSON
def create_admin(username: str, email: str | None, password: str | None, as_json: bool) -> None:
    """Give USERNAME the admin role; the account is made first where there is none."""
    created, roles = carry_out(_create_admin(username, email, password))
    did = "was made" if created else "was there"
    told({"username": username, "created": created, "roles": roles}, as_json, f"{username} {did}, and is an admin.")


async def _create_admin(username: str, email: str | None, password: str | None) -> tuple[bool, list[str]]:
    async with opened(settings_from_environment()) as parts:
        created = False
        try:
            user = await parts.standings.find_by_name(username)
        except NotFound:
            email = email or click.prompt("E-mail", err=True)
            password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
            await parts.accounts.register(SYSTEM, Registration(username, email, password))
            user, created = await parts.standings.find_by_name(username), True
        changed = await parts.standings.set_roles(SYSTEM, user.id, (*user.roles, "admin"))
        return created, list(changed.roles)
