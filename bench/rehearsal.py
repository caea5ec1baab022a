"""The rehearsal of moving house, by the commands of docs/migration.md, on an engine with generated tables.

`python -m bench.rehearsal [PATCHES] [USERS]` prints what each step did, how long it took and how much memory it had.
It fails where a step is not as it should be.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bench import predecessor
from brutal_patches.accounts.passwords import Passwords
from brutal_patches.cli.engine import start_dynamodb_local
from brutal_patches.clock import SystemClock
from brutal_patches.settings import DynamoSettings, read_settings
from brutal_patches.storage.foreign import open_foreign

STAGE = "rehearsal"
TABLES = (predecessor.patches_table(STAGE), predecessor.users_table(STAGE))
FROM = [word for name in TABLES for word in ("--from-table", name)]
COST = 10
"""Of the bcrypt hashes, as the predecessor made them."""


class Step(msgspec.Struct, frozen=True):
    """One command that has ended."""

    code: int
    seconds: float
    megabytes: float
    told: Any


class Rehearsal:
    """Runs commands as an operator does: each is a process of its own."""

    def __init__(self, endpoint: str) -> None:
        self.environment = {
            **os.environ,
            "APP_ENV": "test",
            "DYNAMODB_ENDPOINT_URL": endpoint,
            "DYNAMODB_TABLE_PREFIX": "Rehearsal",
            "LOG_LEVEL": "error",
        }

    def run(self, *arguments: str, kill_after: float = 0) -> Step:
        """Run a command; `kill_after` so many seconds it is killed."""
        started = time.monotonic()
        with tempfile.TemporaryFile() as output:
            command = [sys.executable, "-c", "from brutal_patches.cli.main import main; main()", *arguments, "--json"]
            process = subprocess.Popen(command, env=self.environment, stdout=output)
            if kill_after:
                time.sleep(kill_after)
                process.send_signal(signal.SIGKILL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            text = output.read()
        told = json.loads(text) if text else None
        return Step(process.returncode, time.monotonic() - started, used.ru_maxrss / 1024, told)

    def show(self, name: str, step: Step, code: int = 0) -> Step:
        """Print a step, and insist on its exit code."""
        print(f"{name:32} {step.seconds:7.1f} s  {step.megabytes:6.0f} MB  exit {step.code}", flush=True)
        if step.code != code:
            raise SystemExit(f"{name}: exit code {step.code}, not {code}: {step.told}")
        return step


def counts(told: Any) -> str:
    """The outcomes of a pass or a proof, on one line."""
    parts = []
    for kind in ("users", "patches"):
        found = told[kind].get("verdicts", told[kind])
        parts += [f"{kind} {outcome}: {count}" for outcome, count in sorted(found.items())]
    return "    " + ", ".join(parts)


async def change_there(settings: DynamoSettings, patches: int) -> None:
    """What goes on while the first pass runs: an edit, a deletion, a new patch and a new user."""
    async with open_foreign(settings, SystemClock(), *TABLES) as (rows, people):
        row = (await rows.get_many([1]))[1]
        await rows.put({**row, "title": "Edited meanwhile"})
        await rows.delete(2)
        await rows.put({**row, "id": patches + 1_000_000, "title": "Made meanwhile"})
        person = (await people.get_many(["player1"]))["player1"]
        await people.put({**person, "username": "newcomer", "email": "newcomer@example.com"})


async def verify_passwords(people: list[dict[str, Any]]) -> int:
    """How many of the generated hashes their passwords open, each by the service's own verification."""
    passwords = Passwords()
    opened = 0
    for number, person in enumerate(people):
        if not person["password"].startswith("$2"):
            continue
        verdict = await passwords.verify(predecessor.password_of(number), person["password"])
        opened += verdict.is_right and str(verdict.upgrade).startswith("$argon2id$")
    passwords.close()
    return opened


def rehearse(patches: int, users: int) -> None:
    """All steps, there and back."""
    engine = start_dynamodb_local()
    try:
        settings = read_settings({"APP_ENV": "test", "DYNAMODB_ENDPOINT_URL": engine.endpoint}).dynamodb
        people = asyncio.run(predecessor.build(settings, STAGE, patches, users, COST))
        print(f"{patches} patches and {users} users with bcrypt hashes of cost {COST}")
        steps(Rehearsal(engine.endpoint), settings, people, patches)
    finally:
        engine.stop()


def steps(here: Rehearsal, settings: DynamoSettings, people: list[dict[str, Any]], patches: int) -> None:
    """The commands of docs/migration.md, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.ndjson"
        here.show("db create", here.run("db", "create"))
        planned = here.show("import legacy --dry-run", here.run("import", "legacy", *FROM, "--dry-run"))
        whole = planned.seconds
        here.show("import legacy, killed", here.run("import", "legacy", *FROM, kill_after=whole), -9)
        first = here.show("import legacy, goes on", here.run("import", "legacy", *FROM, "--report", str(report)))
        print(counts(first.told))
        proof = here.show("import verify", here.run("import", "verify", *FROM))
        print(counts(proof.told))
    asyncio.run(change_there(settings, patches))
    since = (datetime.now(UTC) + timedelta(seconds=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
    second = here.show("import legacy, second pass", here.run("import", "legacy", *FROM))
    print(counts(second.told))
    here.show("import verify", here.run("import", "verify", *FROM))
    third = here.show("import legacy, third pass", here.run("import", "legacy", *FROM))
    if set(third.told["patches"]) | set(third.told["users"]) != {"unchanged"}:
        raise SystemExit(f"a pass with nothing to do did something: {third.told}")
    print(f"    passwords that open their hash, hashed anew: {asyncio.run(verify_passwords(people))} of {len(people)}")
    back = [word for name in TABLES for word in ("--to-table", name)]
    here.show("import return", here.run("import", "return", *back, "--since", since, "--yes"))
    undone = here.show("import undo", here.run("import", "undo", "--yes"))
    print(f"    {undone.told}")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    rehearse(*(given + [10_000, 1_000][len(given) :]))
