"""`make audit`: known vulnerabilities of what the service is made of, by pip-audit.

Without a source of data pip-audit may find nothing and call that fine. So a package that is known to be vulnerable
is asked for as well: where even that one is not reported, nothing was checked, and that is what it says. It ends
with 0 when all were checked and none is vulnerable, with 1 on a vulnerability, with 3 where there was no data.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

PIP_AUDIT = "pip-audit==2.10.1"
KNOWN_BAD = "jinja2==2.4.1"


class Verdict(NamedTuple):
    """How many packages were checked, which were not, and what is known of which."""

    checked: int
    unchecked: list[str]
    vulnerable: list[str]

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return 1 if self.vulnerable else 3 if self.unchecked else 0


def judge(report: dict[str, Any] | None, wanted: list[str]) -> Verdict:
    """What pip-audit's report is worth for the packages `wanted`; None where there is no report."""
    found = {each["name"].lower(): each for each in (report or {}).get("dependencies", [])}
    if not found.get("jinja2", {}).get("vulns"):
        return Verdict(0, sorted(wanted), [])
    asked = {name: found.get(name.lower(), {}) for name in wanted}
    unchecked = sorted(name for name, each in asked.items() if "vulns" not in each)
    vulnerable = [f"{name}: {bad['id']}" for name, each in asked.items() for bad in each.get("vulns", [])]
    return Verdict(len(wanted) - len(unchecked), unchecked, vulnerable)


def requirements() -> str:
    """What the service is made of, as locked."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    command = [uv, "export", "--locked", "--no-dev", "--no-emit-project", "--no-hashes", "--no-annotate", "--quiet"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return "\n".join(line.partition(" ;")[0] for line in lines if line and not line.startswith("#"))


def report_on(text: str) -> dict[str, Any] | None:
    """pip-audit's report, or None where it could not make one."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "requirements.txt")
        listed.write_text(f"{text}\n{KNOWN_BAD}\n")
        command = [uv, "tool", "run", "--from", PIP_AUDIT, "pip-audit", "--no-deps", "--disable-pip", "--timeout", "15"]
        command += ["--format", "json", "--progress-spinner", "off", "-r", str(listed)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        print(done.stderr.strip()[-300:], file=sys.stderr)
        return None


def main() -> int:
    """Ask, and say what came of it."""
    text = requirements()
    wanted = [line.partition("==")[0] for line in text.splitlines()]
    verdict = judge(report_on(text), wanted)
    print(f"{verdict.checked} of {len(wanted)} packages checked, {len(verdict.vulnerable)} vulnerabilities known.")
    for line in verdict.vulnerable:
        print(line)
    if verdict.unchecked:
        print(f"NOT CHECKED, for want of data: {', '.join(verdict.unchecked)}")
    return verdict.exit_code


if __name__ == "__main__":
    sys.exit(main())
