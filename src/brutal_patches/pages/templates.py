"""Pages as HTML: whatever people wrote is escaped, and the one style sheet is in the page, named by its hash."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from brutal_patches.sheets.lettering import clean

_FOLDER = files("brutal_patches.pages") / "html"
_STYLE = (_FOLDER / "style.css").read_text()
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""Nothing runs, nothing is fetched but pictures of ours, and only this style is obeyed."""


def _harmless(value: Any) -> Any:
    """Text without control characters and turns of direction, which could make a page read as it is not."""
    return clean(value, keep="\n") if isinstance(value, str) and not isinstance(value, Markup) else value


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(str(_FOLDER)),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_harmless,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
# The style is our own file; in a page its bytes must be those of the hash.
_ENVIRONMENT.globals["style"] = Markup(_STYLE)  # noqa: S704


def render(name: str, **values: Any) -> bytes:
    """The page of a template. A value that is missing is an error."""
    return _ENVIRONMENT.get_template(name).render(values).encode()
