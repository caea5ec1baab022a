"""Questions to the logs, kept as files in `queries/`: Logs Insights' own language, with a head of comments."""

import re
from importlib.resources import files
from typing import Any

import msgspec

from brutal_patches.errors import Conflict, FieldError, Invalid
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import Names
from brutal_patches.operations.waiting import Pace, until

_HEAD = re.compile(r"^# (?P<meaning>.+)\n# logs: (?P<logs>\w+)\n", re.MULTILINE)
_BLANK = re.compile(r"\{([a-z_]+)\}")
_VALUE = re.compile(r"[A-Za-z0-9 ._:/@#-]{1,200}")
_ENDED = {"Failed", "Cancelled", "Timeout", "Unknown"}


class LogQuery(msgspec.Struct, frozen=True):
    """A question: what it tells, which log it is put to, and its text with `{blanks}` to fill in."""

    name: str
    meaning: str
    logs: str
    text: str

    @property
    def blanks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_BLANK.findall(self.text)))

    def filled(self, values: dict[str, str]) -> str:
        """The text as Logs Insights takes it. Raises Invalid where a blank is left, unknown or unfit."""
        faults = [FieldError(name, f"is missing: --with {name}=…") for name in self.blanks if name not in values]
        faults += [FieldError(name, "is not asked for") for name in values if name not in self.blanks]
        faults += [
            FieldError(name, "may have letters, digits, spaces and . _ : / @ # - only")
            for name, value in values.items()
            if not _VALUE.fullmatch(value)
        ]
        if faults:
            raise Invalid(f"The query {self.name} cannot be asked so.", errors=faults)
        return _BLANK.sub(lambda found: values[found[1]], self.text)


def catalogue() -> dict[str, LogQuery]:
    """Every query by its name."""
    folder = files("brutal_patches.operations") / "queries"
    found = {}
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.name.endswith(".logs"):
            name, text = path.name.removesuffix(".logs"), path.read_text("utf-8")
            head = _HEAD.match(text)
            if head is None:
                raise ValueError(f"{path.name} does not begin with what it tells and which logs it is put to")
            found[name] = LogQuery(name, head["meaning"], head["logs"], text[head.end() :].strip())
    return found


async def ask(cloud: Cloud, names: Names, query: LogQuery, text: str, span: tuple[int, int], limit: int) -> Any:
    """The rows that answer `text` between two moments (epoch seconds)."""
    begun = await cloud.ask(
        "logs",
        "start_query",
        logGroupName=names.log_group(query.logs),
        startTime=span[0],
        endTime=span[1],
        queryString=text,
        limit=limit,
    )

    async def look() -> tuple[bool, str, list[dict[str, str]]]:
        answer = await cloud.ask("logs", "get_query_results", queryId=begun["queryId"])
        if answer["status"] in _ENDED:
            raise Conflict(f"Logs Insights ended the query: {answer['status']}.")
        return answer["status"] == "Complete", f"the query is {answer['status']}", _rows(answer)

    return await until(look, Pace(120, 0.5), cloud.tell, "The query")


def _rows(answer: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {cell["field"]: cell.get("value", "") for cell in row if cell["field"] != "@ptr"}
        for row in answer.get("results", [])
    ]
