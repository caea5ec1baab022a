"""What every request meets, whichever route it is for, and also where there is none."""

import asyncio
import gzip
import re

import brotli
import httpx
import pytest

from brutal_patches.app import Service
from brutal_patches.clock import SystemClock
from brutal_patches.errors import Timeout, TooLarge, Unavailable
from brutal_patches.http import incoming
from brutal_patches.http.edge import Edge
from brutal_patches.http.incoming import Arrivals, ClientGone, Receive
from brutal_patches.settings import Settings, read_settings
from tests.client import Client, running

PROBLEM = {"type", "title", "status", "detail", "instance", "statusCode", "message", "path", "method", "timestamp"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("GET", "/api/patches/abc", None, 404),
        ("GET", "/api/patches/99", None, 404),
        ("GET", "/api/patches/" + "9" * 5000, None, 404),
        ("PATCH", "/api/patches/1", None, 405),
        ("DELETE", "/health", None, 405),
        ("GET", "/api/patches/latest?limit=0", None, 400),
        ("GET", "/api/patches/latest?limit=1001", None, 400),
        ("GET", "/api/patches/latest?limit=ten", None, 400),
        ("GET", "/api/patches/latest?offset=-1", None, 400),
        ("GET", "/api/patches/latest?cursor=nonsense", None, 400),
        ("POST", "/api/patches", b"{}", 401),
        ("POST", "/api/auth/login", b"{", 400),
        ("POST", "/api/auth/login", b"\xff\xfe", 400),
        ("POST", "/api/auth/login", b"[" * 60_000, 400),
        ("POST", "/api/auth/login", b"[]", 400),
        ("POST", "/api/auth/login", b'{"username":1e400,"password":"x"}', 400),
        ("POST", "/api/auth/login", b'"' + b"x" * 1_000_001 + b'"', 413),
    ],
)
async def test_every_error_is_a_problem(
    client: Client, method: str, path: str, body: bytes | None, status: int
) -> None:
    """With every member that the client reads, a sentence, and the request's id."""
    headers = {"content-type": "application/json"} if body else {}
    answer = await client.request(method, path, content=body, headers=headers)

    problem = answer.json()
    assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert set(problem) >= PROBLEM
    assert (status, status, method) == (problem["status"], problem["statusCode"], problem["method"])
    assert answer.headers["x-request-id"] == problem["requestId"]
    assert problem["message"].endswith(".")
    assert problem["message"] == problem["detail"]
    for internal in ("Traceback", "brutal_patches", "litestar", "msgspec", "botocore", "DynamoDB"):
        assert internal not in answer.text


async def test_faulty_query_values_are_named(client: Client) -> None:
    """All of them."""
    answer = await client.get("/api/patches/latest?limit=0&offset=x")
    assert ["limit", "offset"] == sorted(error["field"] for error in answer.json()["errors"])


async def test_a_mistake_of_ours_is_told_without_a_word_of_it(client: Client, service: Service) -> None:
    """The log has it; the answer has the id to find it by."""
    service.parts.accounts._table = None  # type: ignore[assignment]
    answer = await client.get("/api/users/getUserByUsername/ada")
    assert 500 == answer.status_code
    assert "NoneType" not in answer.text
    assert answer.json()["requestId"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a=b", 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, gzip.compress(b"{}", mtime=0), 415),
        ({"content-type": "application/json; charset=utf-8"}, b"{}", 400),
        ({"content-type": "application/merge-patch+json"}, b"{}", 400),
    ],
)
async def test_bodies_are_json_as_it_is(client: Client, headers: dict[str, str], body: bytes, status: int) -> None:
    """Other types and encodings are refused, not guessed at."""
    answer = await client.request("POST", "/api/auth/login", content=body, headers=headers)
    assert status == answer.status_code


async def test_the_request_id_is_kept_or_made(client: Client) -> None:
    """A valid one of the caller's is kept; anything else is replaced."""
    kept = await client.get("/health", headers={"x-request-id": "trace-1.2_3"})
    assert "trace-1.2_3" == kept.headers["x-request-id"]
    for bad in ("short", "a b" * 5, "x" * 129, "<script>alert(1)</script>"):
        made = await client.get("/health", headers={"x-request-id": bad})
        assert bad != made.headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-z]{26}-[0-9a-f]+", made.headers["x-request-id"])


