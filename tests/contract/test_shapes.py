"""The types that scripts rely on: text that looks like a number, bare numbers, arrays and pages, members of errors."""

import re
from typing import Any

import pytest

from tests.client import Client
from tests.contract.test_routes import PATCH

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
TEXTS = {"title", "description", "username", "average_rating", "created_at", "updated_at"}
OTHERS = {"modmatrix": list, "tags": list, "isPublic": bool, "isLatest": bool}
PROBLEM = {
    *("type", "title", "status", "detail", "instance", "statusCode"),
    *("message", "path", "method", "timestamp", "requestId"),
}


def ill_typed(patch: dict[str, Any]) -> list[str]:
    """The fields of a patch that are not of the type that the contract gives them."""
    types = {name: OTHERS.get(name, str if name in TEXTS else int) for name in PATCH}
    return [name for name, wanted in types.items() if type(patch[name]) is not wanted]


@pytest.mark.both_engines
async def test_patches_have_the_types_of_the_contract(ada: Client, robin: Client, client: Client) -> None:
    """Wherever they are listed; an average is text, and moments are RFC 3339 in UTC."""
    created = await ada.create("Sub", octave=0)
    await robin.put(f"/api/patches/{created['id']}/rating", {"rating": 5})
    listed = [
        created,
        (await client.get(f"/api/patches/{created['id']}")).json(),
        (await ada.get("/api/patches/my")).json()["patches"][0],
        (await client.get("/api/patches/search")).json()["patches"][0],
        (await client.get("/api/patches/latest?offset=0")).json()[0],
    ]
    assert [[]] * len(listed) == [ill_typed(patch) for patch in listed]
    assert ["", "5", "5", "5", "5"] == [patch["average_rating"] for patch in listed]
    for patch in listed:
        assert MOMENT.fullmatch(patch["created_at"])
        assert MOMENT.fullmatch(patch["updated_at"])


async def test_totals_are_bare_and_lists_are_arrays_or_pages(ada: Client, client: Client) -> None:
    """As the client asks for them."""
    await ada.create("Sub")
    for path in ("/api/patches/total", "/api/patches/users/ada/total"):
        assert "1" == (await client.get(path)).text
    for path in ("/api/patches", "/api/patches/latest?offset=0", "/api/patches/users/ada?offset=0"):
        assert list is type((await client.get(path)).json())
    for path in ("/api/patches/latest", "/api/patches/users/ada"):
        page = (await client.get(path)).json()
        assert (["hasMore", "patches"], False) == (sorted(page), page["hasMore"])


@pytest.mark.parametrize(
    ("method", "path", "sends", "status"),
    [
        ("GET", "/api/patches/99999", None, 404),
        ("GET", "/nowhere", None, 404),
        ("PATCH", "/api/patches", None, 405),
        ("POST", "/api/patches", {"title": "", "cutoff": 101}, 400),
        ("GET", "/api/admin/stats", None, 403),
    ],
)
async def test_errors_have_the_members_of_the_contract(
    ada: Client, method: str, path: str, sends: Any, status: int
) -> None:
    """The framework's own too."""
    answer = await ada.request(method, path, sends)
    found = answer.json()
    assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert set() == PROBLEM - set(found)
    assert (status, status, method, path) == (found["status"], found["statusCode"], found["method"], found["path"])
    assert answer.headers["x-request-id"] == found["requestId"]
    if status == 400:
        assert {"title", "cutoff"} == {error["field"] for error in found["errors"]}
