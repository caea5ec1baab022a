"""What a user did, and feeds of what is new."""

from defusedxml import ElementTree

from tests.client import Client

ATOM = {"a": "http://www.w3.org/2005/Atom"}


async def test_a_users_doings_newest_first(ada: Client, robin: Client, client: Client) -> None:
    """Only what everybody could see."""
    first = (await robin.create("First"))["id"]
    sub = (await ada.create("Sub"))["id"]
    await ada.create("Secret", isPublic=False)
    fork = (await ada.post(f"/api/patches/{first}/fork", {"title": "Forked"})).json()["id"]
    await ada.post(f"/api/patches/{first}/comments", {"text": "Deep."})
    await ada.post("/api/patches/collections", {"name": "Set"})
    await ada.post("/api/patches/collections", {"name": "Own", "isPublic": False})
    page = (await client.get("/api/users/ADA/activity")).json()
    assert not page["hasMore"]
    assert [
        ("collection", "Set", None),
        ("comment", "First", first),
        ("fork", "Forked", fork),
        ("patch", "Sub", sub),
    ] == [(event["kind"], event["title"], event.get("patchId")) for event in page["events"]]
    assert "Deep." == page["events"][1]["text"]
    assert 404 == (await client.get("/api/users/nobody/activity")).status_code


async def test_pages_miss_nothing_and_repeat_nothing(ada: Client, client: Client) -> None:
    """Whatever the sources are."""
    patch_id = (await ada.create("P0"))["id"]
    for number in range(1, 5):
        await ada.create(f"P{number}")
        await ada.post(f"/api/patches/{patch_id}/comments", {"text": f"C{number}"})
        await ada.post("/api/patches/collections", {"name": f"S{number}", "isPublic": number % 2 == 0})
    whole = (await client.get("/api/users/ada/activity?limit=100")).json()["events"]
    assert 11 == len(whole)
    found, path = [], "/api/users/ada/activity?limit=2"
    for _ in range(20):
        page = (await client.get(path)).json()
        found += page["events"]
        if not page["hasMore"]:
            break
        path = f"/api/users/ada/activity?limit=2&cursor={page['nextCursor']}"
    assert whole == found


async def test_the_feed_of_the_latest(ada: Client, client: Client) -> None:
    """Valid, escaped, and without what is private."""
    empty = ElementTree.fromstring((await client.get("/feeds/latest.atom")).content)
    assert [] == empty.findall("a:entry", ATOM)
    one = await ada.create("<b>Bold & loud</b>", description="]]> & <script>", tags=["acid"])
    await ada.create("Secret", isPublic=False)
    answer = await client.get("/feeds/latest.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    (entry,) = feed.findall("a:entry", ATOM)
    assert ("<b>Bold & loud</b>", "]]> & <script>", "ada", one["created_at"]) == tuple(
        entry.findtext(path, namespaces=ATOM) for path in ("a:title", "a:summary", "a:author/a:name", "a:published")
    )
    assert one["updated_at"] == feed.findtext("a:updated", namespaces=ATOM)
    again = await client.get("/feeds/latest.atom", headers={"if-none-match": answer.headers["etag"]})
    assert 304 == again.status_code


async def test_feeds_of_an_author_and_of_a_tag(ada: Client, robin: Client, client: Client) -> None:
    """And of nobody and nothing."""
    await ada.create("One", tags=["acid"])
    await robin.create("Two", tags=["acid", "deep"])
    for path, titles in (("users/ada", ["One"]), ("tags/acid", ["Two", "One"]), ("tags/deep", ["Two"])):
        feed = ElementTree.fromstring((await client.get(f"/feeds/{path}.atom")).content)
        assert titles == [entry.findtext("a:title", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    for path in ("users/nobody.atom", "tags/none.atom", "users/ada", "tags/acid"):
        assert 404 == (await client.get(f"/feeds/{path}")).status_code


async def test_a_feed_has_one_valid_name(ada: Client, client: Client) -> None:
    """Whatever the case of a name, and whatever is in a tag."""
    await ada.create("One", tags=["two words"])
    for path, name in (
        ("users/ADA", "users/ada"),
        ("users/ada", "users/ada"),
        ("tags/two%20words", "tags/two%20words"),
    ):
        feed = ElementTree.fromstring((await client.get(f"/feeds/{path}.atom")).content)
        (own,) = [link for link in feed.findall("a:link", ATOM) if link.get("rel") == "self"]
        assert own.get("href") == feed.findtext("a:id", namespaces=ATOM)
        assert str(own.get("href")).endswith(f"/feeds/{name}.atom")
