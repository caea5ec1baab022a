"""What the service hands to a handler by the parameter's name: the actor, and the use cases."""

from typing import Annotated, TypeVar

from litestar.di import Dependency
from litestar.params import SkipValidationMarker

T = TypeVar("T")

# What we hand over ourselves needs no check on each request that it is of the type we made.
Given = Annotated[T, Dependency(kind="named"), SkipValidationMarker()]
