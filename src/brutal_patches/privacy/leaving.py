"""Deleting an account with all that belongs to it.

It is marked first, in one transaction with its audit entry; from then on nobody can use it. The rest is a row
of steps that can each be done again, so a deletion that was cut off is finished by the next sweep.
"""

from typing import Literal

from brutal_patches.accounts.model import User
from brutal_patches.accounts.service import Accounts
from brutal_patches.accounts.standing import Standings
from brutal_patches.actor import Actor
from brutal_patches.collections.service import Collections
from brutal_patches.errors import Conflict
from brutal_patches.feedback.withdrawing import Withdrawing
from brutal_patches.patches.parting import Parting

KEEPER = "legacy-user"
type Choice = Literal["delete", "keep"]


class Leaving:
    """The end of an account."""

    def __init__(
        self,
        accounts: Accounts,
        standings: Standings,
        parting: Parting,
        withdrawing: Withdrawing,
        collections: Collections,
    ) -> None:
        self._accounts = accounts
        self._standings = standings
        self._parting = parting
        self._withdrawing = withdrawing
        self._collections = collections

    async def leave(self, actor: Actor, password: str, choice: Choice) -> None:
        """Delete one's own account, having shown the password again."""
        user = await self._accounts.prove(actor, password)
        if "admin" in user.roles:
            raise Conflict("An admin cannot leave. Let another admin take the role from you first.")
        await self._take_apart(await self._standings.begin_leaving(actor, user, choice, "asked for by the user"))

    async def remove(self, actor: Actor, user_id: str, choice: Choice, reason: str) -> None:
        """Delete somebody's account."""
        if actor.owns(user_id):
            raise Conflict("You cannot do this to your own account.")
        if user_id == KEEPER:
            raise Conflict("This account keeps what has no author.")
        user = await self._standings.find(user_id)
        if user.status != "leaving":
            user = await self._standings.begin_leaving(actor, user, choice, reason)
        await self._take_apart(user)

    async def sweep(self) -> int:
        """Finish the deletions that were cut off; how many there were."""
        cut_off = [user for user in await self._standings.everyone() if user.status == "leaving"]
        for user in cut_off:
            await self._take_apart(user)
        return len(cut_off)

    async def _take_apart(self, user: User) -> None:
        await self._collections.remove_all(user.id)
        await self._withdrawing.withdraw(user.id)
        if user.leaving == "keep":
            keeper = await self._standings.ensure_keeper(KEEPER)
            await self._parting.hand_over(user.id, keeper.id, keeper.username)
        else:
            await self._parting.remove(user.id)
        await self._standings.finish_leaving(user)
