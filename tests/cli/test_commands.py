"""The command line, as an operator types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from brutal_patches.cli.engine import Engine
from brutal_patches.cli.main import cli
from brutal_patches.cli.seeding import PASSWORD, demo_patches
from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.encoding import encode_panel
from brutal_patches.patches.submission import read_body

_prefixes = iter(range(1000))


@pytest.fixture
def environment(engine: Engine) -> dict[str, str]:
    """Tables that no other test uses."""
    return {
        "APP_ENV": "test",
        "DYNAMODB_ENDPOINT_URL": engine.endpoint,
        "DYNAMODB_TABLE_PREFIX": f"cli-{next(_prefixes)}",
        "LOG_LEVEL": "error",
        "RATE_LIMIT_MAX": "100000",
    }


def run(environment: dict[str, str], *arguments: str, stdin: str = "") -> Result:
    return CliRunner(env=environment).invoke(cli, arguments, input=stdin)


def test_tables_are_made_once(environment: dict[str, str]) -> None:
    """And their state is told."""
    missing = run(environment, "db", "status", "--json")
    assert (1, {"core": "MISSING", "ephemeral": "MISSING"}) == (missing.exit_code, json.loads(missing.stdout))
    assert "made" in run(environment, "db", "create").stdout
    assert "was there" in run(environment, "db", "create").stdout
    found = run(environment, "db", "status")
    assert (0, "core: ACTIVE\nephemeral: ACTIVE\n") == (found.exit_code, found.stdout)


def test_the_doctor_says_what_to_do(environment: dict[str, str]) -> None:
    """Exit code 1 while something is not in order."""
    ill = run(environment, "doctor")
    assert 1 == ill.exit_code
    assert "brutal-patches db create" in ill.stdout
    run(environment, "db", "create")
    well = run(environment, "doctor", "--json")
    assert 0 == well.exit_code, well.stdout
    assert {"settings", "python", "dynamodb", "table core", "table ephemeral", "clock"} == {
        finding["name"] for finding in json.loads(well.stdout)
    }
    away = run({**environment, "DYNAMODB_ENDPOINT_URL": "http://127.0.0.1:9"}, "doctor")
    assert 1 == away.exit_code
    assert "Start the engine" in away.stdout


def test_what_is_away_is_one_sentence(environment: dict[str, str]) -> None:
    """On stderr, with exit code 3."""
    for command in (["db", "create"], ["db", "status"]):
        away = run({**environment, "DYNAMODB_ENDPOINT_URL": "http://127.0.0.1:9"}, *command)
        assert 3 == away.exit_code
        assert away.stderr.startswith("DynamoDB at http://127.0.0.1:9 cannot be used")
        assert "Traceback" not in away.output


def test_wrong_settings_are_all_named(environment: dict[str, str]) -> None:
    """With exit code 2."""
    wrong = run({**environment, "PORT": "x", "JWT_EXPIRATION": "soon"}, "serve")
    assert 2 == wrong.exit_code
    assert "PORT" in wrong.stderr
    assert "JWT_EXPIRATION" in wrong.stderr


def test_demo_data_is_added_once(environment: dict[str, str]) -> None:
    """And never in production."""
    run(environment, "db", "create")
    assert {"users": 2, "patches": len(demo_patches())} == json.loads(run(environment, "seed", "--json").stdout)
    assert "0 users and 0 patches added." in run(environment, "seed").stdout
    production = environment | {
        "APP_ENV": "production",
        "JWT_SECRET": "x" * 40,
        "OPS_TOKEN": "o",
        "PUBLIC_URL": "https://api.brutalpatches.com",
    }
    assert 2 == run(production, "seed").exit_code


def test_the_demo_patches_are_worth_looking_at() -> None:
    """Readable, varied, described, tagged, and in every category."""
    sent = demo_patches()
    bodies = [read_body(patch) for patch in sent]
    assert len(bodies) >= 40
    assert {category.id for category in CATEGORIES} == {body.category for body in bodies}
    assert len(bodies) == len({encode_panel(body) for body in bodies}) == len({body.title for body in bodies})
    assert all(len(body.description) > 40 and body.tags for body in bodies)
    assert {"ada", "robin"} == {patch["author"] for patch in sent}
    assert 2 == sum(not body.is_public for body in bodies)


def test_an_admin_is_made_or_promoted(environment: dict[str, str]) -> None:
    """Only here; a refused account says why."""
    run(environment, "db", "create")
    made = run(
        environment, "users", "create-admin", "boss", "--email", "b@example.com", "--password", PASSWORD, "--json"
    )
    assert {"username": "boss", "created": True, "roles": ["user", "admin"]} == json.loads(made.stdout)
    assert "was there" in run(environment, "users", "create-admin", "BOSS").stdout
    asked = run(environment, "users", "create-admin", "chief", stdin=f"c@example.com\n{PASSWORD}\n{PASSWORD}\n")
    assert 0 == asked.exit_code, asked.output
    weak = run(environment, "users", "create-admin", "weak", "--email", "w@example.com", "--password", "12345678")
    assert 1 == weak.exit_code
    assert "password" in weak.stderr


ROWS = [
    {
        "id": 7,
        "title": "Old\u00a0Bass ",
        "description": "one\r\ntwo",
        "created_at": "2015-10-09 19:33:57.401758",
        "average_rating": "6",
        "cutoff": 130,
        "resonance": "40",
        "modmatrix": [
            {"source": "mod-lfo", "target": "mod-filter"},
            {"source": "mod-lfo", "target": "mod-filter"},
            {"source": "mod-nowhere", "target": "mod-filter"},
        ],
    },
    {"id": 1129, "title": "", "octave": 0, "env_amt": 0, "username": "ada", "tags": ["a", "a", " "], "saw": None},
    {"id": 8, "title": "x" * 200, "average_rating": "", "created_at": "yesterday", "volume": "loud", "sync": True},
]


def test_the_predecessors_export_is_kept_whole(environment: dict[str, str], tmp_path: Path) -> None:
    """Every patch under its id; every change told; running it again changes nothing."""
    run(environment, "db", "create")
    run(environment, "seed")
    source, report = tmp_path / "export.json", tmp_path / "report.ndjson"
    source.write_text(json.dumps([*ROWS, {"id": 7, "title": "Twice"}, {"title": "No id"}]))

    first = run(environment, "import", "legacy", str(source), "--report", str(report), "--json")

    told = json.loads(first.stdout)
    assert (1, 2, 1129) == (first.exit_code, len(told["refused"]), told["highest"])
    assert {"added": 1, "was there": 2} == told["outcomes"], "7 and 8 are demo patches, which stay as they are"
    amended = {(line["id"], line["field"]) for line in map(json.loads, report.read_text().splitlines())}
    assert {
        (7, "title"),
        (7, "description"),
        (7, "average_rating"),
        (7, "cutoff"),
        (7, "modmatrix"),
        (8, "title"),
        (8, "created_at"),
        (8, "volume"),
        (8, "sync"),
        (1129, "title"),
        (1129, "octave"),
        (1129, "env_amt"),
        (1129, "tags"),
    } == amended
    again = json.loads(run(environment, "import", "legacy", str(source), "--json").stdout)
    assert {"was there": 3} == again["outcomes"]


def test_imported_patches_are_as_they_were(environment: dict[str, str], tmp_path: Path) -> None:
    """Owned by their author, or by nobody who can log in; new ids go on above theirs; the export has them."""
    run(environment, "db", "create")
    ndjson = "\n".join(json.dumps(row) for row in ROWS)
    assert 0 == run(environment, "import", "legacy", "-", stdin=ndjson).exit_code
    run(environment, "seed")
    output = tmp_path / "all.ndjson"

    exported = run(environment, "export", "--output", str(output), "--private")

    patches = {patch["id"]: patch for patch in map(json.loads, output.read_text().splitlines())}
    assert f"{3 + len(demo_patches())} patches written." in exported.stderr
    old = patches[7]
    assert ("Old Bass", "one\ntwo", 100, 40, "2015-10-09T19:33:57.401758Z", "", "legacy-user") == (
        old["title"],
        old["description"],
        old["cutoff"],
        old["resonance"],
        old["created_at"],
        old["average_rating"],
        old["username"],
    )
    assert [{"source": "mod-lfo", "target": "mod-filter"}] == old["modmatrix"]
    assert (50, 3, "Untitled 1129") == (patches[1129]["env_amt"], patches[1129]["octave"], patches[1129]["title"])
    assert min(set(patches) - {7, 8, 1129}) == 1130
    public = run(environment, "export")
    assert len(public.stdout.splitlines()) == len(patches) - 2


@pytest.mark.parametrize(("text", "reason"), [("[1, 2]", "not objects"), ("[{", "not JSON"), ("{]", "not JSON")])
def test_a_file_that_is_none_is_refused(environment: dict[str, str], text: str, reason: str) -> None:
    """Before anything is written."""
    refused = run(environment, "import", "legacy", "-", stdin=text)
    assert 2 == refused.exit_code
    assert reason in refused.stderr


def test_admins_work_from_a_shell(environment: dict[str, str]) -> None:
    """Users are found, decided upon, given roles; all of it is in the journal."""
    run(environment, "db", "create")
    run(environment, "seed")
    found = json.loads(run(environment, "admin", "users", "--sort", "username", "--json").stdout)
    name = found["users"][-1]["username"]
    assert found["total"] == len(found["users"]) > 1
    assert "suspended" in run(environment, "admin", "suspend", name, "--reason", "Advertising.").stdout
    assert "suspended" in run(environment, "admin", "users", name).stdout
    assert 0 == run(environment, "admin", "activate", name).exit_code
    roles = json.loads(run(environment, "admin", "roles", name, "moderator", "--json").stdout)
    assert ["user", "moderator"] == roles["roles"]
    assert 0 == run(environment, "admin", "revoke", name).exit_code
    assert 0 == run(environment, "admin", "revoke", "--all").exit_code
    assert 2 == run(environment, "admin", "revoke").exit_code
    assert 1 == run(environment, "admin", "suspend", "nobody").exit_code
    assert 0 == run(environment, "admin", "delete", name, "--yes", "--keep-patches").exit_code
    journal = json.loads(run(environment, "admin", "audit", "--user", "system", "--json").stdout)
    actions = [line["action"] for line in journal["logs"]]
    assert [
        *("user.deleted", "users.sessions_ended", "user.sessions_ended", "user.roles_changed"),
        *("user.activate", "user.suspend"),
    ] == actions[:6]
    assert f"{len(actions)} entries" in run(environment, "admin", "audit", "--user", "system").stdout


def test_settings_are_turned_from_a_shell(environment: dict[str, str]) -> None:
    """What is not named stays; what is nothing is as the environment has it."""
    run(environment, "db", "create")
    shown = json.loads(run(environment, "admin", "settings", "--json").stdout)
    assert (False, None, 0) == (shown["maintenance"], shown["rateLimit"], shown["version"])
    run(environment, "admin", "settings", "--maintenance", "--message", "Back at noon.", "--rate-limit", "50")
    shown = json.loads(run(environment, "admin", "settings", "--no-maintenance", "--rate-limit", "0", "--json").stdout)
    assert (False, "Back at noon.", None, 2) == tuple(
        shown[name] for name in ("maintenance", "message", "rateLimit", "version")
    )
    assert "maintenance   False" in run(environment, "admin", "settings").stdout


def test_upkeep_and_moderation_from_a_shell(environment: dict[str, str]) -> None:
    """Nothing is wrong after a seed, and nothing waits."""
    run(environment, "db", "create")
    run(environment, "seed")
    done = json.loads(run(environment, "admin", "recount", "recount", "orphans", "--json").stdout)
    assert (0, 0) == (done["results"]["recount"]["repaired"], done["results"]["orphans"]["removed"])
    assert "0 waiting" in run(environment, "admin", "queue").stdout
    for item, action, code in (("patch:9999", "hide", 1), ("patch:1", "hide", 0), ("patch:1", "approve", 0)):
        assert code == run(environment, "admin", "moderate", item, action, "--notes", "Ad.").exit_code
    assert 1 == run(environment, "admin", "moderate", "patch:1", "approve").exit_code
    audited = json.loads(run(environment, "admin", "audit", "--type", "moderation", "--json").stdout)["logs"]
    assert [("moderation.approved", "system", "command line"), ("moderation.hidden", "system", "command line")] == [
        (line["action"], line["username"], line["address"]) for line in audited
    ]
