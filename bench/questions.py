"""What is searched for, as scripts for wrk."""

_KNOWN = (
    "q=bass", "q=deep+bass", "q=acid", "q=warm+pad", "q=szuro", "q=doux", "q=basss", "q=ambient+drone",
    "category=bass", "category=lead&sortBy=title", "tags=deep", "tags=warm,soft", "cutoff.min=20&cutoff.max=60",
    "mode=hp&resonance.min=50", "cable=lfo-filter", "q=pluck&cable=lfo-filter", "username=author7", "q=lullaby",
    "dateFrom=2018-01-01&dateTo=2018-12-31", "q=siren&sortBy=created_at", "similarTo=5", "q=flute&octave=0",
)  # fmt: skip
_PATH = "/api/patches/search?"


def known_questions() -> str:
    """The same questions in turn, as when many people look for the same things."""
    listed = ", ".join(f'"{_PATH}{query}"' for query in _KNOWN)
    return (
        f"local paths = {{{listed}}}\nlocal next = 0\n"
        "request = function()\n  next = next % #paths + 1\n  return wrk.format('GET', paths[next])\nend\n"
    )


def new_questions() -> str:
    """The same again, each with two bounds that make it a question that nobody has asked before."""
    listed = ", ".join(f'"{_PATH}{query}"' for query in _KNOWN)
    return (
        f"local paths = {{{listed}}}\nlocal asked = os.time() * 1000\n"
        "request = function()\n  asked = asked + 1\n"
        "  local more = string.format('&overtone.max=%d&attack.max=%d&decay.max=%d',"
        " 100 - asked % 17, 100 - asked % 19, 100 - asked % 23)\n"
        "  local page = string.format('&limit=%d&offset=%d', 15 + asked % 11, asked % 13)\n"
        "  return wrk.format('GET', paths[asked % #paths + 1] .. more .. page)\nend\n"
    )
