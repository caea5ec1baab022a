"""The service as it is, but for its telemetry, of which there is none: what `bench.telemetry` compares with."""

import asyncio
import os

from brutal_patches.cli import serving
from brutal_patches.settings import read_settings
from brutal_patches.telemetry.watch import Telemetry
from brutal_patches.watching import Watch


class Silent(Telemetry):
    """Told everything, and does nothing with it."""

    arrived = Watch.arrived  # type: ignore[assignment]  # It answers less narrowly.
    admitted = Watch.admitted
    answered = Watch.answered
    ready = Watch.ready
    called = Watch.called
    worked = Watch.worked
    cached = Watch.cached
    issued = Watch.issued
    rejected = Watch.rejected


def main() -> None:
    settings = read_settings(os.environ)
    server = serving.server_of(settings, Silent(settings))
    asyncio.run(server.serve(), loop_factory=server.config.get_loop_factory())


if __name__ == "__main__":
    main()
