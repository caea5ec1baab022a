"""Administration over HTTP: `/api/admin`."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from brutal_patches.actor import Actor
from brutal_patches.admin import examples
from brutal_patches.admin.exports import CONTENT_TYPES, Export, Exports, Format, What
from brutal_patches.admin.figures import Analytics, CollectionFigures, Figures, Range, Stats
from brutal_patches.admin.journal import Journal, Journals, Wanted
from brutal_patches.admin.patch_figures import PatchFigures
from brutal_patches.admin.patching import Params, Patching
from brutal_patches.admin.people.routes import PEOPLE_ROUTES
from brutal_patches.admin.service import Administration, Done
from brutal_patches.admin.upkeep import Task, Upkeep
from brutal_patches.errors import Conflict, PreconditionFailed
from brutal_patches.http.given import Given
from brutal_patches.http.health import DetailedHealth, Vitals
from brutal_patches.http.operations import admin
from brutal_patches.http.paging import Limit, Offset
from brutal_patches.http.switches import Change, Positions

TimeRange = Annotated[Range, QueryParameter(name="timeRange", description="How far back.")]
Kind = Annotated[Format, QueryParameter(name="format", description="Of the file.")]
AsFile = Annotated[bool, QueryParameter(description="The file itself instead of a JSON object around it.")]
Type = Annotated[str, QueryParameter(max_length=60, description="Such as `user`, or `user.suspend`.")]
By = Annotated[str, QueryParameter(max_length=200, description="The id or name of who did it.")]
About = Annotated[str, QueryParameter(max_length=200, description="Such as `patch/12`.")]
From = Annotated[date | None, QueryParameter(name="dateFrom", description="The first day, in UTC.")]
To = Annotated[date | None, QueryParameter(name="dateTo", description="The last day, in UTC.")]


class Chores(msgspec.Struct, frozen=True):
    """Which tasks to carry out."""

    tasks: Annotated[tuple[Task, ...], Meta(min_length=1, max_length=10)]


class PatchOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What to do with which patches."""

    operation: Literal["delete", "export", "moderate"]
    patch_ids: Annotated[tuple[int, ...], Meta(min_length=1, max_length=500)]
    params: Params = Params()


@post(
    "/cache/clear",
    **admin("rebuildCatalogue", "Read the catalogue anew; the old one serves meanwhile", example=examples.REBUILT),
)
async def rebuild_catalogue(actor: Given[Actor], administration: Given[Administration]) -> Done:
    return await administration.rebuild_catalogue(actor)


@get("/stats", **admin("readStats", "Everything at a glance", example=examples.STATS))
async def read_stats(figures: Given[Figures], vitals: Given[Vitals]) -> Stats:
    return await figures.stats(vitals)


@get("/health", **admin("readAdminHealth", "Every dependency, really asked", example=examples.HEALTH))
async def read_admin_health(vitals: Given[Vitals]) -> DetailedHealth:
    return await vitals.detailed()


@get("/patches/stats", **admin("readPatchStats", "Patches counted", example=examples.PATCH_FIGURES))
async def read_patch_stats(figures: Given[Figures]) -> PatchFigures:
    return await figures.patches()


@get("/collections/stats", **admin("readCollectionStats", "Collections counted", example=examples.COLLECTION_FIGURES))
async def read_collection_stats(figures: Given[Figures]) -> CollectionFigures:
    return await figures.collections()


@get("/analytics", **admin("readAnalytics", "What happened day by day", example=examples.ANALYTICS))
async def read_analytics(figures: Given[Figures], time_range: TimeRange = "30d") -> Analytics:
    return await figures.analytics(time_range)


@get("/logs", **admin("readLogs", "The audit trail, newest first", example=examples.JOURNAL))
async def read_logs(
    journals: Given[Journals],
    type: Type = "",  # noqa: A002 - the name on the wire.
    user: By = "",
    subject: About = "",
    first: From = None,
    last: To = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Journal:
    return await journals.read(Wanted(type, user, subject, first, last), limit, offset)


@get("/settings", **admin("readSettings", "What can be turned while the service runs", example=examples.SETTINGS))
async def read_settings(administration: Given[Administration]) -> Positions:
    return await administration.settings()


@put(
    "/settings",
    **admin(
        "changeSettings",
        "Turn what is named; every task obeys within seconds",
        PreconditionFailed,
        sends={"maintenance": True, "message": "Back at noon."},
        example=examples.SETTINGS | {"maintenance": True, "message": "Back at noon."},
    ),
)
async def change_settings(
    data: JSONBody[Change], actor: Given[Actor], administration: Given[Administration]
) -> Positions:
    return await administration.change_settings(actor, data)


@get(
    "/export/{what:str}",
    **admin(
        "export",
        "Everything out, as JSON or CSV",
        returns=Export,
        example=examples.EXPORT,
        files=("application/json", "text/csv"),
    ),
)
async def export(
    what: FromPath[What], actor: Given[Actor], exports: Given[Exports], kind: Kind = "json", download: AsFile = False
) -> Stream:
    name = await exports.begin(actor, what, kind)
    if not download:
        return Stream(exports.enveloped(name, what, kind), media_type="application/json")
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Stream(exports.parts(what, kind), media_type=CONTENT_TYPES[kind], headers=headers)


@post(
    "/patches/bulk",
    **admin(
        "changePatches",
        "Delete, bring out or moderate several patches",
        sends={"operation": "moderate", "patchIds": [1130], "params": {"action": "hide", "reason": "Spam."}},
        example=examples.MANY,
    ),
)
async def change_patches(data: JSONBody[PatchOrder], actor: Given[Actor], patching: Given[Patching]) -> Done:
    if data.operation == "delete":
        return await patching.delete(actor, data.patch_ids, data.params.reason)
    if data.operation == "export":
        return await patching.export(actor, data.patch_ids)
    return await patching.moderate(actor, data.patch_ids, data.params)


@post(
    "/maintenance",
    **admin(
        "maintain",
        "Carry out maintenance tasks; what takes long goes on after the answer",
        Conflict,
        sends={"tasks": ["recount", "orphans", "reconcile", "analytics"]},
        example=examples.MAINTAINED,
    ),
)
async def maintain(data: JSONBody[Chores], actor: Given[Actor], upkeep: Given[Upkeep]) -> Done:
    return await upkeep.begin(actor, data.tasks)


@get("/maintenance", **admin("readMaintenance", "What maintenance came to", example=examples.MAINTAINED))
async def read_maintenance(upkeep: Given[Upkeep]) -> Done:
    return upkeep.progress()


ADMIN_ROUTES = [
    *PEOPLE_ROUTES,
    rebuild_catalogue,
    read_stats,
    read_admin_health,
    read_patch_stats,
    read_collection_stats,
    read_analytics,
    read_logs,
    read_settings,
    change_settings,
    export,
    change_patches,
    maintain,
    read_maintenance,
]
"""Below `/api/admin`."""
