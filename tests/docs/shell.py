"""The commands of a page: every one in its `sh` blocks, in pipes, loops and substitutions too, as words."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tree_sitter
import tree_sitter_bash

BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:aws|npx cdk|make|brutal-patches) [^`]+)`")
UNKNOWN = "1"
"""What stands for a value that only running the command could tell."""

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


class Command(NamedTuple):
    """One command, where it stands, and whether it is complete enough to be typed as it is."""

    words: tuple[str, ...]
    line: int
    whole: bool = True

    @property
    def text(self) -> str:
        return " ".join(self.words)


class Unreadable(AssertionError):
    """A block that a shell would not take, or a variable that the page never sets."""


def commands(page: Path) -> list[Command]:
    """All commands of a page; those in running text may leave out what their context says."""
    text = page.read_text()
    known: dict[str, str] = {}
    found: list[Command] = []
    for block in BLOCK.finditer(text):
        first = text[: block.start(1)].count("\n") + 1
        found += Script(block[1], first, known).commands()
    prose = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    for inline in INLINE.finditer(prose):
        line = prose[: inline.start()].count("\n") + 1
        found += [each._replace(whole=False) for each in Script(inline[1], line, dict(known)).commands()]
    return found


class Script:
    """One block, read with what the blocks before it have set."""

    def __init__(self, source: str, first: int, known: dict[str, str]) -> None:
        # The grammar reads `a/$B/c` as two words, and `a/${B}/c` as the one that it is.
        self._source = re.sub(r"\$([A-Za-z_]\w*)", r"${\1}", textwrap.dedent(source)).encode()
        self._first = first
        self._known = known

    def commands(self) -> list[Command]:
        """In the order in which they stand."""
        root = _PARSER.parse(self._source).root_node
        if root.has_error:
            raise Unreadable(f"line {self._first}: a shell would not take this block:\n{self._source.decode()}")
        return list(self._walk(root))

    def _walk(self, node: tree_sitter.Node) -> Iterator[Command]:
        if node.type == "for_statement":
            self._known[self._text(node.named_children[0])] = self._value(node.named_children[1])
        if node.type == "function_definition":
            self._known[f"{self._text(node.named_children[0])}()"] = ""
        if node.type == "variable_assignment":
            value = node.child_by_field_name("value")
            name = node.child_by_field_name("name")
            assert name is not None
            self._known[self._text(name)] = self._value(value) if value is not None else ""
        if node.type == "command":
            words = [self._value(child) for child in node.named_children if "assignment" not in child.type]
            if words and f"{words[0]}()" not in self._known:
                yield Command(tuple(words), self._first + node.start_point.row)
        for child in node.named_children:
            yield from self._walk(child)

    def _value(self, node: tree_sitter.Node) -> str:
        """A word as the command gets it."""
        match node.type:
            case "raw_string":
                return self._text(node)[1:-1]
            case "string" | "concatenation" | "command_name":
                return self._joined(node)
            case "simple_expansion" | "expansion":
                return self._variable(self._text(node).strip("${}"))
            case "command_substitution" | "arithmetic_expansion":
                return UNKNOWN
            case _:
                return self._text(node).replace("\\\n", "")

    def _joined(self, node: tree_sitter.Node) -> str:
        """The parts, and what stands between them."""
        inner = (1, 1) if node.type == "string" else (0, 0)
        at, end = node.start_byte + inner[0], node.end_byte - inner[1]
        parts = []
        for child in node.named_children:
            parts += [self._source[at : child.start_byte].decode(), self._value(child)]
            at = child.end_byte
        joined = "".join([*parts, self._source[at:end].decode()])
        return joined.replace('\\"', '"') if node.type == "string" else joined

    def _variable(self, name: str) -> str:
        if name.isdigit() or name in "@*#?":
            return UNKNOWN
        if name not in self._known:
            raise Unreadable(f"line {self._first}: the page never sets ${name}")
        return self._known[name]

    def _text(self, node: tree_sitter.Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode()
