"""Moving house: everything comes over once, is proved, and can go back."""

import asyncio
import json
from pathlib import Path

import pytest

from bench.predecessor import password_of
from brutal_patches.accounts import store as accounts_store
from brutal_patches.app import Service
from brutal_patches.patches import store
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Put
from brutal_patches.storage.table import Table
from tests.client import PASSWORD, Client
from tests.migration.conftest import PATCHES, USERS, Operator


async def test_a_dry_run_tells_all_and_writes_nothing(operator: Operator, table: Table) -> None:
    """The same outcomes as the pass that follows."""
    planned = await operator.carry("--dry-run")
    assert [] == [item async for page in table.scan("core") for item in page]
    done = await operator.carry()
    assert planned == done
    assert ({"added": USERS}, PATCHES) == (done["users"], done["patches"]["added"])


async def test_a_pass_is_proved_and_another_changes_nothing(operator: Operator, table: Table) -> None:
    """By counts and content hashes; ids go on above the highest."""
    assert {"missing here": PATCHES} == (await operator.verify(code=1))["patches"]["verdicts"]
    moved = await operator.carry()
    before = [item async for page in table.scan("core") for item in page if not item["pk"].startswith("AUDIT")]

    again = await operator.carry()
    proof = await operator.verify()

    after = [item async for page in table.scan("core") for item in page if not item["pk"].startswith("AUDIT")]
    assert before == after
    assert ({"unchanged": USERS}, {"unchanged": PATCHES}) == (again["users"], again["patches"])
    for kind, many in (("users", USERS), ("patches", PATCHES)):
        assert (many, many, {"equal": many}) == tuple(proof[kind][name] for name in ("rows", "carried", "verdicts"))
        assert proof[kind]["expected"] == proof[kind]["found"]
    counter = await table.get(keys.counter("patches"))
    assert counter is not None
    assert moved["highest"] == counter["value"] > 1_700_000_000


async def test_the_proof_finds_what_is_wrong(operator: Operator, table: Table, tmp_path: Path) -> None:
    """A lost patch, a changed one and a changed hash: the negative control of the comparison."""
    await operator.carry()
    lost, changed = await table.get(keys.patch(1)), await table.get(keys.patch(2))
    assert lost is not None
    assert changed is not None
    record = store.from_item(changed)
    record.patch.cutoff = (record.patch.cutoff + 1) % 100
    user_id = await accounts_store.find_id(table, "player0")
    assert user_id is not None
    await table.write(
        Delete(keys.patch(1)),
        Put(keys.patch(2), store.to_item(record)),
        accounts_store.set_hash(user_id, "$2b$04$" + "a" * 53, "2020-01-01T00:00:00.000000Z"),
    )
    report = tmp_path / "report.ndjson"

    proof = await operator.told("import", "verify", *operator.tables, "--report", str(report), code=1)

    assert {"equal": PATCHES - 2, "missing here": 1, "changed here since": 1} == proof["patches"]["verdicts"]
    assert {"equal": USERS - 1, "changed here since": 1} == proof["users"]["verdicts"]
    assert proof["patches"]["expected"] != proof["patches"]["found"]
    assert {"1", "2", "player0"} == {json.loads(line)["row"] for line in report.read_text().splitlines()}


async def test_everybody_logs_in_and_is_hashed_anew(operator: Operator, service: Service, table: Table) -> None:
    """Whatever their name looks like, and whoever else wanted it."""
    await operator.carry()
    logged_in = 0
    for number, person in enumerate(operator.people):
        name = person["username"]
        expected = f"{name}-2" if name.startswith("Player") else name
        if person["password"] == "changeme":
            continue
        client = Client(service, f"192.0.2.{number}")
        await client.log_in(expected, password_of(number))
        user_id = await accounts_store.find_id(table, expected.casefold())
        assert user_id is not None
        hashed = await accounts_store.read_hash(table, user_id)
        assert hashed is not None
        assert hashed.startswith("$argon2id$")
        logged_in += 1
    assert USERS - 1 == logged_in
    proof = await operator.verify()
    assert {"equal": 1, "equal, password hashed anew": USERS - 1} == proof["users"]["verdicts"]


async def test_each_change_is_told_per_row(operator: Operator, tmp_path: Path) -> None:
    """And no password, hash or unknown value is."""
    report = tmp_path / "report.ndjson"
    moved = await operator.carry("--report", str(report))
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    told = {(line["id"], line["field"]): line for line in lines}
    assert ("Player8", "Player8-2") == (told["Player8", "username"]["before"], told["Player8", "username"]["after"])
    assert ("player8@example.com", "") == (told["Player8", "email"]["before"], told["Player8", "email"]["after"])
    assert "" == told["player7", "email"]["after"]
    assert told["player8", "password"]["before"] is None
    assert "$2" not in report.read_text()
    assert "changeme" not in report.read_text()
    assert ("player0", None) == (told[2, "username"]["after"], told[1, "category"]["after"])
    assert {"volume", "cutoff", "colour", "octave"} <= {field for row, field in told if row == 11}
    assert sum(moved["changes"].values()) == len(lines)
    assert ["player0"] == moved["staff"]


