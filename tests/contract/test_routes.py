"""Every route of the contract on one page: method, path, who may call it, and the fields of its answer."""

from typing import Any

import httpx
import msgspec
import pytest

from brutal_patches.app import Service
from tests.admin.conftest import id_of, promoted
from tests.client import PASSWORD, Client

PATCH = {
    *("id", "title", "description", "sub_fifth", "overtone", "ultra_saw", "saw", "pulse_width", "square"),
    *("metalizer", "triangle", "cutoff", "resonance", "brute_factor", "env_amt", "kbd_tracking", "mode", "volume"),
    *("octave", "glide", "mod_wheel", "amount", "rate", "wave", "sync", "env_amt_2", "vca", "attack", "decay"),
    *("sustain", "release", "pattern", "play", "rate_2", "modmatrix", "tags", "isPublic", "username"),
    *("average_rating", "created_at", "updated_at", "version", "isLatest"),
}
HEALTH = {"status", "timestamp", "service", "version", "uptime"}
USER = {"id", "username", "email", "roles", "patches", "createdAt", "updatedAt"}
TOKENS = {"username", "email", "roles", "access_token", "expires_in", "token_type", "refresh_token"}
COLLECTION = {"id", "name", "description", "userId", "patchIds", "isPublic", "tags", "created_at", "updated_at"}
LINE = {"id", "username", "email", "created_at", "patchCount", "isActive", "lastLogin", "roles"}
DONE = {"success", "message"}
STATS = {
    *("totalUsers", "activeUsers", "totalPatches", "totalCollections", "averageRating", "systemUptime"),
    *("diskUsage", "memoryUsage", "users", "patches", "collections", "activity"),
}
EXPORT = {"filename", "data", "contentType"}
PAGE = {"patches", "hasMore"}
NEW = {"username": "eve", "email": "eve@example.com", "password": PASSWORD}


class Route(msgspec.Struct, frozen=True):
    """A line of the contract. `fields` are those of the answer, of its first element, or of what `within` names."""

    access: str
    method: str
    path: str
    fields: set[str] = set()
    sends: Any = None
    status: int = 200
    within: str = ""


PUBLIC = [
    Route("public", "GET", "/", {"name", "version", "links"}),
    Route("public", "GET", "/health", HEALTH),
    Route("public", "GET", "/health/detailed", {*HEALTH, "checks", "system", "environment"}),
    Route("public", "GET", "/api-docs/openapi.json", {"openapi", "paths"}),
    Route("public", "POST", "/api/users/create", {"ok", "data"}, NEW, 201),
    Route("public", "GET", "/api/users/getUserByUsername/ada", {"username", "patches", "createdAt"}, within="user"),
    Route("public", "POST", "/api/auth/login", TOKENS, {"username": "ada", "password": PASSWORD}),
    Route("public", "GET", "/api/patches", PATCH),
    Route("public", "GET", "/api/patches/total"),
    Route("public", "GET", "/api/patches/latest?limit=1", {*PAGE, "nextCursor"}),
    Route("public", "GET", "/api/patches/latest?limit=1&offset=0", PATCH),
    Route("public", "GET", "/api/patches/search?q=sub&cutoff.min=0&cutoff.max=60", {"patches", "total"}),
    Route("public", "GET", "/api/patches/categories", {"id", "name", "description", "color"}),
    Route("public", "GET", "/api/patches/trending?limit=1", PATCH),
    Route("public", "GET", "/api/patches/featured?limit=1", PATCH),
    Route("public", "GET", "/api/patches/users/ada/total"),
    Route("public", "GET", "/api/patches/users/ada?offset=0&limit=5", PATCH),
    Route("public", "GET", "/api/patches/users/ada", PAGE),
    Route("public", "GET", "/api/patches/{one}", PATCH),
    Route("public", "GET", "/api/patches/{one}/history", {"patchId", "versions", "totalVersions"}),
    Route("public", "GET", "/api/patches/{one}/version/1", {"patchId", "version", "patch", "isLatest"}),
    Route("public", "GET", "/api/patches/{one}/compare/{two}", {"patch1", "patch2", "differences", "similarity"}),
    Route("public", "GET", "/api/patches/{one}/versions/1/compare/2", {"patch1", "patch2", "differences"}),
    Route("public", "GET", "/api/patches/{one}/related?limit=1", PATCH),
    Route("public", "GET", "/api/patches/collections/public", COLLECTION),
]
SIGNED_IN = [
    Route("user", "GET", "/api/users/profile", USER, within="user"),
    Route("user", "GET", "/api/users/test", {"ok", "user"}),
    Route("user", "POST", "/api/auth/refresh", {*TOKENS, "refreshed"}, {}),
    Route("user", "GET", "/api/auth/me/roles", {"roles", "isAdmin", "permissions"}),
    Route("user", "GET", "/api/patches/my?limit=1", PAGE),
    Route("user", "GET", "/api/patches/my/total"),
    Route("user", "GET", "/api/patches/user/patches?offset=0&limit=1", PATCH),
    Route("user", "POST", "/api/patches", PATCH, {"title": "New", "id": 0, "octave": 0}, 201),
    Route("user", "PUT", "/api/patches/{one}", PATCH, {"title": "Edited"}),
    Route("user", "PUT", "/api/patches/{one}/version", {"patch", "version"}, {"patch": {"title": "V"}, "changes": "x"}),
    Route("user", "POST", "/api/patches/collections", COLLECTION, {"name": "Set"}, 201),
    Route("user", "GET", "/api/patches/collections/my", COLLECTION),
    Route("user", "PUT", "/api/patches/collections/{set}/patches/{two}", COLLECTION),
    Route("user", "DELETE", "/api/patches/{two}", status=204),
    Route("user", "POST", "/api/patches/{two}/restore", PATCH),
]
ADMIN = [
    Route("admin", "GET", "/api/admin/stats", STATS),
    Route("admin", "GET", "/api/admin/health", HEALTH),
    Route("admin", "GET", "/api/admin/patches/stats", {"total", "categories"}),
    Route("admin", "GET", "/api/admin/collections/stats", {"total"}),
    Route("admin", "GET", "/api/admin/analytics?timeRange=7d", {"days", "totals"}),
    Route("admin", "GET", "/api/admin/logs?type=user&limit=5&offset=0", {"logs", "total"}),
    Route("admin", "GET", "/api/admin/users?search=ada&sortBy=username&sortOrder=asc", LINE, within="users"),
    Route("admin", "GET", "/api/admin/users/{ada}", LINE),
    Route("admin", "PUT", "/api/admin/users/{eve}/moderate", DONE, {"action": "suspend", "reason": "x"}),
    Route("admin", "POST", "/api/admin/users/bulk", DONE, {"userIds": ["{eve}"], "action": "activate"}),
    Route("admin", "POST", "/api/admin/users/bulk-roles", DONE, {"userIds": ["{eve}"], "roles": ["user"]}),
    Route("admin", "GET", "/api/admin/moderation/queue", {"id", "count", "reasons"}, within="items"),
    Route("admin", "PUT", "/api/admin/moderation/patch:{one}", DONE, {"action": "approve", "notes": "Fine."}),
    Route("admin", "POST", "/api/admin/moderation/bulk", DONE, {"action": "reject", "itemIds": ["patch:{two}"]}),
    *(
        Route("admin", "GET", f"/api/admin/export/{what}?format={kind}", EXPORT)
        for what in ("users", "patches", "collections", "all")
        for kind in ("json", "csv")
    ),
    Route("admin", "POST", "/api/admin/patches/bulk", DONE, {"operation": "export", "patchIds": [1]}),
    Route("admin", "POST", "/api/admin/cache/clear", DONE),
    Route("admin", "POST", "/api/admin/maintenance", DONE, {"tasks": ["recount"]}),
    Route("admin", "GET", "/api/admin/settings", {"maintenance", "registration"}),
    Route("admin", "PUT", "/api/admin/settings", {"maintenance"}, {"message": "Soon."}),
]
ROUTES = [*PUBLIC, *SIGNED_IN, *ADMIN]


