"""Pages for browsers: well formed, told to whoever cannot see, the same for everybody, and nothing of anybody's own."""

import re
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from justhtml import JustHTML
from justhtml.dom import Element

from brutal_patches.app import Service
from tests.admin.conftest import promoted
from tests.client import Client
from tests.sheets.drawings import texts

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
NASTY = "</title></style><script>alert(1)</script>\"'>{{ 7 * 7 }}<img src=x onerror=alert(1)>"
FILES = ("", ".svg", ".png", ".pdf", ".txt")


async def visit(client: Client, path: str, status: int = 200) -> Any:
    answer = await client.get(path, headers=BROWSER)
    assert (status, "text/html") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    return answer


def read(page: str) -> JustHTML:
    """The page as a tree. Raises StrictModeError for the first thing in it that is not valid."""
    return JustHTML(page, strict=True, sanitize=False)


def attributes(tree: JustHTML, selector: str, name: str) -> list[str]:
    return [str(node.attrs[name]) for node in tree.query(selector) if isinstance(node, Element) and name in node.attrs]


def text(tree: JustHTML, selector: str) -> str:
    (node,) = tree.query(selector)
    return str(node.to_text()).strip()


async def every_page(client: Client, ada: Client) -> dict[str, str]:
    """A patch with everything, one with nothing, one that is not there, and the ways to browse."""
    full = await ada.create(
        "Sub Aqua",
        description="Open by hand.\n\nSlowly.",
        tags=["bass", "deep"],
        category="bass",
        amount=40,
        modmatrix=[{"source": "mod-lfo", "target": "mod-filter"}],
    )
    bare = await ada.create("Bare")
    paths = {f"/p/{full['id']}": 200, f"/p/{bare['id']}": 200, "/p/987654": 404, "/": 200, "/?q=aqua": 200}
    set_of_two = {"name": "Saturday", "description": "The set.", "tags": ["live"], "patchIds": [full["id"], bare["id"]]}
    two = (await ada.post("/api/patches/collections", set_of_two)).json()["id"]
    none = (await ada.post("/api/patches/collections", {"name": "Later"})).json()["id"]
    paths |= {f"/c/{two}": 200, f"/c/{none}": 200, "/c/nowhere": 404}
    paths |= {"/?q=zzzz": 200, "/?category=nonsense&page=0": 400, "/?tags=bass&username=ada": 200}
    return {path: (await visit(client, path, status)).text for path, status in paths.items()}


async def test_pages_are_valid_and_can_be_walked_through(client: Client, ada: Client) -> None:
    """One language, title and main heading; headings without gaps; landmarks, named lists, labels, pictures told."""
    for path, page in (await every_page(client, ada)).items():
        tree = read(page)
        assert ["en"] == attributes(tree, "html", "lang"), path
        assert ["width=device-width, initial-scale=1"] == attributes(tree, 'meta[name="viewport"]', "content")
        for selector in ("title", "h1", "main", "header", "footer"):
            assert 1 == len(tree.query(selector)), (path, selector)
        assert text(tree, "title")
        levels = [int(found) for found in re.findall(r"<h([1-6])", page)]
        assert all(deeper - level <= 1 for level, deeper in pairwise(levels)), path
        skip = attributes(tree, "a.skip", "href")
        assert skip == [f"#{name}" for name in attributes(tree, "main", "id")]
        assert len(tree.query("img")) == len(attributes(tree, "img", "alt")), path
        assert len(attributes(tree, "[id]", "id")) == len(set(attributes(tree, "[id]", "id")))
        fields = len(tree.query("label input")) + len(tree.query("label select"))
        assert fields == len(tree.query("input:not([type=hidden])")) + len(tree.query("select")), path
        assert all(str(link.to_text()).strip() for link in tree.query("a")), path


