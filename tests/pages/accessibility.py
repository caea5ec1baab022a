"""Pages before axe, the accessibility checker, in a real browser: `make accessibility`.

It needs Chromium, from CHROMIUM or the path; the service is one of its own, with demo data. Every page is looked at in
both colour schemes and in three widths, one of them a phone's; a violation of any rule fails. And a patch's page,
printed, is one sheet of paper.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import Literal

import pypdfium2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

PAGES = ("/", "/?q=bass", "/?q=zzzzzz", "/?tags=warm&page=2", "/?category=nonsense", "/p/1", "/p/7", "/p/999999")
PRINTED = ("/p/1", "/p/7", "/p/20")
WIDTHS = (390, 800, 1280)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PATIENCE = 120


def chromium() -> str:
    """Where the browser is, or the end."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        sys.exit("This needs Chromium: install it (Debian: apt-get install chromium), or say CHROMIUM=/path/to/it.")
    return found


@contextmanager
def served() -> Iterator[str]:
    """A service of our own with demo data, at a free port, stopped at the end by its own process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PORT": str(port), "DATA_DIR": folder, "LOG_LEVEL": "warning"}
        serving = subprocess.Popen([Path(sys.executable).with_name("brutal-patches"), "dev"], env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            _await(url, serving)
            yield url
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(60)


def _await(url: str, serving: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and serving.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{url}/health/ready"):  # noqa: S310
            return
        time.sleep(0.3)
    sys.exit("The service did not start.")


def collection(url: str) -> str:
    """The path of a collection that a demo user makes of three patches."""

    def post(path: str, body: object, token: str = "") -> dict[str, str]:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        asked = urllib.request.Request(url + path, json.dumps(body).encode(), headers)  # noqa: S310 It is our own.
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            return dict(json.load(answer))

    token = post("/api/auth/login", {"username": "ada", "password": "brutal-demo-7"})["access_token"]
    about = {"name": "Saturday", "description": "In order.", "tags": ["live"], "patchIds": [1, 7, 20]}
    return f"/c/{post('/api/patches/collections', about, token)['id']}"


def violations(browser: Browser, url: str, width: int, scheme: Literal["light", "dark"]) -> list[str]:
    """What axe objects to on one page, a line for each element."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        return [f"{url} {width} {scheme}: wider than the window"]
    found = Axe().run(page).response["violations"]
    context.close()
    return [f"{url} {width} {scheme}: {each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def too_long(browser: Browser, url: str) -> list[str]:
    """A patch's page that takes more than one sheet of A4 when it is printed."""
    page = browser.new_page()
    page.goto(url, wait_until="networkidle")
    margin = "10mm"
    printed = page.pdf(format="A4", margin={"top": margin, "bottom": margin, "left": margin, "right": margin})
    page.close()
    pages = len(pypdfium2.PdfDocument(printed))
    return [f"{url}: {pages} pages when printed"] if pages > 1 else []


def check_the_checker(browser: Browser) -> None:
    """The control: a page that is wrong in three ways is objected to in all."""
    page = browser.new_page()
    page.set_content(
        "<html><body><main><img src='x'><p style='color:#aaa;background:#bbb'>Faint</p></main></body></html>"
    )
    found = {each["id"] for each in Axe().run(page).response["violations"]}
    if not {"image-alt", "color-contrast", "html-has-lang"} <= found:
        sys.exit(f"axe did not see what is wrong with a page: it found {sorted(found)}.")
    page.close()


def main() -> int:
    path = chromium()
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        check_the_checker(browser)
        looked = list(product((*PAGES, collection(url)), WIDTHS, SCHEMES))
        found = [line for page, *how in looked for line in violations(browser, url + page, *how)]
        found += [line for page in PRINTED for line in too_long(browser, url + page)]
        browser.close()
    print(*found, f"{len(looked)} views, {len(found)} violations", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
