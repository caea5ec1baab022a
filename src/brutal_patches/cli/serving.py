"""Running the service as a process, and stopping it without losing a request."""

import asyncio
import gc
import os
import signal
import socket
from functools import partial
from types import FrameType

import uvicorn
from loguru import logger

from brutal_patches import SERVICE, __version__
from brutal_patches.app import Service
from brutal_patches.cli.exits import fail
from brutal_patches.cli.protocol import GuardedProtocol
from brutal_patches.cli.working import carry_out
from brutal_patches.clock import monotonic
from brutal_patches.settings import Settings
from brutal_patches.storage.connection import endpoint
from brutal_patches.storage.creation import table_states
from brutal_patches.telemetry.logs import Logs
from brutal_patches.telemetry.watch import Telemetry

KEEP_ALIVE_SECONDS = 75
FINISH_SECONDS = 20
BACKLOG = 2048
ACCEPTED_A_TURN = 16
PRODUCTION_DRAIN_SECONDS = 15
_LAST_ANSWER = (b"connection", b"close")


class DrainingServer(uvicorn.Server):
    """On SIGTERM readiness fails first, while requests are still served, so that the load balancer turns away.

    Answers of that time end their connections: one that idled on would be closed under a client's next request.
    After `drain_seconds` the listener closes and requests in flight finish. A second signal skips the wait.
    """

    def __init__(self, config: uvicorn.Config, service: Service, drain_seconds: float) -> None:
        super().__init__(config)
        self._service = service
        self._drain_seconds = drain_seconds
        self._exit_at = 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and not self._exit_at:
            self._service.vitals.draining = True
            self.config.encoded_headers = [*self.config.encoded_headers, _LAST_ANSWER]
            self.server_state.default_headers = [*self.server_state.default_headers, _LAST_ANSWER]
            self._exit_at = monotonic() + self._drain_seconds
            return
        super().handle_exit(sig, frame)
        # uvicorn would die of the signal at its end; a stop that was asked for is exit code 0.
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen through several handles on the one socket.

        libuv accepts one connection of a handle in a turn of the loop. When turns are long, because the service is
        busy, newcomers would wait for seconds that even a refusal takes milliseconds for.
        """
        await super().startup(sockets)
        protocol = partial(
            GuardedProtocol, config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        loop = asyncio.get_running_loop()
        for server in list(self.servers):
            for listening in server.sockets:
                for _ in range(ACCEPTED_A_TURN - 1):
                    same = socket.socket(fileno=os.dup(listening.fileno()))
                    self.servers.append(await loop.create_server(protocol, sock=same, backlog=BACKLOG))
        settle()

    async def on_tick(self, counter: int) -> bool:
        if self._exit_at and monotonic() >= self._exit_at:
            self.should_exit = True
        return await super().on_tick(counter)


def settle() -> None:
    """Take what is there now out of the garbage collector's rounds: it stays.

    A full round walks through all of it, code and catalogue, and nobody is answered meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


def server_of(settings: Settings, telemetry: Telemetry) -> DrainingServer:
    """The server that `settings` describe; `run` runs it until it is told to stop."""
    service = Service(settings, telemetry=telemetry)
    config = uvicorn.Config(
        service.app,
        host=settings.http.host,
        port=settings.http.port,
        loop="uvloop",
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
        backlog=BACKLOG,
    )
    return DrainingServer(config, service, drain_seconds(settings))


def drain_seconds(settings: Settings) -> float:
    """How long readiness fails before the listener closes."""
    if settings.http.drain_seconds is not None:
        return settings.http.drain_seconds
    return PRODUCTION_DRAIN_SECONDS if settings.is_production else 0


def run(settings: Settings, logs: Logs) -> int:
    """Serve until told to stop; 0 after a stop that was asked for, 3 where the service could not start."""
    tables = f"{settings.dynamodb.table_prefix}-core and -ephemeral"
    place = endpoint(settings.dynamodb) or f"AWS {settings.dynamodb.region}"
    logger.info("{} {} ({}): tables {} at {}", SERVICE, __version__, settings.environment, tables, place)
    missing = [name for name, state in carry_out(table_states(settings.dynamodb)).items() if state == "MISSING"]
    if missing:
        fail(f"There is no table {settings.dynamodb.table_prefix}-{missing[0]}. Make it: brutal-patches db create")
    server = server_of(settings, Telemetry(settings, logs))
    # Hardly anything of what a start makes is garbage; `settle` turns it on again.
    gc.disable()
    asyncio.run(server.serve(), loop_factory=server.config.get_loop_factory())
    return 0 if server.started else 3
