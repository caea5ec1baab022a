"""One's own data over HTTP: below `/api/users`."""

from typing import Any, Literal

import msgspec
from litestar import Response, delete, get
from litestar.params import JSONBody

from brutal_patches.actor import Actor
from brutal_patches.errors import Conflict, Forbidden
from brutal_patches.http.caching import PRIVATE
from brutal_patches.http.given import Given
from brutal_patches.http.operations import signed_in
from brutal_patches.privacy.belongings import Belongings, Gathering
from brutal_patches.privacy.leaving import Leaving

_EXPORT: dict[str, Any] = {
    "exportedAt": "2026-11-24T10:00:00.000000Z",
    "account": {"id": "01k5m0c6xw8v5q0d4y6n2h7j3t", "username": "ada", "email": "ada@example.com"},
    "sessions": [],
    "patches": [],
    "deletedPatches": [],
    "collections": [],
    "ratings": [{"patchId": 1130, "rating": 5, "at": "2026-11-24T10:00:00.000000Z"}],
    "favourites": [],
    "comments": [],
    "reports": [],
}


class Farewell(msgspec.Struct, frozen=True):
    """Proof of who asks, and what becomes of the public patches: gone too, or kept without an author."""

    password: str
    patches: Literal["delete", "keep"]


@get("/users/export", **signed_in("exportOwnData", "Everything the service knows of oneself", example=_EXPORT))
async def export_own_data(actor: Given[Actor], gathering: Given[Gathering]) -> Response[Belongings]:
    headers = {"content-disposition": 'attachment; filename="brutal-patches.json"', "cache-control": PRIVATE}
    return Response(await gathering.gather(actor), headers=headers)


@delete(
    "/users/me",
    **signed_in(
        "deleteOwnAccount",
        "Delete one's account for good",
        Forbidden,
        Conflict,
        status=204,
        sends={"password": "seven knobs at noon", "patches": "keep"},
    ),
)
async def delete_own_account(data: JSONBody[Farewell], actor: Given[Actor], leaving: Given[Leaving]) -> None:
    await leaving.leave(actor, data.password, data.patches)


PRIVACY_ROUTES = [export_own_data, delete_own_account]
"""Below `/api`."""
