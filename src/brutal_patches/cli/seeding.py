"""Demo data: two users and their patches, to have something to look at."""

import json
from importlib.resources import files
from typing import Any

import msgspec

from brutal_patches.accounts.submission import Registration
from brutal_patches.actor import SYSTEM, Actor
from brutal_patches.assembly import Parts
from brutal_patches.errors import Conflict
from brutal_patches.patches.submission import read_body

PASSWORD = "brutal-demo-7"  # noqa: S105 - printed at every start; the demo users exist in development only.
USERS = ("ada", "robin")
ADMIN = "grace"


class Seeded(msgspec.Struct, frozen=True):
    """How much was added."""

    users: int
    patches: int


def demo_patches() -> list[dict[str, Any]]:
    """The demo patches as an author would send them, with `author` beside."""
    text = (files("brutal_patches.cli") / "demo_patches.json").read_text("utf-8")
    return list(json.loads(text))


async def seed(parts: Parts) -> Seeded:
    """Add what is missing: users that are there, and patches that their authors have, are left as they are."""
    made = [await _add_user(parts, name) for name in USERS]
    added = 0
    for author in USERS:
        actor = await _actor(parts, author)
        titles = {patch.title for patch in await parts.own.part(actor, 0, 1000)}
        for sent in demo_patches():
            if sent["author"] == author and sent["title"] not in titles:
                await parts.patches.create(actor, read_body(sent))
                added += 1
    return Seeded(sum(made), added)


async def seed_admin(parts: Parts) -> None:
    """Add an admin with the password that everybody knows: on a developer's own machine only."""
    if await _add_user(parts, ADMIN):
        user = await parts.standings.find_by_name(ADMIN)
        await parts.standings.set_roles(SYSTEM, user.id, ("user", "admin"))


async def _add_user(parts: Parts, name: str) -> bool:
    try:
        await parts.accounts.register(SYSTEM, Registration(name, f"{name}@example.com", PASSWORD))
    except Conflict:
        return False
    return True


async def _actor(parts: Parts, name: str) -> Actor:
    user = await parts.standings.find_by_name(name)
    return Actor(user_id=user.id, username=user.username, roles=frozenset(user.roles), agent="command line")
