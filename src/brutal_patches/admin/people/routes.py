"""Users over HTTP, for admins: below `/api/admin/users`."""

from typing import Annotated, Literal

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from brutal_patches.actor import Actor, Role
from brutal_patches.admin.people.service import Action, Order, People, UserDetail, UserPage
from brutal_patches.admin.service import Done
from brutal_patches.errors import Conflict, NotFound
from brutal_patches.http.given import Given
from brutal_patches.http.operations import admin
from brutal_patches.http.paging import DEFAULT_LIMIT, Limit, Offset

UserId = Annotated[str, PathParameter(max_length=40, description="A user's id.")]
Words = Annotated[str, QueryParameter(max_length=200, description="A part of a name or an address, or an id.")]
SortBy = Annotated[Order, QueryParameter(name="sortBy", description="What to sort by.")]
SortOrder = Annotated[Literal["asc", "desc"], QueryParameter(name="sortOrder", description="Which way.")]
type Reason = Annotated[str, Meta(max_length=1000)]
type UserIds = Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)]
_USER = {
    "id": "01k5m0c6xw8v5q0d4y6n2h7j3t",
    "username": "ada",
    "email": "ada@example.com",
    "created_at": "2026-11-24T10:00:00.000000Z",
    "patchCount": 12,
    "isActive": True,
    "lastLogin": "2026-11-24T10:30:00.000000Z",
    "roles": ["user"],
    "status": "active",
}
_DETAIL = _USER | {"statusReason": "", "updated_at": "2026-11-24T10:00:00.000000Z", "sessions": 2}
_DONE = {"message": "The user is suspended.", "success": True, "results": {}}
_MANY = {"message": "2 users done, 0 refused.", "success": True, "results": {"done": 2, "failed": 0, "failures": []}}


class Decision(msgspec.Struct, frozen=True):
    """What becomes of a user, and why they are told so. `patches`: what becomes of a deleted user's."""

    action: Action
    reason: Reason = ""
    patches: Literal["delete", "keep"] = "delete"


class Decisions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The same for several."""

    user_ids: UserIds
    action: Action
    reason: Reason = ""


class RolesOfMany(msgspec.Struct, frozen=True, rename="camel"):
    """Exactly these roles for several users."""

    user_ids: UserIds
    roles: tuple[Role, ...]


@get("/users", **admin("listUsers", "Users: found, sorted, in part", example={"users": [_USER], "total": 1}))
async def list_users(
    people: Given[People],
    search: Words = "",
    sort_by: SortBy = "created_at",
    sort_order: SortOrder = "desc",
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> UserPage:
    return await people.search(search, sort_by, sort_order == "desc", limit, offset)


@get("/users/{user_id:str}", **admin("readUser", "One user", NotFound, example=_DETAIL))
async def read_user(user_id: UserId, people: Given[People]) -> UserDetail:
    return await people.detail(user_id)


@put(
    "/users/{user_id:str}/moderate",
    **admin(
        "moderateUser",
        "Suspend, activate, ban or delete a user",
        NotFound,
        Conflict,
        sends={"action": "suspend", "reason": "Advertising."},
        example=_DONE,
    ),
)
async def moderate_user(user_id: UserId, data: JSONBody[Decision], actor: Given[Actor], people: Given[People]) -> Done:
    return await people.moderate(actor, user_id, data.action, data.reason, data.patches)


@post(
    "/users/{user_id:str}/revoke",
    **admin(
        "revokeUser",
        "Log a user out everywhere",
        NotFound,
        Conflict,
        example=_DONE | {"message": "The user is logged out everywhere."},
    ),
)
async def revoke_user(user_id: UserId, actor: Given[Actor], people: Given[People]) -> Done:
    return await people.revoke(actor, user_id)


@post(
    "/users/bulk",
    **admin(
        "moderateUsers",
        "The same decision about several users",
        sends={"userIds": [_USER["id"]], "action": "suspend", "reason": "Advertising."},
        example=_MANY,
    ),
)
async def moderate_users(data: JSONBody[Decisions], actor: Given[Actor], people: Given[People]) -> Done:
    return await people.moderate_many(actor, data.user_ids, data.action, data.reason)


@post(
    "/users/bulk-roles",
    **admin(
        "setRolesOfUsers",
        "Give several users exactly these roles",
        sends={"userIds": [_USER["id"]], "roles": ["user", "moderator"]},
        example=_MANY,
    ),
)
async def set_roles_of_users(data: JSONBody[RolesOfMany], actor: Given[Actor], people: Given[People]) -> Done:
    return await people.set_roles(actor, data.user_ids, data.roles)


PEOPLE_ROUTES = [list_users, read_user, moderate_user, revoke_user, moderate_users, set_roles_of_users]
"""Below `/api/admin`."""
