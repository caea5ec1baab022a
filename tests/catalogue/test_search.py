"""Search as players use it, over HTTP, on the demo patches."""

from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes, urlencode

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brutal_patches.app import Service
from brutal_patches.catalogue.analysis import fold
from brutal_patches.catalogue.index import TextIndex
from brutal_patches.catalogue.parameters import PARAMETERS
from brutal_patches.catalogue.question import Question, Range, read_question
from brutal_patches.cli.seeding import seed
from brutal_patches.errors import Invalid
from brutal_patches.patches.panel import CONTROLS, Control
from tests.client import Client


@pytest.fixture
async def demo(service: Service, client: Client) -> Client:
    """A guest of a service with the demo patches."""
    await seed(service.parts)
    return client


async def found(client: Client, **asked: Any) -> list[str]:
    answer = await client.get(f"/api/patches/search?{urlencode(asked)}")
    assert 200 == answer.status_code, answer.text
    return [patch["title"] for patch in answer.json()["patches"]]


JUDGED = {
    "acid": {"Acid Postman"},
    "basses": {"Coal Barge", "Basse de velours", "Tidal Sub", "Knuckle Dub", "Acid Postman", "Rusty Winch"},
    "flute": {"Flûte en fer-blanc"},
    "flûtes": {"Flûte en fer-blanc"},
    "szonyeg": {"Hajnali köd"},
    "ködös": {"Hajnali köd"},
    "cuerdas": {"Pizzicato en la azotea"},
    "siren": {"Lighthouse Alarm"},
    "kick drum": {"Boots Kick"},
    "kalimba": {"Kalimba of Nails"},
    "kalimbaa": {"Kalimba of Nails"},
    "harpsicord shard": {"Harpsi Shard"},
    "szurok": {"Hajnali köd"},
    "the flute please": {"Flûte en fer-blanc"},
    "pizzciato": {"Pizzicato en la azotea"},
    "lightouse": {"Lighthouse Alarm"},
    "pizzi": {"Pizzicato en la azotea"},
    "bulles savon": {"Bulles de savon"},
    "wind weather": {"Gale in a Bottle"},
}


async def test_judged_queries_find_what_a_player_means(demo: Client) -> None:
    """The first finding is one of those that were judged right: in four languages, with plurals and mistakes."""
    first = {query: (await found(demo, q=query, limit=1)) for query in JUDGED}
    assert {} == {query: titles for query, titles in first.items() if not JUDGED[query].intersection(titles)}


async def test_properties_narrow_a_search(demo: Client) -> None:
    """Category, tags, author, ranges, switches by name, cables; together."""
    assert 6 == len(await found(demo, category="bass"))
    assert ["Brass Monkey Bar", "Basse de velours"] == await found(demo, tags="FUNK")
    assert [] == await found(demo, tags="funk,acid")
    assert 22 - 1 == len(await found(demo, username="ADA", limit=100))
    assert {"Neon Razor", "Harpsi Shard", "Biscuit Tin Snare", "Closed Hat Sandwich"} == set(
        await found(demo, mode="hp")
    )
    bright = await demo.get("/api/patches/search?cutoff.min=60&cutoff.max=62&sortBy=title")
    assert all(60 <= patch["cutoff"] <= 62 for patch in bright.json()["patches"])
    assert ["Clave of the Third Floor", "Rain on Tin", "Solo at the Bus Stop"] == [
        patch["title"] for patch in bright.json()["patches"]
    ]
    assert await found(demo, cable="lfo-filter", limit=100) == await found(demo, cable="filter-lfo", limit=100)
    assert ["Two Cables, One Regret"] == await found(demo, cable="lfo-filter,lfo-pwm")
    assert ["Tidal Sub"] == await found(demo, q="bass", category="bass", cable="lfo-filter", octave="-2")


async def test_totals_are_exact_and_pages_follow(demo: Client) -> None:
    """With facets over all that is found."""
    whole = (await demo.get("/api/patches/search?limit=100")).json()
    assert 41 == whole["total"] == len(whole["patches"])
    pages = [(await demo.get(f"/api/patches/search?limit=15&offset={start}")).json() for start in (0, 15, 30)]
    assert [patch["id"] for patch in whole["patches"]] == [patch["id"] for page in pages for patch in page["patches"]]
    assert {41} == {page["total"] for page in pages}
    assert 41 == sum(bucket["count"] for bucket in whole["facets"]["categories"])
    assert {"ada", "robin"} == {bucket["value"] for bucket in whole["facets"]["authors"]}