async def test_pages_run_nothing(client: Client, ada: Client) -> None:
    """No script, no style but the one that the policy names by its hash, nothing of another place."""
    for path, page in (await every_page(client, ada)).items():
        tree = read(page)
        assert [] == tree.query("script") + tree.query("[style]") + tree.query("iframe") + tree.query("object")
        assert not re.search(r"\son\w+=", page)
        style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        named = b64encode(sha256(style[0].encode()).digest()).decode()
        headers = (await client.get(path, headers=BROWSER)).headers
        policy = headers["content-security-policy"]
        assert f"style-src 'sha256-{named}'" in policy
        assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
        assert "unsafe" not in policy and "script-src" not in policy
        assert ("nosniff", "no-referrer") == (headers["x-content-type-options"], headers["referrer-policy"])
        for source in attributes(tree, "img", "src") + attributes(tree, "source", "srcset"):
            assert source.startswith("/api/patches/")


async def test_every_address_on_a_page_is_answered(client: Client, ada: Client) -> None:
    """Links, pictures of every theme, and what links unfurl to."""
    pages = await every_page(client, ada)
    found = set()
    for page in pages.values():
        tree = read(page)
        found |= {*attributes(tree, "a", "href"), *attributes(tree, "link", "href"), *attributes(tree, "img", "src")}
        found |= {*attributes(tree, "source", "srcset"), *attributes(tree, 'meta[property="og:image"]', "content")}
    for address in found - {"#content"}:
        split = urlsplit(address)
        path = f"{split.path}?{split.query}" if split.query else split.path
        assert 200 == (await client.get(path)).status_code, address


async def test_a_link_unfurls_with_the_picture(client: Client, ada: Client) -> None:
    """Open Graph, the card and oEmbed speak of the same picture, whose size is what they say."""
    patch = await ada.create("Sub Aqua", description="Open it\nby hand.")
    tree = read((await visit(client, f"/p/{patch['id']}")).text)
    (title,) = attributes(tree, 'meta[property="og:title"]', "content")
    (summary,) = attributes(tree, 'meta[property="og:description"]', "content")
    assert ("Sub Aqua by ada", "Open it by hand.") == (title, summary)
    assert ["summary_large_image"] == attributes(tree, 'meta[name="twitter:card"]', "content")
    (picture,) = attributes(tree, 'meta[property="og:image"]', "content")
    (address,) = attributes(tree, 'link[type="application/json+oembed"]', "href")
    told = (await client.get(f"{urlsplit(address).path}?{urlsplit(address).query}")).json()
    assert ("1.0", "photo", "Sub Aqua", "ada") == (told["version"], told["type"], told["title"], told["author_name"])
    assert told["url"].startswith(picture)
    for shown in (picture, told["url"]):
        body = (await client.get(f"{urlsplit(shown).path}?{urlsplit(shown).query}")).content
        assert (1200, 630) == (int.from_bytes(body[16:20]), int.from_bytes(body[20:24])) == (told["width"], 630)


@pytest.mark.parametrize("asked", [{"maxwidth": 400}, {"maxheight": 200}, {"maxwidth": 100, "maxheight": 9000}])
async def test_an_embedded_picture_keeps_within_its_bounds(client: Client, ada: Client, asked: dict[str, int]) -> None:
    """And is as large as they say."""
    patch = await ada.create()
    page = attributes(read((await visit(client, f"/p/{patch['id']}")).text), 'link[rel="canonical"]', "href")[0]
    told = (await client.get("/oembed", params={"url": page, **asked})).json()
    assert told["width"] <= asked.get("maxwidth", 1200)
    assert told["height"] <= asked.get("maxheight", 630)
    split = urlsplit(told["url"])
    body = (await client.get(f"{split.path}?{split.query}")).content
    assert told["width"] == int.from_bytes(body[16:20])
    assert told["height"] == pytest.approx(int.from_bytes(body[20:24]), abs=1)


