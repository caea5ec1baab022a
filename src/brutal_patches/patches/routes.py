"""Patches over HTTP: what authors do with their own, and what a patch was before."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from brutal_patches.actor import Actor
from brutal_patches.errors import FieldError, Forbidden, Invalid, NotFound, PreconditionFailed, Unprocessable
from brutal_patches.http.answers import ready
from brutal_patches.http.caching import IfMatch, version_tag, versions_of
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public, signed_in
from brutal_patches.http.paging import DEFAULT_LIMIT, CursorText, Limit, Offset
from brutal_patches.patches import examples
from brutal_patches.patches.comparison import VersionComparison, compare_versions
from brutal_patches.patches.lint import Hint, lint
from brutal_patches.patches.listing import OwnPatches, PatchPage
from brutal_patches.patches.model import Patch, PatchBody, PatchVersion
from brutal_patches.patches.service import Patches
from brutal_patches.patches.submission import read_body
from brutal_patches.storage.once import Once

Who = Given[Actor]
Service = Given[Patches]
Own = Given[OwnPatches]
Mark = Given[Once | None]

Twins = Callable[[PatchBody], list[int]]
"""Finds the patches that sound as one does; what is above knows how."""

_LINKS = 5


class CreatedPatch(Patch, kw_only=True):
    """A new patch, with hints for who turns the knobs."""

    warnings: tuple[Hint, ...]


class NewVersion(msgspec.Struct, frozen=True):
    """A patch, and what its author says of the change."""

    patch: PatchBody
    changes: str = ""


class Versioned(msgspec.Struct, frozen=True):
    """A patch after a change, and the number of the version that it is now at."""

    patch: Patch
    version: int


class History(msgspec.Struct, frozen=True, rename="camel"):
    """Every kept version that the caller may see, newest first."""

    patch_id: int
    versions: list[PatchVersion]
    total_versions: int


class Fork(msgspec.Struct, frozen=True):
    """What a fork is called; the name of its origin where nothing is said."""

    title: Annotated[str, msgspec.Meta(max_length=120)] = ""


def read_new_version(sent: object) -> NewVersion:
    """`{patch, changes}` with every fault of the patch named under `patch`."""
    changes = sent.get("changes", "") if isinstance(sent, dict) else ""
    try:
        body = read_body(sent.get("patch") if isinstance(sent, dict) else sent)
    except Invalid as fault:
        errors = [FieldError(f"patch.{error.field}".rstrip("."), error.message) for error in fault.errors]
        raise Invalid(fault.message, errors=errors) from None
    if not isinstance(changes, str) or len(changes) > 1000:
        raise Invalid("The note is not acceptable.", errors=[FieldError("changes", "must be up to 1000 characters")])
    return NewVersion(body, changes)


def _answer(patch: Patch) -> Response[bytes]:
    """A patch for its owner, with a tag from which If-Match reads the version again."""
    body = msgspec.json.encode(patch)
    return ready(body, version_tag(patch.version, body))


def _created(patch: Patch, twins: Twins) -> Response[bytes]:
    """A new patch with what there is to know of it, and links to those that sound the same."""
    created = CreatedPatch(**msgspec.structs.asdict(patch), warnings=lint(patch))
    body = msgspec.json.encode(created)
    more = {"location": f"/api/patches/{patch.id}"}
    if same := [other for other in twins(patch) if other != patch.id]:
        more["link"] = ", ".join(f'</api/patches/{other}>; rel="duplicate"' for other in same[:_LINKS])
    return ready(body, version_tag(patch.version, body), status=201, more=more)


@post(
    "/",
    **signed_in(
        "createPatch",
        "Keep a new patch",
        Unprocessable,
        status=201,
        returns=CreatedPatch,
        reader=read_body,
        sends=examples.BODY,
        example=examples.PATCH | {"warnings": []},
    ),
)
async def create_patch(
    data: JSONBody[PatchBody], actor: Who, patches: Service, mark: Mark, twins: Given[Twins]
) -> Response[bytes]:
    return _created(await patches.create(actor, data, mark), twins)


@put(
    "/{patch_id:int}",
    **signed_in(
        "replacePatch",
        "Change a patch of one's own",
        Forbidden,
        NotFound,
        PreconditionFailed,
        returns=Patch,
        reader=read_body,
        sends=examples.BODY,
        example=examples.PATCH,
    ),
)
async def replace_patch(
    patch_id: FromPath[int], data: JSONBody[PatchBody], actor: Who, patches: Service, if_match: IfMatch = None
) -> Response[bytes]:
    return _answer(await patches.replace(actor, patch_id, data, versions_of(if_match)))


@delete(
    "/{patch_id:int}",
    **signed_in(
        "deletePatch",
        "Delete a patch of one's own; it can be restored for 30 days",
        Forbidden,
        NotFound,
        PreconditionFailed,
        status=204,
    ),
)
async def delete_patch(patch_id: FromPath[int], actor: Who, patches: Service, if_match: IfMatch = None) -> None:
    await patches.delete(actor, patch_id, versions_of(if_match))


@post(
    "/{patch_id:int}/restore",
    **signed_in("restorePatch", "Bring back a deleted patch", NotFound, returns=Patch, example=examples.PATCH),
)
async def restore_patch(patch_id: FromPath[int], actor: Who, patches: Service) -> Response[bytes]:
    return _answer(await patches.restore(actor, patch_id))


@post(
    "/{patch_id:int}/fork",
    **signed_in(
        "forkPatch",
        "Go on from a patch in one of one's own",
        NotFound,
        Unprocessable,
        status=201,
        returns=CreatedPatch,
        sends={"title": "Sub Aqua, darker"},
        example=examples.PATCH | {"warnings": []},
    ),
)
async def fork_patch(
    patch_id: FromPath[int], data: JSONBody[Fork], actor: Who, patches: Service, mark: Mark, twins: Given[Twins]
) -> Response[bytes]:
    return _created(await patches.fork(actor, patch_id, data.title.strip(), mark), twins)


@put(
    "/{patch_id:int}/version",
    **signed_in(
        "addVersion",
        "Change a patch, with a note on what changed",
        Forbidden,
        NotFound,
        PreconditionFailed,
        reader=read_new_version,
        sends={"patch": examples.BODY, "changes": "Opened the filter"},
        example={"patch": examples.PATCH, "version": 2},
    ),
)
async def add_version(
    patch_id: FromPath[int], data: JSONBody[NewVersion], actor: Who, patches: Service, if_match: IfMatch = None
) -> Versioned:
    patch = await patches.replace(actor, patch_id, data.patch, versions_of(if_match), data.changes)
    return Versioned(patch, patch.version)


@get(
    "/{patch_id:int}/history",
    **public(
        "readHistory",
        "Every kept version of a patch",
        NotFound,
        example={"patchId": 1130, "versions": [examples.VERSION], "totalVersions": 1},
    ),
)
async def read_history(patch_id: FromPath[int], actor: Who, patches: Service) -> History:
    versions = await patches.history(actor, patch_id)
    return History(patch_id, versions, len(versions))


@get(
    "/{patch_id:int}/version/{number:int}",
    **public("readVersion", "One kept version", NotFound, example=examples.VERSION),
)
async def read_version(patch_id: FromPath[int], number: FromPath[int], actor: Who, patches: Service) -> PatchVersion:
    return await patches.version(actor, patch_id, number)


@post(
    "/{patch_id:int}/version/{number:int}/restore",
    **signed_in(
        "restoreVersion",
        "Bring back a kept version, as a new one",
        Forbidden,
        NotFound,
        example={"patch": examples.PATCH, "version": 3},
    ),
)
async def restore_version(patch_id: FromPath[int], number: FromPath[int], actor: Who, patches: Service) -> Versioned:
    patch = await patches.restore_version(actor, patch_id, number)
    return Versioned(patch, patch.version)


@get(
    "/{patch_id:int}/versions/{one:int}/compare/{other:int}",
    **public(
        "compareVersions",
        "Two versions of a patch side by side",
        NotFound,
        example=examples.COMPARISON | {"patch1": examples.VERSION, "patch2": examples.VERSION},
    ),
)
async def compare_two_versions(
    patch_id: FromPath[int], one: FromPath[int], other: FromPath[int], actor: Who, patches: Service
) -> VersionComparison:
    first = await patches.version(actor, patch_id, one)
    return compare_versions(first, await patches.version(actor, patch_id, other))


@get(
    "/my",
    **signed_in(
        "listOwnPatches",
        "One's own patches, private ones included",
        example={"patches": [examples.PATCH], "hasMore": False},
    ),
)
async def list_own(actor: Who, own: Own, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> PatchPage:
    return await own.page(actor, limit, cursor)


@get("/my/total", **signed_in("countOwnPatches", "How many patches one has", example=12))
async def count_own(actor: Who, own: Own) -> int:
    return await own.total(actor)


@get("/my/deleted", **signed_in("listDeletedPatches", "What can still be restored", example=[examples.PATCH]))
async def list_deleted(actor: Who, own: Own) -> tuple[Patch, ...]:
    return await own.deleted(actor)


@get("/user/patches", **signed_in("listOwnPart", "Some of one's own patches", example=[examples.PATCH]))
async def list_own_part(actor: Who, own: Own, offset: Offset = 0, limit: Limit = DEFAULT_LIMIT) -> tuple[Patch, ...]:
    return await own.part(actor, offset, limit)


PATCH_ROUTES = [
    create_patch,
    replace_patch,
    delete_patch,
    restore_patch,
    fork_patch,
    add_version,
    read_history,
    read_version,
    restore_version,
    compare_two_versions,
    list_own,
    count_own,
    list_deleted,
    list_own_part,
]
"""Below `/api/patches`."""
