"""A stage's status as text."""

from brutal_patches.operations.status import MINUTES, Load, Status, TableLoad


def screen(seen: Status) -> str:
    """Everything on one screen."""
    bounds = f" (scaling between {seen.least} and {seen.most})" if seen.least is not None else ""
    lines = [
        f"brutal-patches {seen.stage}   {seen.at:%Y-%m-%d %H:%M:%S} UTC   {'all well' if seen.is_well else 'NOT WELL'}",
        "",
        f"tasks        {seen.health.running} of {seen.health.desired} run, {seen.health.ready} ready, "
        f"{seen.health.unready} not ready{bounds}",
        *(
            f"{'deployments' if number == 0 else '':12} revision {one.number} {one.state}, {one.tasks} tasks, "
            f"{one.image}"
            for number, one in enumerate(seen.deployments)
        ),
        f"alarms       {', '.join(seen.alarms) or 'none'}",
        *_load(seen.load),
        *(_table(table) for table in seen.tables),
    ]
    return "\n".join(lines)


def _load(load: Load) -> list[str]:
    return [
        f"requests     {_number(load.requests, '')} in {MINUTES} minutes, p95 {_number(load.p95_seconds, ' s', 3)}, "
        f"failed {_number(load.error_percent, ' %', 2)}",
        f"use of tasks CPU {_number(load.cpu_percent, ' %', 1)}, memory {_number(load.memory_percent, ' %', 1)}",
    ]


def _table(table: TableLoad) -> str:
    def of(most: int | None) -> str:
        return f" of {most}" if most else ""

    return (
        f"{table.name}  {table.state}, reads {table.read:.1f}{of(table.most_read)} and "
        f"writes {table.write:.1f}{of(table.most_write)} units/s, {table.throttled:.0f} throttled"
    )


def _number(value: float | None, unit: str, digits: int = 0) -> str:
    return "unknown" if value is None else f"{value:.{digits}f}{unit}"
