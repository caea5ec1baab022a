"""What the parts of the service tell whoever watches them. They are handed a watch, and do not know what it does."""

from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import msgspec


class Call(msgspec.Struct, frozen=True, gc=False):
    """One call of storage, its retries included, between two moments of `clock.monotonic`.

    `capacity` is known only where somebody is tracing; `refused`: a condition did not hold; `fault` is why it failed.
    """

    operation: str
    table: str
    began: float
    ended: float
    tries: int
    capacity: float | None = None
    refused: bool = False
    fault: BaseException | None = None


class Watch:
    """Sees nothing: the watch of a part that nobody watches, and the list of what can be told."""

    @property
    def is_tracing(self) -> bool:
        """Whether what is being worked on is traced, so that details are worth their price."""
        return False

    def arrived(self, scope: MutableMapping[str, Any], headers: Mapping[bytes, bytes]) -> object:
        """A request begins. What is returned is handed to `answered`, and is None where it is not traced."""
        return None

    def admitted(self, scope: Mapping[str, Any]) -> None:
        """No ready answer was there: from here on other rooms work for this request."""

    def answered(self, scope: Mapping[str, Any], trace: object, status: int, began: float) -> None:
        """A request, which began at `began`, has its answer."""

    def ready(self, scope: Mapping[str, Any], trace: object, status: int, began: float) -> None:
        """A request, which began at `began`, has an answer that was ready: a hit of the cache `express`."""

    def called(self, call: Call) -> None:
        """Storage has been called."""

    def worked(self, name: str, began: float, **attributes: str | float | bool) -> None:
        """A piece of work that is worth a span of its own has ended."""

    def working(self, name: str) -> AbstractContextManager[None]:
        """Work that is traced with all its parts, whether a request asked for it or not."""
        return nullcontext()

    def cached(self, cache: str, result: str) -> None:
        """`cache` was asked: `hit`, `miss` or `stale`."""

    def issued(self, kind: str) -> None:
        """A token was handed out."""

    def rejected(self, reason: str) -> None:
        """A token was refused."""
