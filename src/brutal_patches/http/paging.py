"""The parameters of lists, as every list has them."""

from typing import Annotated

from litestar.params import QueryParameter

MAX_LIMIT = 1000
DEFAULT_LIMIT = 20

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many at most.")]
Offset = Annotated[int, QueryParameter(ge=0, le=10_000_000, description="How many to pass over.")]
CursorText = Annotated[
    str | None,
    QueryParameter(max_length=1024, description="Where to go on: the nextCursor of the page before."),
]