async def test_a_link_to_a_collection_unfurls_with_its_first_patch(client: Client, ada: Client) -> None:
    """Named in the same way as a patch's own; without a picture where there is nothing in it."""
    patch = await ada.create("Sub Aqua")
    for ids, card in (([patch["id"]], "summary_large_image"), ([], "summary")):
        made = (await ada.post("/api/patches/collections", {"name": "Saturday", "patchIds": ids})).json()
        tree = read((await visit(client, f"/c/{made['id']}")).text)
        assert [f"{BASE}/c/{made['id']}"] == attributes(tree, 'meta[property="og:url"]', "content")
        assert ["Saturday by ada"] == attributes(tree, 'meta[name="twitter:title"]', "content")
        assert [card] == attributes(tree, 'meta[name="twitter:card"]', "content")
        pictures = [f"{BASE}/api/patches/{each}/sheet.png?size=card" for each in ids]
        assert pictures == attributes(tree, 'meta[property="og:image"]', "content")
        assert pictures == attributes(tree, 'meta[name="twitter:image"]', "content")
        assert ["1200"] * len(ids) == attributes(tree, 'meta[property="og:image:width"]', "content")


async def test_an_embedding_is_told_in_xml_to_whoever_asks_for_it(client: Client, ada: Client) -> None:
    """The same values as in JSON, whatever the author wrote; another form is refused."""
    patch = await ada.create(NASTY[:120])
    tree = read((await visit(client, f"/p/{patch['id']}")).text)
    answers = []
    for kind in ("application/json", "text/xml"):
        (address,) = attributes(tree, f'link[type="{kind}+oembed"]', "href")
        answers.append(await client.get(f"{urlsplit(address).path}?{urlsplit(address).query}"))
        assert kind == answers[-1].headers["content-type"].partition(";")[0]
    told = ET.fromstring(answers[1].content)  # noqa: S314 It is our own answer.
    assert "oembed" == told.tag
    assert {name: str(value) for name, value in answers[0].json().items()} == {each.tag: each.text for each in told}
    other = await client.get("/oembed", params={"url": f"{BASE}/p/{patch['id']}", "format": "yaml"})
    assert 400 == other.status_code


async def test_browsers_find_an_icon(client: Client, ada: Client) -> None:
    """Where they look by themselves, and where pages say; kept for a day, and asked for again by its tag."""
    await ada.create()
    tree = read((await visit(client, "/")).text)
    named = dict(zip(*(attributes(tree, "link[rel=icon]", name) for name in ("href", "sizes")), strict=True))
    assert {"/favicon.ico": "48x48", "/favicon.svg": "any"} == named
    for path, kind, beginning in (
        ("/favicon.ico", "image/x-icon", b"\0\0\1\0\3\0"),
        ("/favicon.svg", "image/svg+xml", b"<svg xmlns="),
    ):
        answer = await client.get(path)
        assert (200, kind) == (answer.status_code, answer.headers["content-type"].partition(";")[0])
        assert answer.content.startswith(beginning)
        assert "public, max-age=86400" == answer.headers["cache-control"]
        assert "default-src 'none'; sandbox" == answer.headers["content-security-policy"]
        assert 304 == (await client.get(path, headers={"if-none-match": answer.headers["etag"]})).status_code


async def test_the_sheet_comes_first(client: Client, ada: Client) -> None:
    """However much there is to read, nobody has to scroll past it."""
    patch = await ada.create("Long", description="Turn it slowly. " * 300, tags=["slow"])
    page = (await visit(client, f"/p/{patch['id']}")).text
    places = [page.index(found) for found in ("<h1", "<figure>", 'class="files"', 'class="prose"', 'class="tags"')]
    assert sorted(places) == places


async def test_the_code_on_a_sheet_leads_to_its_page(client: Client, ada: Client) -> None:
    """The address printed on the sheet is the page's own."""
    patch = await ada.create()
    printed = " ".join(texts((await client.get(f"/api/patches/{patch['id']}/sheet.svg")).text))
    (canonical,) = attributes(read((await visit(client, f"/p/{patch['id']}")).text), 'link[rel="canonical"]', "href")
    assert canonical in printed
    assert 200 == (await client.get(urlsplit(canonical).path)).status_code


