"""Seven people before the same door, and things of one of them behind it."""

from typing import Any, NamedTuple

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from brutal_patches.actor import SYSTEM
from brutal_patches.app import Service
from tests.admin.conftest import id_of, promoted
from tests.client import PASSWORD, Client

CALLERS = ("anonymous", "suspended", "revoked", "stranger", "moderator", "admin", "owner")
"""In the order in which they knock: whoever may change something comes after who may not."""


_ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Door(NamedTuple):
    """A route as it is asked: its template is how the matrix names it."""

    method: str
    template: str
    handler: HTTPRouteHandler

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


def doors(app: Litestar) -> list[Door]:
    """Every route of the application but those that answer preflight; what takes away comes last."""
    found = [
        Door(method, route.path, handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler)
        for method in handler.http_methods
        if method != "OPTIONS"
    ]
    return sorted(found, key=lambda door: (_ORDER.index(door.method), -len(door.template)))


class Scene:
    """Ada has patches, a collection, a comment; somebody reported her; everybody is logged in or was."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.callers: dict[str, Client] = {}
        self.things: dict[str, str] = {}

    async def prepare(self) -> "Scene":
        """Make everything anew on empty tables."""
        nobody = Client(self.service)
        people = {
            name: await nobody.register(name) for name in ("ada", "robin", "mora", "boss", "sus", "rev", "victim")
        }
        await self.service.parts.standings.decide(SYSTEM, await id_of(self.service, "sus"), "suspend", "Spam.")
        await people["rev"].post("/api/auth/logout")
        self.callers = {
            "anonymous": nobody,
            "suspended": people["sus"],
            "revoked": people["rev"],
            "stranger": people["robin"],
            "moderator": await promoted(self.service, nobody, "mora", "moderator"),
            "admin": await promoted(self.service, nobody, "boss"),
            "owner": people["ada"],
        }
        await self._furnish(people["ada"], people["robin"])
        return self

    async def _furnish(self, ada: Client, robin: Client) -> None:
        one, two, gone = [(await ada.create(title))["id"] for title in ("One", "Two", "Gone")]
        await ada.put(f"/api/patches/{one}", {"title": "One, changed"})
        await ada.delete(f"/api/patches/{gone}")
        comment = (await ada.post(f"/api/patches/{one}/comments", {"text": "Mine."})).json()["id"]
        shelf = (await ada.post("/api/patches/collections", {"name": "Set", "patchIds": [one]})).json()["id"]
        await robin.post(f"/api/patches/{one}/report", {"reason": "spam"})
        self.things = {
            "patch_id": str(one),
            "other_id": str(two),
            "number": "1",
            "one": "1",
            "other": "2",
            "comment_id": comment,
            "collection_id": shelf,
            "session_id": (await ada.get("/api/auth/sessions")).json()[0]["id"],
            "username": "ada",
            "user_id": await id_of(self.service, "victim"),
            "item_id": f"patch:{one}",
            "what": "users",
            "name": "page.js",
            "file": "ada.atom",
            "token": "not-a-token",
            "gone": str(gone),
            "code": "AZSj3ooAtnaVwxwHzUUUjq-Fb8l-o2SqyA",
        }

    def path(self, template: str, **others: str) -> str:
        """The address of what `template` speaks of."""
        things = self.things | others
        if template.endswith("{patch_id:int}/restore"):
            things["patch_id"] = others.get("patch_id", self.things["gone"])
        if template.startswith("/api/panels"):
            things["file"] = "sheet.svg"
        return "/".join(things[part[1:].partition(":")[0]] if part[:1] == "{" else part for part in template.split("/"))

    def body(self, door: Door, caller: str) -> Any:
        """The documented example, speaking of what there is here."""
        sent = door.handler.opt.get("sends")
        match door.name:
            case "POST /api/users/create":
                return {"username": f"new-{caller}", "email": f"{caller}@example.org", "password": PASSWORD}
            case "POST /api/auth/refresh":
                return {}
            case "PUT /api/admin/settings":
                return {"message": "Soon."}
            case "PUT /api/auth/email":
                return {"email": f"{caller}@example.net", "password": PASSWORD}
            case "POST /api/admin/patches/bulk":
                return {"operation": "export", "patchIds": [int(self.things["patch_id"])]}
            case "PUT /api/admin/moderation/{item_id:str}":
                return {"action": "approve", "notes": ""}
        if isinstance(sent, dict) and "userIds" in sent:
            return sent | {"userIds": [self.things["user_id"]]}
        if isinstance(sent, dict) and "patchIds" in sent:
            return sent | {"patchIds": [int(self.things["patch_id"])]}
        return sent

    async def knock(self, door: Door, caller: str, **others: str) -> int:
        """The status of the answer."""
        answer = await self.callers[caller].request(
            door.method, self.path(door.template, **others), self.body(door, caller)
        )
        # What goes on after the answer, such as a mail, belongs to it.
        await self.service.parts.accounts.close()
        return answer.status_code

    async def core(self) -> set[bytes]:
        """Everything that must never be lost, as it stands."""
        table = self.service.parts.table
        return {msgspec.json.encode(item) async for page in table.scan("core") for item in page}
