"""Logs: one stream on stdout, of everybody; JSON in production, coloured lines elsewhere."""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from loguru import logger

from brutal_patches.clock import monotonic
from brutal_patches.settings import Settings
from brutal_patches.telemetry.lines import Access, structured, text, written
from brutal_patches.telemetry.present import Answered
from brutal_patches.telemetry.routing import route_libraries
from brutal_patches.telemetry.stream import Stream

_PRETTY = "<green>{time:HH:mm:ss.SSS}</green> <level>{level: <7}</level> {message}"
_PROBES = frozenset({"/health", "/health/ready"})
PROBES_A_LINE = 60
"""Of so many probes in a row that went well, one is logged: with one every ten seconds, a line in ten minutes."""

_STRANGER = 2
"""What the state of a request holds of whom nothing is known but its id and its address."""


class _Kind(NamedTuple):
    """What all requests of one method, route and status share."""

    level: str
    message: str
    is_probe: bool
    has_parameters: bool


class Logs:
    """The log while it is open. Loguru's lines and those of requests go through the same stream.

    Nobody waits for whoever reads it, in development either: a service whose terminal is held would hold its clients.
    In production the lines of requests are encoded straight from their fields: through loguru one would cost as much
    as the answer.
    """

    def __init__(self, settings: Settings, stream: Stream | None = None) -> None:
        self._for_people = stream is None and not settings.is_production
        self._stream = stream or Stream(sys.stdout.fileno())
        self._handler: int | None = None
        self._probes = 0
        self._kinds: dict[tuple[str, str, int], _Kind] = {}
        self._infos = True
        self._set = settings.telemetry.log_level.upper()
        logger.remove()
        self.turn(None)

    def turn(self, level: str | None) -> None:
        """Log from `level` on from now; None is what the environment says."""
        chosen = (level or self._set).upper()
        self._infos = chosen in {"TRACE", "DEBUG", "INFO"}
        before = self._handler
        form: Any = _PRETTY if self._for_people else lambda _record: ""
        coloured = self._for_people and sys.stdout.isatty()
        self._handler = logger.add(
            self._say, level=chosen, format=form, colorize=coloured, backtrace=False, diagnose=False
        )
        if before is not None:
            logger.remove(before)
        route_libraries(chosen)

    @property
    def dropped(self) -> int:
        """Lines that nobody will read, because stdout was read too slowly."""
        return self._stream.dropped

    def flush(self) -> None:
        """Write what was said so far."""
        self._stream.flush()

    def _say(self, message: Any) -> None:
        record = message.record
        line = text(message) if self._for_people else structured(record)
        self._stream.write(line, soon=record["level"].no >= logger.level("WARNING").no)

    def answered(self, requests: Sequence[Answered]) -> None:
        """The lines of these requests, less those of probes and of a level that is not logged."""
        told = requests if self._infos else [each for each in requests if each[2] >= 500]
        if self._for_people:
            self._tell_people(told)
            return
        lines = self._lines(told)
        if lines:
            self._stream.write(written(lines), len(lines))

    def _tell_people(self, requests: Sequence[Answered]) -> None:
        for method, route, status, began, ended, _, _ in requests:
            kind = self._kind(method, route, status)
            if not (kind.is_probe and self._is_left_out()):
                logger.log(kind.level, "{} {:.1f} ms", kind.message, (ended - began) * 1000)

    def _lines(self, requests: Sequence[Answered]) -> list[Access]:
        # Lines want the time of day; the difference between the two clocks is that of this moment.
        offset, at, known = time.time() - monotonic(), datetime.fromtimestamp, self._kinds
        lines = []
        for method, route, status, began, ended, path, state in requests:
            # Here each attribute and each name counts, as this is done for every request.
            kind = known.get((method, route, status)) or self._kind(method, route, status)
            level, message, is_probe, has_parameters = kind
            if is_probe and self._is_left_out():
                continue
            trace, user = "", ""
            if len(state) > _STRANGER:
                trace, actor = state.get("trace_id", ""), state.get("actor")
                user = actor.user_id if actor else ""
            line = Access(
                at(ended + offset, UTC),
                level,
                message,
                "request",
                method,
                route,
                status,
                (ended - began) * 1e6 // 1 / 1000,
                state["request_id"],
                state["client_address"],
                trace,
                "sampled" in state,
                user,
                # A path that no route has may be anything, and a name that somebody asks for may be an address.
                path if has_parameters and "@" not in path else "",
            )
            lines.append(line)
        return lines

    def _kind(self, method: str, route: str, status: int) -> _Kind:
        known = self._kinds.get((method, route, status))
        if known is not None:
            return known
        level = "ERROR" if status >= 500 else "INFO"
        made = _Kind(level, f"{method} {route} {status}", route in _PROBES and status == 200, "{" in route)
        return self._kinds.setdefault((method, route, status), made)

    def _is_left_out(self) -> bool:
        self._probes += 1
        return self._probes % PROBES_A_LINE != 1


def set_up_logs(settings: Settings) -> Logs:
    """Open the log that `settings` describe."""
    return Logs(settings)
