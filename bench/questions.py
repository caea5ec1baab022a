"""What is searched for, as scripts for wrk, and the questions that cost most."""

import statistics
import time
from http.client import HTTPConnection
from urllib.parse import quote

from bench.generator import WORDS

_KNOWN = (
    "q=bass", "q=deep+bass", "q=acid", "q=warm+pad", "q=szuro", "q=doux", "q=basss", "q=ambient+drone",
    "category=bass", "category=lead&sortBy=title", "tags=deep", "tags=warm,soft", "cutoff.min=20&cutoff.max=60",
    "mode=hp&resonance.min=50", "cable=lfo-filter", "q=pluck&cable=lfo-filter", "username=author7", "q=lullaby",
    "dateFrom=2018-01-01&dateTo=2018-12-31", "q=siren&sortBy=created_at", "similarTo=5", "q=flute&octave=0",
)  # fmt: skip
_PATH = "/api/patches/search?"
_PATHS = "local paths = {" + ", ".join(f'"{_PATH}{query}"' for query in _KNOWN) + "}\n"


def known_questions() -> str:
    """The same questions in turn, as when many people look for the same things."""
    return (
        f"{_PATHS}local next = 0\n"
        "request = function()\n  next = next % #paths + 1\n  return wrk.format('GET', paths[next])\nend\n"
    )


def new_questions() -> str:
    """The same again, each with bounds that make it a question that nobody has asked before."""
    return (
        f"{_PATHS}local asked = os.time() * 1000\n"
        "request = function()\n  asked = asked + 1\n"
        "  local more = string.format('&overtone.max=%d&attack.max=%d&decay.max=%d',"
        " 100 - asked % 17, 100 - asked % 19, 100 - asked % 23)\n"
        "  local page = string.format('&limit=%d&offset=%d', 15 + asked % 11, asked % 13)\n"
        "  return wrk.format('GET', paths[asked % #paths + 1] .. more .. page)\nend\n"
    )


def new_words() -> str:
    """Three words out of a vocabulary in ever other orders, so that nobody has looked for the like before."""
    listed = ", ".join(f'"{quote(word)}"' for word in WORDS)
    return (
        f"local words = {{{listed}}}\nlocal asked = os.time() * 1000\n"
        "local function word(step)\n  return words[math.floor(asked / step) % #words + 1]\nend\n"
        "request = function()\n  asked = asked + 1\n"
        "  local q = word(1) .. '+' .. word(#words) .. '+' .. word(#words * #words)\n"
        f"  return wrk.format('GET', '{_PATH}q=' .. q)\nend\n"
    )


HARD = (
    "q=a", "q=s", "q=%20", "q=zzzz", "q=deep bass warm acid low slow open filter", "q=sftlwt resonnance envelopp shrt",
    "q=play low and slow with the wheel open filter resonance envelope short", "q=lpay wiht teh whel opne fitler",
    "q=" + "q" * 200, "q=((\"bass* AND~", "q=play&offset=10000", "similarTo=5", "similarTo=5&q=bass", "similarTo=5&q=s",
    "similarTo=5&tags=bass,deep", "similarTo=5&offset=10000", "q=low&sortBy=title", "q=s&sortBy=title&offset=10000",
    "sortBy=title&offset=10000", "q=kick&cable=lfo-filter&resonance.min=20", "q=play&limit=1000",
)  # fmt: skip
"""What finds nearly everything, hardly anything, or only after the words are forgiven; long ones, and the far end."""


def hardest(port: int, again: int = 5) -> float:
    """The milliseconds of the slowest of the hard questions, each the median of some askings that are all new."""
    connection = HTTPConnection("127.0.0.1", port)
    return max(statistics.median(_ask(connection, query, number) for number in range(again)) for query in HARD)


def _ask(connection: HTTPConnection, query: str, number: int) -> float:
    path = quote(f"{_PATH}{query}&metalizer.max={100 - number}", safe="/?&=%+")
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} is answered with {answer.status}")
    return (time.perf_counter() - began) * 1000