async def prepared(ada: Client, robin: Client, service: Service) -> dict[str, str]:
    """Two patches, one edited and both reported, a collection: what the paths speak of."""
    one, two = (await ada.create("Sub"))["id"], (await ada.create("Lead", cutoff=80))["id"]
    await ada.put(f"/api/patches/{one}", {"title": "Sub, deeper"})
    collection = (await ada.post("/api/patches/collections", {"name": "First", "patchIds": [one]})).json()
    for patch_id in (one, two):
        await robin.post(f"/api/patches/{patch_id}/report", {"reason": "spam"})
    return {"{one}": str(one), "{two}": str(two), "{set}": collection["id"], "{ada}": await id_of(service, "ada")}


def put_in(names: dict[str, str], part: Any) -> Any:
    """`part` with names in the place of braces, however deep."""
    if isinstance(part, str):
        for name, value in names.items():
            part = part.replace(name, value)
        return part
    if isinstance(part, dict):
        return {key: put_in(names, value) for key, value in part.items()}
    return [put_in(names, each) for each in part] if isinstance(part, list) else part


def missing(route: Route, answer: httpx.Response) -> set[str]:
    """The promised fields that the answer lacks."""
    if not route.fields:
        return set()
    found = answer.json()
    found = found[route.within] if route.within else found
    return route.fields - set(found[0] if isinstance(found, list) else found)


@pytest.mark.both_engines
async def test_every_route_answers_as_promised(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """To whoever may call it; to anybody else it is closed."""
    names = await prepared(ada, robin, service)
    boss = await promoted(service, await client.register("boss"), "boss")
    callers = {"public": client, "user": ada, "admin": boss}
    for route in ROUTES:
        path, sends = put_in(names, route.path), put_in(names, route.sends)
        if route.access != "public":
            assert 401 == (await client.request(route.method, path, sends)).status_code, route.path
        if route.access == "admin":
            assert 403 == (await robin.request(route.method, path, sends)).status_code, route.path
        answer = await callers[route.access].request(route.method, path, sends)
        assert route.status == answer.status_code, (route.path, answer.text)
        assert set() == missing(route, answer), route.path
        if route.path == "/api/users/create":
            names["{eve}"] = answer.json()["data"]["id"]


async def test_metrics_and_the_documentation_page_are_text(client: Client) -> None:
    """The two routes that do not answer in JSON."""
    for path, kind in (("/monitoring/metrics", "text/plain"), ("/api-docs", "text/html")):
        assert (await client.get(path)).headers["content-type"].startswith(kind)
