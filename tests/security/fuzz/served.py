"""The service in a process of its own, as `brutal-patches serve` runs it, on storage that may be slow.

Generating requests takes all of a processor, so the engine answers late at times; that is not what is looked for.
"""

import asyncio
import os

from brutal_patches.cli.serving import server_of
from brutal_patches.settings import read_settings
from brutal_patches.telemetry.logs import Logs
from brutal_patches.telemetry.watch import Telemetry
from tests.client import UNHURRIED


def main() -> None:
    """Serve until told to stop."""
    settings = read_settings(os.environ)
    server = server_of(settings, Telemetry(settings, Logs(settings)))
    server._service._patience = UNHURRIED
    asyncio.run(server.serve(), loop_factory=server.config.get_loop_factory())


if __name__ == "__main__":
    main()
