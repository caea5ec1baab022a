"""What is marked in texts is what was looked for, and the rest is shown as it was, escaped."""

import html
import re

from hypothesis import example, given
from hypothesis import strategies as st

from brutal_patches.catalogue.analysis import Analyser
from brutal_patches.catalogue.entries import entry_of
from brutal_patches.catalogue.highlights import Highlights, Markers
from tests.catalogue.test_memory import record

_PIECES = ["deep ", "Deep", "deepest ", "Bass", "basses", " ", ". ", "_", "<b>", "&amp;", "'", "…", "é", 90 * "x"]
_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=25).map("".join)
_MARKED = re.compile("<mark>(.*?)</mark>")
_ANALYSER = Analyser()
_WANTED = {form for word in ("deep", "bass") for form in _ANALYSER.forms(word)}


def marked(title: str, description: str) -> tuple[Highlights, str, str]:
    """What a search for two words marks in a patch, and the patch's texts as they are kept."""
    sent = {"id": 1, "title": f"t {title}", "description": description, "category": "bass", "tags": []}
    found = record({**sent, "parent": 0, "votes": 0, "hidden": False, "deleted": False}, 1)
    marks = Markers(_ANALYSER.forms).marked("deep bass", False, entry_of(found))
    return marks or Highlights(), found.patch.title, found.patch.description


def wanted(text: str) -> list[str]:
    """The words of `text` that were looked for."""
    return [word for word in re.findall(r"[^\W_]+", text) if not _WANTED.isdisjoint(_ANALYSER.forms(word.casefold()))]


def plain(shown: str) -> str:
    """What is read on the screen."""
    return html.unescape(re.sub("</?mark>", "", shown))


@given(st.lists(st.sampled_from(_PIECES[:-1]), max_size=10).map("".join))
def test_a_title_is_shown_whole_with_each_word_marked(text: str) -> None:
    marks, title, _ = marked(text, "")
    assert (marks.title is None) == (not wanted(title))
    if marks.title is not None:
        assert title == plain(marks.title)
        assert wanted(title) == _MARKED.findall(marks.title)


@given(_TEXTS)
@example(60 * "low " + "deep " + 60 * "low ")
def test_a_description_is_shown_around_the_first_word(text: str) -> None:
    marks, _, description = marked("", text)
    assert (marks.description is None) == (not wanted(description))
    if marks.description is not None:
        shown = plain(marks.description)
        assert any(shown[left : len(shown) - right] in description for left in (0, 1) for right in (0, 1))
        found = _MARKED.findall(marks.description)
        assert wanted(description)[: len(found)] == found
        assert found
        assert len(shown) <= 180


@given(_TEXTS)
def test_nothing_that_was_sent_is_markup(text: str) -> None:
    marks, _, _ = marked(text[:60], text)
    for shown in filter(None, (marks.title, marks.description)):
        assert not re.search("[<>\"']", re.sub("</?mark>", "", shown))