@pytest.mark.parametrize(("order", "key"), [("created_at", "created_at"), ("title", "title"), ("date", "created_at")])
async def test_orders_go_both_ways(demo: Client, order: str, key: str) -> None:
    """The contract's, and the names that clients have for them."""
    up = (await demo.get(f"/api/patches/search?limit=100&sortBy={order}&sortOrder=asc")).json()["patches"]
    down = (await demo.get(f"/api/patches/search?limit=100&sortBy={order}&sortOrder=desc")).json()["patches"]
    values = [patch[key] for patch in up]
    assert sorted(values, key=str.lower) == values
    assert values == [patch[key] for patch in down][::-1]


async def test_findings_are_marked(demo: Client) -> None:
    """In safe HTML."""
    ada = await demo.log_in("ada", "brutal-demo-7")
    evil = await ada.create(
        "<b>Velvet</b> & acid", description="x" * 300 + " acid <script>alert(1)</script> " + "y " * 200
    )
    marked = (await demo.get("/api/patches/search?q=acid")).json()["highlights"]
    assert "&lt;b&gt;Velvet&lt;/b&gt; &amp; <mark>acid</mark>" == marked[str(evil["id"])]["title"]
    description = marked[str(evil["id"])]["description"]
    assert "<script>" not in description
    assert "<mark>acid</mark>" in description
    assert len(description) < 260
    assert any("<mark>Acid</mark>" in each.get("title", "") for each in marked.values())


@pytest.mark.parametrize(
    ("query", "mark"), [("lightouse", "Lighthouse"), ("pizzi", "Pizzicato"), ("pizzciato", "Pizzicato")]
)
async def test_what_was_meant_is_marked(demo: Client, query: str, mark: str) -> None:
    """Where a word was mistyped or only begun, and the answer says that it was forgiven."""
    answer = (await demo.get(f"/api/patches/search?q={query}")).json()
    assert answer["forgiven"]
    assert f"<mark>{mark}</mark>" in answer["highlights"][str(answer["patches"][0]["id"])]["title"]


async def test_likeness_orders_a_search(demo: Client) -> None:
    """Within whatever else is asked for."""
    acid = (await demo.get("/api/patches/search?q=acid")).json()["patches"][0]
    answer = (await demo.get(f"/api/patches/search?similarTo={acid['id']}&limit=5")).json()
    assert acid["id"] == answer["patches"][0]["id"]
    assert 1 == answer["similarities"][0] > answer["similarities"][1] >= answer["similarities"][2]
    basses = (await demo.get(f"/api/patches/search?similarTo={acid['id']}&category=lead")).json()
    assert {"lead"} == {patch["category"] for patch in basses["patches"]}
    assert 400 == (await demo.get("/api/patches/search?similarTo=99999")).status_code
    panel = {control.field: acid[control.field] for control in CONTROLS} | {"modmatrix": acid["modmatrix"]}
    nearest = (await demo.post("/api/patches/search/by-panel?limit=3", panel | {"cutoff": acid["cutoff"] + 3})).json()
    assert acid["id"] == nearest["patches"][0]["id"]
    assert 3 == len(nearest["similarities"])
    assert 400 == (await demo.post("/api/patches/search/by-panel", {"cutoff": 200})).status_code


NARROWED = (
    "",
    "&category=lead",
    "&q=bass",
    "&mode=hp",
    "&category=sfx&cutoff.min=99",
    "&cutoff.max=99",
    "&volume.min=1",
)
"""Everything, few, about half, nothing, and nearly everything."""


async def _whole(demo: Client, narrowed: str) -> list[dict[str, Any]]:
    return list((await demo.get(f"/api/patches/search?limit=100&{narrowed}")).json()["patches"])


async def _paged(demo: Client, asked: str, size: int) -> list[int]:
    pages = [(await demo.get(f"{asked}&limit=4&offset={start}")).json() for start in range(0, size, 4)]
    return [patch["id"] for page in pages for patch in page["patches"]]