async def test_a_second_pass_brings_what_came_since(operator: Operator, client: Client, table: Table) -> None:
    """New rows, edits as new versions, deletions; and the running service shows them in a moment."""
    await operator.carry()
    patches = await operator.patches.get_many([1, 199, 200])
    await operator.patches.put({**patches[1], "title": "Edited there"})
    await operator.patches.delete(2)
    await operator.patches.put({**patches[1], "id": 5000, "title": "New there"})
    person = (await operator.users.get_many(["player1"]))["player1"]
    await operator.users.put({**person, "email": "elsewhere@example.com"})
    await operator.users.put({**person, "username": "newcomer", "email": "new@example.com"})

    second = await operator.carry()

    assert {"unchanged": USERS - 1, "changed": 1, "added": 1} == second["users"]
    assert {"unchanged": PATCHES - 2, "changed": 1, "added": 1, "deleted": 1} == second["patches"]
    proof = await operator.verify()
    assert {"equal": PATCHES} == proof["patches"]["verdicts"]
    edited = store.from_item(await table.get(keys.patch(1)) or {})
    assert ("Edited there", 2) == (edited.patch.title, edited.patch.version)
    for _ in range(100):
        if 200 == (await client.get("/api/patches/5000")).status_code:
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the service did not hear of it")
    assert 404 == (await client.get("/api/patches/2")).status_code


async def test_what_changed_on_both_sides_stays_as_it_is_here(operator: Operator, service: Service) -> None:
    """It is told, and the pass goes on."""
    await operator.carry()
    author = Client(service)
    author = await author.log_in("player0", password_of(0))
    assert 200 == (await author.put("/api/patches/2", {"title": "Edited here"})).status_code
    row = (await operator.patches.get_many([2]))[2]
    await operator.patches.put({**row, "title": "Edited there"})
    second = await operator.carry()
    assert 1 == second["patches"]["changed here too"]
    assert "Edited here" == (await author.get("/api/patches/2")).json()["title"]


async def test_the_way_back_leaves_what_was_made_here(operator: Operator, service: Service, table: Table) -> None:
    """Everything that was carried over goes; a patch that was edited here stays with its author."""
    await operator.carry()
    author = await Client(service).log_in("player0", password_of(0))
    await author.put("/api/patches/2", {"title": "Edited here"})
    await author.create("Made here")

    undone = await operator.told("import", "undo", "--yes", code=1)

    assert {
        "patches taken back": PATCHES - 1,
        "patches kept": 1,
        "users taken back": USERS - 1,
        "users kept": 1,
    } == undone
    left = [item async for page in table.scan("core") for item in page if item["sk"] == "LATEST"]
    assert {"Edited here", "Made here"} == {item["title"] for item in left}
    anew = await operator.carry()
    assert {"added": PATCHES - 1, "unchanged": 1} == anew["patches"]


async def test_the_way_back_writes_into_the_old_tables(operator: Operator, service: Service) -> None:
    """New patches, edits, deletions and users; with the names that authors had there; twice is once."""
    await operator.carry()
    since = "2026-01-01T00:00:00Z"
    twin = await Client(service, "192.0.2.9").log_in("Player8-2", password_of(9))
    made = await twin.create("Made here", cutoff=77)
    stranger = await Client(service).register("stranger", PASSWORD)
    theirs = await stranger.create("Strange")
    owner = await Client(service).log_in("player0", password_of(0))
    await owner.delete("/api/patches/4")

    tables = ["--to-table", operator.patches_name, "--to-table", operator.users_name]
    done = await operator.told("import", "return", *tables, "--since", since, "--yes")

    rows = await operator.patches.get_many([made["id"], theirs["id"], 4])
    assert (77, "Player8", "0") == tuple(rows[made["id"]][name] for name in ("cutoff", "username", "average_rating"))
    assert "stranger" == rows[theirs["id"]]["username"]
    assert 4 not in rows
    people = await operator.users.get_many(["Player8", "stranger"])
    assert made["id"] in people["Player8"]["patches"]
    assert "!" == people["stranger"]["password"]
    assert (1, 1) == (done["users written back"], done["patches deleted there"])
    again = await operator.told("import", "return", *tables, "--since", since, "--yes")
    assert "users written back" not in again


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["import", "legacy"], "Name a FILE, or tables"),
        (["import", "legacy", "--from-table", "Nowhere"], "There is no table Nowhere."),
        (["import", "verify", "--from-table", "{core}"], "keyed by `username`"),
    ],
)
async def test_tables_that_are_none_are_refused(operator: Operator, arguments: list[str], reason: str) -> None:
    """Before anything is written."""
    core = f"{operator.prefix}-core"
    result = await operator.run(*(each.format(core=core) for each in arguments))
    assert result.exit_code in {1, 2}
    assert reason in result.output