async def test_every_answer_has_the_security_headers(client: Client) -> None:
    """Errors included; pages have a content security policy too."""
    for path in ("/health", "/nowhere", "/api/patches/latest", "/api-docs"):
        headers = (await client.get(path)).headers
        assert "max-age=63072000; includeSubDomains" == headers["strict-transport-security"]
        assert "nosniff" == headers["x-content-type-options"]
        assert "no-referrer" == headers["referrer-policy"]
        assert "DENY" == headers["x-frame-options"]
        assert "cache-control" in headers
    assert "script-src 'self'" in (await client.get("/api-docs")).headers["content-security-policy"]


async def test_what_is_private_is_for_no_cache(ada: Client) -> None:
    """Public reads may be kept and asked for again."""
    patch = await ada.create()
    for path in ("/api/users/profile", "/api/patches/my", f"/api/patches/{patch['id']}", "/api/auth/sessions"):
        assert "private, no-store" == (await ada.get(path)).headers["cache-control"]
    anonymous = Client(ada.service)
    for path in (f"/api/patches/{patch['id']}", "/api/patches/latest", "/api/patches", "/api/patches/total"):
        assert "public, max-age=0, must-revalidate" == (await anonymous.get(path)).headers["cache-control"]


async def test_an_unchanged_answer_is_a_304(client: Client, ada: Client) -> None:
    """For lists and patches, compressed or not; after a change it is whole again."""
    patch = await ada.create()
    for path in (f"/api/patches/{patch['id']}", "/api/patches/latest", "/api/patches", "/api/patches/total"):
        for encoding in ("identity", "gzip", "br"):
            first = await client.get(path, headers={"accept-encoding": encoding})
            again = await client.get(
                path, headers={"accept-encoding": encoding, "if-none-match": first.headers["etag"]}
            )
            assert (304, b"") == (again.status_code, again.content)
            assert first.headers["etag"] == again.headers["etag"]
            assert "content-length" not in again.headers
        tag = first.headers["etag"]
        await ada.put(f"/api/patches/{patch['id']}", {"title": f"Changed {path}"})
        if not path.endswith("total"):
            assert 200 == (await client.get(path, headers={"if-none-match": tag})).status_code


async def test_one_tag_never_names_two_bodies(client: Client, ada: Client) -> None:
    """The compressed form has one of its own."""
    await ada.create(description="long " * 500)
    tags = {
        encoding: (await client.get("/api/patches/latest", headers={"accept-encoding": encoding})).headers["etag"]
        for encoding in ("identity", "gzip", "br")
    }
    assert 3 == len(set(tags.values()))


LANES = (
    "/api/patches/1",
    "/api/patches/2",
    "/api/patches/99",
    "/api/patches/0001",
    "/api/patches/latest",
    "/api/patches/latest?limit=1",
    "/api/patches/total",
    "/api/patches/search?q=sub",
    "/api/patches/1/related",
    "/api/patches/categories",
    "/api/patches/users/ada",
    "/nowhere",
)


async def test_both_lanes_give_the_same_answer(ada: Client) -> None:
    """Whether it comes ready or through the framework, first or again, whole, as HEAD, compressed or as a 304."""
    await ada.create("Sub")
    await ada.create("Other", isPublic=False)
    guest, slow = Client(ada.service), Client(ada.service, tokens={"access_token": "none"})
    for change in range(2):
        for path in LANES:
            for method, more in (("GET", {}), ("HEAD", {}), ("GET", {"accept-encoding": "br"})):
                headers = {"accept-encoding": "", **more}
                expected = await slow.request(method, path, headers=headers)
                for _ in range(2):
                    assert _shown(expected) == _shown(await guest.request(method, path, headers=headers)), path
                if tag := expected.headers.get("etag"):
                    again = await guest.request(method, path, headers=headers | {"if-none-match": tag})
                    assert (304, tag) == (again.status_code, again.headers["etag"])
        await ada.put("/api/patches/1", {"title": f"Sub {change}"})