async def test_likeness_looks_at_every_patch_that_is_found(demo: Client) -> None:
    """However many are nearer and not wanted; both ways; on every page."""
    everything = (await demo.get("/api/patches/search?similarTo=1&limit=100")).json()
    alike = dict(zip((patch["id"] for patch in everything["patches"]), everything["similarities"], strict=True))
    for narrowed in NARROWED:
        whole = await _whole(demo, narrowed)
        expected = sorted((patch["id"] for patch in whole), key=lambda each: (-alike[each], -each))
        asked = f"/api/patches/search?similarTo=1&{narrowed}"
        assert expected == await _paged(demo, asked, len(expected))
        far = (await demo.get(f"{asked}&limit=100&sortBy=similarity&sortOrder=asc")).json()
        assert sorted(far.get("similarities", [])) == far.get("similarities", [])
        assert set(expected) == {patch["id"] for patch in far["patches"]}


@pytest.mark.parametrize("ascending", [True, False])
async def test_titles_are_in_order_on_every_page(demo: Client, client: Client, ascending: bool) -> None:
    """By their letters without case and accents, then by age; also after one has changed and another has gone."""
    bob = await client.register("bob")
    twins = [await bob.create("Twin"), await bob.create("twín")]
    for title in ("Zebra", "ámbar"):
        for narrowed in NARROWED:
            whole = sorted((fold(patch["title"]), patch["id"]) for patch in await _whole(demo, narrowed))
            expected = [patch_id for _, patch_id in (whole if ascending else reversed(whole))]
            asked = f"/api/patches/search?sortBy=title&sortOrder={'asc' if ascending else 'desc'}&{narrowed}"
            assert expected == await _paged(demo, asked, len(expected))
        assert 200 == (await bob.put(f"/api/patches/{twins[0]['id']}", {"title": title})).status_code
    await bob.delete(f"/api/patches/{twins[1]['id']}")
    assert twins[1]["id"] not in await _paged(demo, "/api/patches/search?sortBy=title", 100)


@pytest.mark.parametrize(
    ("query", "bounds"),
    [
        ("pattern=3", ("pattern", 3, 3)),
        ("pattern=8", ("pattern", 7, 7)),
        ("octave=%2B1", ("octave", 4, 4)),
        ("octave=+1", ("octave", 4, 4)),
        ("octave=-2", ("octave", 1, 1)),
        ("octave=0", ("octave", 3, 3)),
        ("octave=5", ("octave", 5, 5)),
        ("mode=HP", ("mode", 2, 2)),
        ("mode.min=bp", ("mode", 1, 2)),
        ("wave=square", ("wave", 2, 2)),
        ("mod_wheel=lfo+amount", ("mod_wheel", 1, 1)),
        ("cutoff.min=20&cutoff.max=60", ("cutoff", 20, 60)),
    ],
)
def test_positions_by_number_and_by_name(query: str, bounds: tuple[str, int, int]) -> None:
    """The number on the wire first; a plus sign also where it was not escaped."""
    assert (Range(*bounds),) == read_question(parse_qsl(query)).ranges


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.field)
async def test_every_control_has_a_range(control: Control) -> None:
    """At least, at most, and exactly; both ends are inclusive."""
    low, high = control.low, control.high
    for query, expected in (
        ({f"{control.field}.min": low + 1}, (low + 1, high)),
        ({f"{control.field}.max": high - 1}, (low, high - 1)),
        ({control.field: high}, (high, high)),
    ):
        read = read_question([(name, str(value)) for name, value in query.items()]).ranges
        assert (Range(control.field, *expected),) == read


def test_what_was_left_empty_is_passed_over() -> None:
    """As forms send it; without words, sorting by relevance is sorting by date."""
    names = (
        "q",
        "cutoff.min",
        "mode",
        "cable",
        "limit",
        "offset",
        "tags",
        "dateTo",
        "similarTo",
        "sortBy",
        "cutof.max",
    )
    assert read_question([]) == read_question([(name, "") for name in names])
    assert read_question([]) == read_question([("sortBy", "relevance")])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cutoff.min=101", "cutoff.min"),
        ("cutof.min=1", "cutof.min"),
        ("cutoff=1.5", "cutoff"),
        ("octave=9", "octave"),
        ("cutoff.mid=1", "cutoff.mid"),
        ("mode=xy", "mode"),
        ("cable=lfo-lfo", "cable"),
        ("cable=lfo-moon", "cable"),
        ("cable=lfo", "cable"),
        ("category=polka", "category"),
        ("minRating=6", "minRating"),
        ("dateFrom=yesterday", "dateFrom"),
        ("limit=0", "limit"),
        ("offset=-1", "offset"),
        ("sortBy=color", "sortBy"),
        ("sortOrder=up", "sortOrder"),
        ("similarTo=x", "similarTo"),
        ("q=" + "x" * 201, "q"),
    ],
)
async def test_faulty_values_are_named(query: str, field: str) -> None:
    """Each by its own name."""
    name, _, value = query.partition("=")
    with pytest.raises(Invalid) as refused:
        read_question([(name, value)])
    assert [field] == [error.field for error in refused.value.errors]