async def test_what_is_not_public_is_not_there(client: Client, ada: Client, robin: Client) -> None:
    """Private, deleted and never there look alike byte for byte, in oEmbed too, to its own author as to strangers."""
    private = await ada.create("Diary", isPublic=False, description="Mine alone.")
    gone = await ada.create("Gone")
    await ada.delete(f"/api/patches/{gone['id']}")
    answers = set()
    for client_ in (client, robin, ada):
        for number in (private["id"], gone["id"], 987654):
            answer = await visit(client_, f"/p/{number}", 404)
            answers.add((answer.text, answer.headers["cache-control"], answer.headers["content-security-policy"]))
            embedded = await client_.get("/oembed", params={"url": f"{BASE}/p/{number}"})
            assert 404 == embedded.status_code
            assert "Diary" not in embedded.text and "ada" not in embedded.text
    assert 1 == len(answers)
    assert "no-store" == answers.pop()[1]
    assert "Diary" not in (await visit(client, "/?q=Diary")).text.partition("<main")[2].replace('value="Diary"', "")


async def test_what_moderators_have_hidden_is_not_there(service: Service, client: Client, ada: Client) -> None:
    """From the moment on; nor among related patches, nor in what links unfurl to."""
    hidden, other = await ada.create("Advert", cutoff=33), await ada.create("Alike", cutoff=34)
    assert "Advert" in (await visit(client, f"/p/{other['id']}")).text
    moderator = await promoted(service, await client.register("mora"), "mora", "moderator")
    decided = {"action": "reject", "notes": "An advertisement."}
    assert 200 == (await moderator.put(f"/api/admin/moderation/patch:{hidden['id']}", decided)).status_code
    await visit(client, f"/p/{hidden['id']}", 404)
    assert 404 == (await client.get("/oembed", params={"url": f"{BASE}/p/{hidden['id']}"})).status_code
    for path in (f"/p/{other['id']}", "/", "/?q=advert"):
        assert "Advert" not in (await visit(client, path)).text.partition("<main")[2]


BASE = "http://127.0.0.1:8000"


@pytest.mark.parametrize("url", ["", "1", "/p/1", "https://evil.example/p/1", BASE, f"{BASE}/p/x", f"{BASE}/p/٣"])
async def test_other_addresses_are_embedded_by_nobody(client: Client, ada: Client, url: str) -> None:
    """404, as oEmbed has it."""
    await ada.create()
    assert 404 == (await client.get("/oembed", params={"url": url})).status_code


async def test_what_authors_write_stays_text(client: Client, ada: Client) -> None:
    """In the head, in attributes, in the body, in addresses; as markup and as our own templates' language."""
    patch = await ada.create(NASTY[:120], description=NASTY * 5, tags=[NASTY[:40], "a&b=c"])
    page = (await visit(client, f"/p/{patch['id']}")).text
    tree = read(page)
    assert NASTY[:120] == text(tree, "h1")
    assert [] == tree.query("script") + tree.query("[onerror]")
    assert "49" not in text(tree, "h1")
    assert f"/?tags={quote('a&b=c', safe='')}" in attributes(tree, "a", "href")
    home = read((await visit(client, f"/?q={quote(NASTY)}")).text)
    assert [NASTY] == attributes(home, "input[name=q]", "value")
    assert [] == home.query("script")


async def test_text_that_would_turn_the_page_around_does_not(client: Client, ada: Client) -> None:
    """Control characters and turns of direction are left out."""
    patch = await ada.create("abc\u202edef\u2066")
    assert "abcdef" == text(read((await visit(client, f"/p/{patch['id']}")).text), "h1")


