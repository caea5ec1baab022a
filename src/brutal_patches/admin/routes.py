"""Administration over HTTP: `/api/admin`."""

from litestar import post

from brutal_patches.actor import Actor
from brutal_patches.admin.service import Administration, Done
from brutal_patches.http.given import Given
from brutal_patches.http.operations import admin


@post(
    "/cache/clear",
    **admin(
        "rebuildCatalogue",
        "Read the catalogue anew; the old one serves meanwhile",
        example={
            "message": "The catalogue was read anew.",
            "success": True,
            "results": {"patchesBefore": 610, "patchesAfter": 610, "seconds": 0.2},
        },
    ),
)
async def rebuild_catalogue(actor: Given[Actor], administration: Given[Administration]) -> Done:
    return await administration.rebuild_catalogue(actor)


ADMIN_ROUTES = [rebuild_catalogue]
"""Below `/api/admin`."""