@pytest.mark.parametrize("bound", ["", ".min", ".max"])
def test_whoever_names_a_position_that_is_not_there_is_told_those_that_are(bound: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_question([(f"mode{bound}", "purple")])
    assert "must be LP, BP, HP, or a whole number from 0 to 2" == refused.value.errors[0].message


async def test_a_day_is_meant_to_its_end() -> None:
    """And moments without a zone are UTC."""
    question = read_question([("dateFrom", "2026-01-02"), ("dateTo", "2026-01-02"), ("minRating", "4.5")])
    low, high = question.created
    assert low is not None
    assert high is not None
    assert 86_400_000_000 - 1 == high - low
    assert (450, None) == question.rating
    assert Question(order="created_at") == read_question([("q", ""), ("category", ""), ("unknown", "x")])


@given(st.text(max_size=200))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_breaks_a_search(text: str) -> None:
    """It finds something or nothing."""
    index = _INDEX
    question = read_question([("q", text)])
    for leniency in ("exact", "near", "some"):
        assert not index.having(question, leniency, 8).any()
        assert 0 == len(index.best(question, leniency, np.ones(8, np.bool), 8))
    assert [] == index.titles_with(text, 5)


_INDEX = TextIndex()
_NAMES = st.sampled_from(
    [each["name"] for each in PARAMETERS] + ["tag", "cutof.min", "cutoff.mid", "", ".", "q[]", "unknown"]
)
_VALUES = st.one_of(
    st.binary(max_size=40).map(quote_from_bytes),
    st.text(max_size=40).map(lambda text: quote_from_bytes(text.encode("utf-8", "surrogatepass"))),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.sampled_from(
        [
            *("hp", "+1", "-2", "lfo-filter", "lfo->", "1e400", "NaN", "desc", "%", "%zz", '"(*:^~', "a" * 250),
            *("0001-01-01", "9999-12-31", "2026-02-30", "2026-W01-1", "9999-12-31T23:59:59-14:00"),
            "0001-01-01T00:00:00%2B14:00",
        ]
    ),
)


async def test_no_query_string_breaks_a_search(demo: Client) -> None:
    """Whatever is sent: patches, none, or a sentence for each value that cannot be; the same for suggestions."""

    async def ask(path: str) -> None:
        answer = await demo.get(path)
        assert answer.status_code in {200, 400}, path
        if answer.status_code == 400:
            assert answer.json()["errors"], path

    @given(st.lists(st.tuples(_NAMES, _VALUES), max_size=6))
    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def generate(pairs: list[tuple[str, str]]) -> None:
        query = "&".join(f"{name}={value}" for name, value in pairs)
        asked.append(f"/api/patches/search?{query}")
        asked.extend(f"/api/patches/suggest?q={value}" for _, value in pairs[:1] if len(value) < 100)

    asked: list[str] = []
    generate()
    assert len(asked) > 300
    for path in asked:
        await ask(path)


async def test_typing_is_answered_with_what_it_may_become(demo: Client) -> None:
    """Tags, authors and titles; nothing for nothing."""
    said = (await demo.get("/api/patches/suggest?q=br")).json()
    assert {"text": "bright", "kind": "tag"} in said
    assert {"Brass Monkey Bar"} == {each["text"] for each in said if each["kind"] == "title"}
    assert [{"text": "robin", "kind": "author"}] == [
        each for each in (await demo.get("/api/patches/suggest?q=ROB")).json() if each["kind"] == "author"
    ]
    assert ["Solo at the Bus Stop"] == [
        each["text"] for each in (await demo.get("/api/patches/suggest?q=solo at the b")).json()
    ]
    assert ["Lighthouse Alarm"] == [each["text"] for each in (await demo.get("/api/patches/suggest?q=lightou")).json()]
    assert [] == (await demo.get("/api/patches/suggest?q=")).json()
    assert [] == (await demo.get("/api/patches/suggest?q=%22)(*")).json()
    assert 400 == (await demo.get(f"/api/patches/suggest?q={'x' * 101}")).status_code
