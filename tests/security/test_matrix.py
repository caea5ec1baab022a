"""Every route, knocked at by everybody: the answer of each, and that a refusal changes nothing."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from brutal_patches.app import Service
from tests.security.callers import CALLERS, Door, Scene, doors
from tests.security.expectations import EXPECTED

# What ends the callers' own sessions, or what can be done once only, is asked in a scene of its own.
OWN_SCENE = {
    "POST /api/auth/logout",
    "POST /api/auth/logout-all",
    "DELETE /api/auth/sessions/{session_id:str}",
    "DELETE /api/users/me",
    "PUT /api/auth/password",
    "PUT /api/auth/email",
    "PUT /api/admin/moderation/{item_id:str}",
}
# What somebody does to these is theirs whatever the patch; that it is private is no secret to who reads it.
_NAMES_A_PATCH = re.compile(r"\{patch_id:int\}")


@dataclass
class Surprise:
    """An answer that the matrix does not expect."""

    door: str
    caller: str
    expected: int
    found: int


def expected(door: Door) -> dict[str, int]:
    """The row of this route."""
    return dict(zip(CALLERS, EXPECTED[door.name], strict=True))


async def surprises(scene: Scene, door: Door) -> list[Surprise]:
    """All callers at one door; those who are refused come first, and leave storage as it was."""
    row = expected(door)
    before = await scene.core()
    found, untouched = [], True
    for caller, status in row.items():
        if untouched and status < 400:
            assert before == await scene.core(), f"a refused {door.name} changed something"
            untouched = False
        answered = await scene.knock(door, caller)
        if answered != status:
            found.append(Surprise(door.name, caller, status, answered))
    if untouched:
        assert before == await scene.core(), f"a refused {door.name} changed something"
    return found


@pytest.fixture
async def scene(service: Service) -> AsyncIterator[Scene]:
    """Everybody, and ada's things."""
    yield await Scene(service).prepare()


async def test_the_matrix_has_every_route_and_no_other(service: Service) -> None:
    """A new route without a row fails here."""
    assert {door.name for door in doors(service.litestar)} == set(EXPECTED)


async def test_everybody_at_every_door(scene: Scene) -> None:
    """Seven callers, and the answer that each is owed."""
    asked = [door for door in doors(scene.service.litestar) if door.name not in OWN_SCENE]
    assert len(asked) > 95
    assert [] == [surprise for door in asked for surprise in await surprises(scene, door)]


@pytest.mark.parametrize("name", sorted(OWN_SCENE))
async def test_everybody_at_doors_that_end_something(scene: Scene, name: str) -> None:
    """Each in a scene of its own."""
    door = next(door for door in doors(scene.service.litestar) if door.name == name)
    assert [] == await surprises(scene, door)


async def test_what_is_private_is_as_if_it_were_not_there(scene: Scene) -> None:
    """Strangers and moderators get the very answer that a missing patch gets, at every door that names a patch."""
    hidden = await scene.callers["owner"].create("Secret", isPublic=False)
    before = await scene.core()
    asked = 0
    for door in doors(scene.service.litestar):
        if not _NAMES_A_PATCH.search(door.template) or door.template.startswith("/api/admin"):
            continue
        for caller in ("anonymous", "stranger", "moderator", "revoked"):
            missing = await scene.knock(door, caller, patch_id="987654321")
            assert missing == await scene.knock(door, caller, patch_id=str(hidden["id"])), (door.name, caller)
            assert missing in {401, 403, 404}, (door.name, caller)
            asked += 1
    assert asked > 80
    assert before == await scene.core()


async def test_the_matrix_reports_a_door_that_stands_open(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the guard's roles taken away, the same check names who came in."""
    open_to_all = {role: {"user"} for role in ("user", "moderator", "admin")}
    monkeypatch.setattr("brutal_patches.http.access._ENOUGH", open_to_all)
    door = next(door for door in doors(scene.service.litestar) if door.name == "GET /api/admin/users")
    assert ["stranger", "moderator", "owner"] == [surprise.caller for surprise in await surprises(scene, door)]
