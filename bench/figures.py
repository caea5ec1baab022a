"""What benchmarks found, kept in one place: every run replaces the rows that it measured and leaves the others."""

from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[1]
HEAD = "| | unit | ours | limit | peer | of the limit | times the peer |\n|---|---|---:|---:|---:|---:|---:|\n"


class Figure(msgspec.Struct):
    """One row. `limit` is the least work that could be done, `peer` the usual way to do it, both of the same run."""

    name: str
    unit: str
    ours: float
    limit: float | None = None
    peer: float | None = None
    ratio_to_limit: float | None = None
    ratio_to_peer: float | None = None


def keep(figures: list[Figure], root: Path = ROOT) -> str:
    """Merge into `build/benchmarks.json` and the table of `docs/benchmarks.md`; the new rows as a table."""
    store = root / "build" / "benchmarks.json"
    before = msgspec.json.decode(store.read_bytes(), type=list[Figure]) if store.exists() else []
    rows = {row.name: row for row in (*before, *figures)}
    store.parent.mkdir(exist_ok=True)
    store.write_bytes(msgspec.json.format(msgspec.json.encode(list(rows.values()))))
    page = root / "docs" / "benchmarks.md"
    told, head, lines = page.read_text().partition(HEAD)
    if not head:
        told, lines = told.rstrip("\n") + "\n\n", ""
    # The page may know rows that this machine has never measured.
    shown = {_name(line): line for line in lines.splitlines()} | {row.name: _line(row) for row in figures}
    page.write_text(told + HEAD + "".join(f"{line}\n" for line in shown.values()))
    return table(figures)


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""
    return HEAD + "".join(f"{_line(row)}\n" for row in figures)


def _name(line: str) -> str:
    return line.split("|")[1].strip()


def _line(row: Figure) -> str:
    digits = 0 if row.unit == "requests/s" else 2
    values = [_cell(each, digits) for each in (row.ours, row.limit, row.peer)]
    ratios = [_cell(row.ratio_to_limit, 2), _cell(row.ratio_to_peer, 1)]
    return f"| {row.name} | {row.unit} | {' | '.join([*values, *ratios])} |"


def _cell(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
