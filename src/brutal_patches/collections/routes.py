"""Collections over HTTP."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, PathParameter

from brutal_patches.actor import Actor
from brutal_patches.collections.model import Collection, CollectionBody, CollectionChange, CollectionPage
from brutal_patches.collections.service import Collections
from brutal_patches.errors import Forbidden, NotFound, PreconditionFailed, Unprocessable
from brutal_patches.http.answers import ready
from brutal_patches.http.caching import IfMatch, version_tag, versions_of
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public, signed_in
from brutal_patches.http.paging import DEFAULT_LIMIT, Limit, Offset
from brutal_patches.patches import examples
from brutal_patches.storage.once import Once

Who = Given[Actor]
Service = Given[Collections]
Mark = Given[Once | None]
Id = Annotated[str, PathParameter(max_length=40, description="A collection's id.")]
_BODY: dict[str, Any] = {
    "name": "Saturday",
    "description": "The set, in order.",
    "patchIds": [1130],
    "isPublic": True,
    "tags": ["live"],
}
_COLLECTION = _BODY | {
    "id": "01k5m0c6xw8v5q0d4y6n2h7j3t",
    "userId": "01k5m0c6xw8v5q0d4y6n2h7j3s",
    "username": "ada",
    "created_at": "2026-11-24T10:00:00.000000Z",
    "updated_at": "2026-11-24T10:00:00.000000Z",
    "version": 1,
}


def _answer(collection: Collection, status: int = 200) -> Response[bytes]:
    """A collection under a tag that an If-Match can name."""
    body = msgspec.json.encode(collection)
    return ready(body, version_tag(collection.version, body), status=status)


@post(
    "/",
    **signed_in(
        "createCollection",
        "Make a collection",
        Unprocessable,
        status=201,
        returns=Collection,
        sends=_BODY,
        example=_COLLECTION,
    ),
)
async def create_collection(
    data: JSONBody[CollectionBody], actor: Who, collections: Service, mark: Mark
) -> Response[bytes]:
    return _answer(await collections.create(actor, data, mark), 201)


@get("/my", **signed_in("listOwnCollections", "One's own collections", example=[_COLLECTION]))
async def list_own_collections(actor: Who, collections: Service) -> list[Collection]:
    return await collections.mine(actor)


@get("/public", **public("listPublicCollections", "The newest public collections", example=[_COLLECTION]))
async def list_public_collections(
    actor: Who, collections: Service, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> list[Collection]:
    return await collections.public(actor, limit, offset)


@get(
    "/{collection_id:str}",
    **public(
        "readCollection",
        "A collection with its patches",
        NotFound,
        returns=CollectionPage,
        example=_COLLECTION | {"patches": [examples.PATCH]},
    ),
)
async def read_collection(collection_id: Id, actor: Who, collections: Service) -> Response[bytes]:
    return _answer(await collections.page(actor, collection_id))


@put(
    "/{collection_id:str}",
    **signed_in(
        "replaceCollection",
        "Rename, reorder, publish; what is not named stays as it is",
        Forbidden,
        NotFound,
        PreconditionFailed,
        returns=Collection,
        sends=_BODY,
        example=_COLLECTION,
    ),
)
async def replace_collection(
    collection_id: Id, data: JSONBody[CollectionChange], actor: Who, collections: Service, if_match: IfMatch = None
) -> Response[bytes]:
    return _answer(await collections.replace(actor, collection_id, data, versions_of(if_match)))


@delete(
    "/{collection_id:str}",
    **signed_in(
        "deleteCollection",
        "Remove a collection; its patches stay",
        Forbidden,
        NotFound,
        PreconditionFailed,
        status=204,
    ),
)
async def delete_collection(collection_id: Id, actor: Who, collections: Service, if_match: IfMatch = None) -> None:
    await collections.delete(actor, collection_id, versions_of(if_match))


@put(
    "/{collection_id:str}/patches/{patch_id:int}",
    **signed_in(
        "addToCollection",
        "Put a patch at the end",
        Forbidden,
        NotFound,
        PreconditionFailed,
        returns=Collection,
        example=_COLLECTION,
    ),
)
async def add_to_collection(
    collection_id: Id, patch_id: FromPath[int], actor: Who, collections: Service
) -> Response[bytes]:
    return _answer(await collections.add_patch(actor, collection_id, patch_id))


@delete(
    "/{collection_id:str}/patches/{patch_id:int}",
    **signed_in(
        "removeFromCollection",
        "Take a patch out",
        Forbidden,
        NotFound,
        PreconditionFailed,
        returns=Collection,
        example=_COLLECTION,
    ),
)
async def remove_from_collection(
    collection_id: Id, patch_id: FromPath[int], actor: Who, collections: Service
) -> Response[bytes]:
    return _answer(await collections.remove_patch(actor, collection_id, patch_id))


@post(
    "/{collection_id:str}/duplicate",
    **signed_in(
        "duplicateCollection",
        "A copy of one's own",
        NotFound,
        Unprocessable,
        status=201,
        returns=Collection,
        example=_COLLECTION,
    ),
)
async def duplicate_collection(collection_id: Id, actor: Who, collections: Service, mark: Mark) -> Response[bytes]:
    return _answer(await collections.duplicate(actor, collection_id, mark), 201)


@get(
    "/{collection_id:str}/pack.zip",
    **public(
        "packCollection",
        "The collection, its patches and their sheets as one file",
        NotFound,
        returns=bytes,
        media_type="application/zip",
    ),
)
async def pack_collection(collection_id: Id, actor: Who, collections: Service) -> Response[bytes]:
    name, packed = await collections.pack(actor, collection_id)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(packed, media_type="application/zip", headers=headers)


COLLECTION_ROUTES = [
    create_collection,
    list_own_collections,
    list_public_collections,
    read_collection,
    replace_collection,
    delete_collection,
    add_to_collection,
    remove_from_collection,
    duplicate_collection,
    pack_collection,
]
"""Below `/api/patches/collections`."""