def _shown(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """An answer without what is of this one request."""
    own = {"x-request-id", "ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset"}
    body = b"" if answer.status_code >= 400 else answer.content
    left_out = own | ({"content-length"} if answer.status_code >= 400 else set())
    return answer.status_code, body, {name: value for name, value in answer.headers.items() if name not in left_out}


async def test_answers_are_compressed_as_asked(client: Client, ada: Client) -> None:
    """By brotli or gzip, and said so to caches."""
    await ada.create(description="long " * 500)
    request = client._http.build_request("GET", "/api/patches/latest", headers={"accept-encoding": "br"})
    response = await client._http.send(request, stream=True)
    raw = b"".join([part async for part in response.aiter_raw()])
    assert "br" == response.headers["content-encoding"]
    assert "accept-encoding" in response.headers["vary"].lower()
    assert b"long long" in brotli.decompress(raw)


async def test_head_answers_as_get_does_without_the_body(client: Client, ada: Client) -> None:
    """Everywhere."""
    patch = await ada.create()
    for path in ("/health", "/api/patches/latest", f"/api/patches/{patch['id']}", "/nowhere"):
        got = await client.get(path, headers={"accept-encoding": "identity"})
        head = await client.request("HEAD", path, headers={"accept-encoding": "identity"})
        assert (got.status_code, b"") == (head.status_code, head.content)
        assert got.headers.get("etag") == head.headers.get("etag")


async def test_a_wrong_method_is_told_the_right_ones(client: Client) -> None:
    """In Allow."""
    answer = await client.request("PATCH", "/api/patches/1")
    assert {"GET", "PUT", "DELETE"} <= set(answer.headers["allow"].replace(" ", "").split(","))


async def limited(settings: Settings, **changes: str) -> Settings:
    """Settings with other limits on the same tables."""
    return read_settings(
        {
            "APP_ENV": "test",
            "DYNAMODB_ENDPOINT_URL": settings.dynamodb.endpoint_url,
            "DYNAMODB_TABLE_PREFIX": settings.dynamodb.table_prefix,
            **changes,
        }
    )


async def test_each_address_has_its_limit(settings: Settings) -> None:
    """Told in every answer; 429 says when to come back; probes are not counted."""
    async with running(await limited(settings, RATE_LIMIT_MAX="3")) as service:
        client = Client(service)
        answers = [await client.get("/nowhere") for _ in range(4)]
        assert [404, 404, 404, 429] == [answer.status_code for answer in answers]
        assert ["2", "1", "0", "0"] == [answer.headers["x-ratelimit-remaining"] for answer in answers]
        assert '"default";q=3;w=60' == answers[0].headers["ratelimit-policy"]
        assert 1 <= int(answers[3].headers["retry-after"]) <= 60
        assert 429 == answers[3].json()["status"]
        assert 404 == (await client.at("192.0.2.2").get("/nowhere")).status_code
        assert 200 == (await client.get("/health/ready")).status_code


async def test_one_person_with_many_addresses_has_one_limit(settings: Settings) -> None:
    """Counted by user as well."""
    async with running(await limited(settings, RATE_LIMIT_MAX="8")) as service:
        ada = await Client(service).register("ada")
        statuses = [(await ada.at(f"198.51.100.{n}").get("/api/auth/me/roles")).status_code for n in range(10)]
        assert [200] * 8 + [429] * 2 == statuses


async def test_the_address_is_believed_only_from_trusted_proxies(settings: Settings) -> None:
    """And never what the client wrote to the left of it."""
    async with running(await limited(settings, RATE_LIMIT_MAX="2", TRUSTED_PROXIES="10.0.0.0/8")) as service:
        stranger, proxy = Client(service, "192.0.2.1"), Client(service, "10.0.0.7")
        for number in range(3):
            lied = await stranger.get("/nowhere", headers={"x-forwarded-for": f"198.51.100.{number}"})
        assert 429 == lied.status_code
        for number in range(3):
            told = await proxy.get("/nowhere", headers={"x-forwarded-for": f"198.51.100.{number}"})
            assert 404 == told.status_code
        for number in range(3):
            forged = await proxy.get("/nowhere", headers={"x-forwarded-for": f"1.2.3.{number}, 203.0.113.9"})
        assert 429 == forged.status_code


async def test_too_much_at_once_is_refused_quickly(settings: Settings) -> None:
    """A place is waited for a tenth of a second; what is refused may come again."""
    release = asyncio.Event()

    async def slow(_scope: object, _receive: object, send) -> None:  # type: ignore[no-untyped-def]
        await release.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    narrow = await limited(settings, MAX_IN_FLIGHT="2")
    service = Service(narrow)
    service.app = Edge(slow, narrow.http, SystemClock())
    client = Client(service)
    first = [asyncio.create_task(client.get("/x")) for _ in range(2)]
    await asyncio.sleep(0.01)
    refused = await client.get("/x")
    assert (503, "1") == (refused.status_code, refused.headers["retry-after"])
    release.set()
    assert [204, 204] == [(await task).status_code for task in first]
    assert 204 == (await client.get("/x")).status_code


def in_parts(part: bytes, pause: float = 0) -> Receive:
    """A body without end."""

    async def receive() -> dict[str, object]:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": part, "more_body": True}

    return receive


async def test_a_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one without end; what was held of them is held no longer."""
    monkeypatch.setattr(incoming, "BODY_SECONDS", 0.05)
    arrivals = Arrivals()
    for receive, fault in ((in_parts(b"x", pause=0.02), Timeout), (in_parts(b"x" * 300_000), TooLarge)):
        with pytest.raises(fault):
            await arrivals.whole(receive, "192.0.2.1")
    assert 0 == arrivals.bytes_held


async def test_whoever_goes_in_the_middle_of_a_body_needs_no_answer() -> None:
    """And is no error of ours."""

    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGone):
        await Arrivals().whole(gone, "192.0.2.1")


async def test_what_is_held_of_slow_bodies_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One neighbourhood cannot fill it; those who send at once are never refused for it."""
    monkeypatch.setattr(incoming, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(incoming, "MAX_HELD_BYTES_EACH", 500_000)
    arrivals = Arrivals()
    slow = [asyncio.create_task(arrivals.whole(in_parts(b"x" * 200_000, pause=0.15), "192.0.2.1")) for _ in range(4)]
    await asyncio.sleep(0.2)
    assert 400_000 == arrivals.bytes_held
    assert 2 == sum(task.done() and isinstance(task.exception(), Unavailable) for task in slow)

    async def at_once() -> dict[str, object]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    assert b"{}" == (await (await arrivals.whole(at_once, "192.0.2.1"))())["body"]
    await asyncio.gather(*slow, return_exceptions=True)
    assert 0 == arrivals.bytes_held


async def test_browsers_of_known_origins_may_call(settings: Settings) -> None:
    """With preflight, and for errors of the edge too; others may not."""
    origin = "https://brutalpatches.com"
    async with running(await limited(settings, CORS_ORIGIN=origin, RATE_LIMIT_MAX="4")) as service:
        client = Client(service)
        asked = {"origin": origin, "access-control-request-method": "PUT", "access-control-request-headers": "if-match"}
        preflight = await client.request("OPTIONS", "/api/patches/1", headers=asked)
        assert (204, origin) == (preflight.status_code, preflight.headers["access-control-allow-origin"])
        found = await client.get("/api/patches/latest", headers={"origin": origin})
        assert origin == found.headers["access-control-allow-origin"]
        assert "etag" in found.headers["access-control-expose-headers"].lower()
        stranger = await client.get("/api/patches/latest", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
        await client.get("/nowhere")
        refused = await client.get("/nowhere", headers={"origin": origin})
        assert (429, origin) == (refused.status_code, refused.headers["access-control-allow-origin"])


async def test_operators_pages_ask_for_the_token_where_one_is_set(settings: Settings) -> None:
    """Until then they are open, as the runbook has them."""
    async with running(await limited(settings, OPS_TOKEN="let me in, please")) as service:
        client = Client(service)
        assert 401 == (await client.get("/health/detailed")).status_code
        headers = {"authorization": "Bearer let me in, please"}
        assert 200 == (await client.get("/health/detailed", headers=headers)).status_code
        assert 200 == (await client.get("/health")).status_code


async def test_health_tells_what_is_the_matter(client: Client, service: Service) -> None:
    """Liveness asks nobody; the details really ask the database."""
    health = (await client.get("/health")).json()
    assert {"status", "timestamp", "service", "version", "uptime"} == set(health)
    assert ("ok", "brutal-patches-api") == (health["status"], health["service"])
    detailed = (await client.get("/health/detailed")).json()
    assert {"database", "catalogue"} == set(detailed["checks"])
    assert ("ok", "test") == (detailed["status"], detailed["environment"])
    assert "ready" in (await client.get("/health/ready")).json()
    service.vitals.draining = True
    assert 503 == (await client.get("/health/ready")).status_code
    assert 200 == (await client.get("/api/patches/latest")).status_code


async def test_the_root_says_where_to_go(client: Client) -> None:
    """Name, version and links."""
    root = (await client.get("/")).json()
    assert {"name", "version", "links"} == set(root)
    for link in root["links"].values():
        assert 200 == (await client.get(link)).status_code