async def test_the_root_is_a_page_for_browsers_alone(client: Client, ada: Client) -> None:
    """Programs get the JSON that they always got, and caches are told."""
    await ada.create()
    for accept in (None, "*/*", "application/json", "application/json, text/plain, */*", "text/html;q=0.1, */*"):
        answer = await client.get("/", headers={} if accept is None else {"accept": accept})
        assert {"name", "version", "links"} == set(answer.json()), accept
        assert "accept" in answer.headers["vary"].lower()
    assert "accept" in (await visit(client, "/")).headers["vary"].lower()
    assert "text/html" in (await client.get("/", headers={"accept": "text/html"})).headers["content-type"]


async def test_browsing_goes_page_by_page(client: Client, ada: Client) -> None:
    """Every patch once, forwards and back, with what was asked for."""
    for number in range(30):
        await ada.create(f"Sub {number}", tags=["many"])
    first = read((await visit(client, "/?tags=many&sortBy=title")).text)
    assert "30 patches found." == text(first, "p[role=status]")
    (further,) = attributes(first, "a[rel=next]", "href")
    second = read((await visit(client, further)).text)
    shown = [attributes(tree, "li h2 a", "href") for tree in (first, second)]
    assert (24, 6, 30) == (len(shown[0]), len(shown[1]), len(set(shown[0] + shown[1])))
    (back,) = attributes(second, "a[rel=prev]", "href")
    assert shown[0] == attributes(read((await visit(client, back)).text), "li h2 a", "href")


async def test_a_search_that_cannot_be_understood_is_told_why(client: Client) -> None:
    """In a page, with what was asked for still in the form."""
    page = read((await visit(client, "/?q=sub&category=nonsense", 400)).text)
    assert "category must be one of bass" in text(page, "[role=alert]")
    assert ["sub"] == attributes(page, "input[name=q]", "value")


async def test_pages_can_be_asked_for_again_by_their_tag(client: Client, ada: Client) -> None:
    """304 until something changes; then the page is another."""
    patch = await ada.create("One")
    for path in (f"/p/{patch['id']}", "/"):
        answer = await visit(client, path)
        assert "public, max-age=0, must-revalidate" == answer.headers["cache-control"]
        again = {**BROWSER, "if-none-match": answer.headers["etag"]}
        assert 304 == (await client.get(path, headers=again)).status_code
        await ada.put(f"/api/patches/{patch['id']}", {"title": f"Changed {path}"})
        assert 200 == (await client.get(path, headers=again)).status_code


async def test_modulation_is_told_as_it_is(client: Client, ada: Client) -> None:
    """Cables, what the instrument wires by itself, and what moves nothing."""
    patch = await ada.create(amount=40, modmatrix=[{"source": "mod-filter", "target": "mod-lfo"}])
    page = (await visit(client, f"/p/{patch['id']}")).text
    assert "LFO drives Filter through a cable." in page
    assert "The Env amount is at zero" in page


async def test_a_collections_page_has_what_everybody_may_see(client: Client, ada: Client) -> None:
    """Its patches in their order, without private ones, whoever asks; a private collection has no page."""
    one, two, own = [await ada.create(title, isPublic=title != "Own") for title in ("One", "Two", "Own")]
    body = {"name": NASTY, "description": NASTY[:200], "patchIds": [two["id"], own["id"], one["id"]]}
    made = (await ada.post("/api/patches/collections", body)).json()
    for reader in (client, ada):
        page = (await visit(reader, f"/c/{made['id']}")).text
        assert [f"/p/{two['id']}", f"/p/{one['id']}"] == attributes(read(page), ".cards a", "href")
        assert "Own" not in page and "2 patches" in page and "<script" not in page
    closed = await ada.put(f"/api/patches/collections/{made['id']}", {"isPublic": False})
    assert 200 == closed.status_code and not closed.json()["isPublic"], closed.text
    for reader in (client, ada):
        assert "no such collection" in (await visit(reader, f"/c/{made['id']}", 404)).text
