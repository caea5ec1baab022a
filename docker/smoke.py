"""A player's evening against a running service, to see that an image works: `python docker/smoke.py http://127.0.0.1:8000`.

Needs nothing but Python. Says what it did; exit code 1 at the first answer that is not as it should be.
"""

import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from typing import Any

START_SECONDS = 60
PASSWORD = "seven knobs at noon"  # noqa: S105  # Of an account that is deleted at the end.
# How a file of each form begins.
SHEETS = {"svg": b"<svg", "png": b"\x89PNG\r\n", "pdf": b"%PDF-", "txt": b"Evening"}


class Wrong(Exception):
    """An answer that is not as it should be."""


class Player:
    """Speaks JSON with one service, and sends its token once it has one."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"content-type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None, expected: int = 200) -> Any:
        """The answer's JSON. Raises Wrong unless its status is the expected one."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers, method=method)  # noqa: S310  # Of the command line.
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # The same.
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        print(f"{status} {method} {path}")
        if status != expected:
            raise Wrong(f"{method} {path} answered {status}, not {expected}: {content[:300]!r}")
        return json.loads(content) if content and content[:1] in b'{["0123456789' else content

    def bear(self, token: str) -> None:
        """Send this access token from now on."""
        self._headers["authorization"] = f"Bearer {token}"

    def wait(self) -> float:
        """The seconds until the service was ready."""
        started = time.monotonic()
        while time.monotonic() - started < START_SECONDS:
            try:
                with urllib.request.urlopen(self._url + "/health/ready", timeout=1):  # noqa: S310  # The same.
                    return time.monotonic() - started
            except OSError:
                time.sleep(0.05)
        raise Wrong(f"{self._url} was not ready after {START_SECONDS} s")


def evening(player: Player) -> None:
    """Register, log in, keep a patch, change it, find it, draw it, delete it, leave."""
    name = f"smoke-{secrets.token_hex(4)}"
    account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    player.ask("POST", "/api/users/create", account, 201)
    player.bear(player.ask("POST", "/api/auth/login", {"username": name, "password": PASSWORD})["access_token"])
    before = player.ask("GET", "/api/patches/total")
    title = f"Evening of {name}"
    patch = player.ask("POST", "/api/patches", {"title": title, "cutoff": 40, "saw": 80}, 201)
    place = f"/api/patches/{patch['id']}"
    player.ask("PUT", place, {"title": title, "cutoff": 55, "saw": 80})
    if player.ask("GET", place)["cutoff"] != 55:
        raise Wrong("the change of a patch was not there")
    if player.ask("GET", place + "/history")["totalVersions"] != 2:
        raise Wrong("the history does not have both versions")
    if player.ask("GET", f"/api/patches/search?q={name}")["total"] != 1:
        raise Wrong("the search did not find the patch")
    player.ask("GET", place + "/related?limit=2")
    for form, opening in SHEETS.items():
        if not player.ask("GET", f"{place}/sheet.{form}").startswith(opening):
            raise Wrong(f"the sheet as {form} is something else")
    if title.encode() not in player.ask("GET", f"/p/{patch['id']}"):
        raise Wrong("the patch's page does not name it")
    player.ask("DELETE", place, expected=204)
    player.ask("GET", place, expected=404)
    if player.ask("GET", "/api/patches/total") != before:
        raise Wrong("the total is not what it was")


def main(url: str) -> None:
    player = Player(url)
    print(f"ready after {player.wait():.1f} s")
    evening(player)
    print("All as it should be.")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Wrong as wrong:
        sys.exit(str(wrong))
