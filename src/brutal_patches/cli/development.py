"""`brutal-patches dev`: the service with demo data on an engine of its own, reloaded when the code changes."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import uvicorn

from brutal_patches.app import create_app
from brutal_patches.cli import seeding
from brutal_patches.cli.dynamodb_local import FetchFailed
from brutal_patches.cli.engine import Engine, EngineFailed, port_is_free, start_dynamodb_local, start_ministack
from brutal_patches.cli.exits import fail
from brutal_patches.cli.working import opened
from brutal_patches.settings import Settings, read_settings
from brutal_patches.storage.creation import create_tables
from brutal_patches.telemetry.logs import set_up_logs

ENGINES = {"ministack": start_ministack, "dynamodb-local": start_dynamodb_local}
_SOURCE = Path(__file__).parents[1]
_POLL_SECONDS = 0.5


def development_app() -> Any:
    """The application as the reloading server makes it, in a process of its own."""
    settings = read_settings(os.environ)
    return create_app(settings, set_up_logs(settings))


def run(environment: Mapping[str, str], engine_name: str, folder: Path, *, reload: bool) -> None:
    """Start everything, print what is where, serve until Ctrl-C, stop everything."""
    port = read_settings(environment).http.port
    if not port_is_free(port):
        fail(f"Port {port} is in use. Stop what listens there, or choose another: make dev PORT={port + 1}")
    engine = _start(engine_name, folder)
    try:
        local = {**environment, "DYNAMODB_ENDPOINT_URL": engine.endpoint, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
        settings = read_settings(local)
        seeded = asyncio.run(_prepare(settings))
        click.echo(_welcome(settings, engine, folder, seeded))
        died = _watch(engine)
        os.environ.update(local)
        _serve(port, reload)
        if died.is_set():
            fail(f"{engine.name} ended, so the service was stopped. Its data is in {folder}.")
    finally:
        engine.stop()


def _start(engine_name: str, folder: Path) -> Engine:
    try:
        return ENGINES[engine_name](folder)
    except (EngineFailed, FetchFailed) as fault:
        fail(str(fault))


async def _prepare(settings: Settings) -> seeding.Seeded:
    await create_tables(settings.dynamodb)
    async with opened(settings) as parts:
        await seeding.seed_admin(parts)
        return await seeding.seed(parts)


def _serve(port: int, reload: bool) -> None:
    uvicorn.run(
        "brutal_patches.cli.development:development_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        reload=reload,
        reload_dirs=[str(_SOURCE)],
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _watch(engine: Engine) -> threading.Event:
    """Stop this process when the engine ends by itself; the event says that it was so."""
    died = threading.Event()

    def watch() -> None:
        while engine.alive():
            time.sleep(_POLL_SECONDS)
        if not engine.stopping:
            died.set()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="engine-watch", daemon=True).start()
    return died


def _welcome(settings: Settings, engine: Engine, folder: Path, seeded: seeding.Seeded) -> str:
    url = settings.http.public_url
    json_type = "-H 'content-type: application/json'"
    login = f"""-d '{{"username":"{seeding.USERS[0]}","password":"{seeding.PASSWORD}"}}'"""
    return f"""
  Brutal Patches API   {url}
  documentation        {url}/api-docs
  engine               {engine.name} at {engine.endpoint}
  data                 {folder} ({seeded.users} users and {seeded.patches} patches added now; kept until you delete it)
  demo login           {" or ".join(seeding.USERS)}, or {seeding.ADMIN}, an admin; password {seeding.PASSWORD}

  Try:
    curl -s '{url}/api/patches/latest?limit=3'
    curl -s '{url}/api/patches/1'
    curl -s {url}/api/auth/login {json_type} {login}

  Ctrl-C stops it; the next make dev goes on with the same data.
"""
