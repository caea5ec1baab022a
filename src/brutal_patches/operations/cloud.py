"""Calls to AWS, and what its refusals mean in a sentence."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import aioboto3
import msgspec
from aiobotocore.config import AioConfig
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    UnknownServiceError,
)

from brutal_patches.errors import Conflict, DomainError, Forbidden, NotFound, Unavailable

type Answer = dict[str, Any]
type Tell = Callable[[str], None]

_CONFIG = AioConfig(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 4, "mode": "standard"})
_LOG_IN = "Log in (aws sso login) or set AWS_PROFILE, then try again."
_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
_STRANGERS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_MISSING = ("NotFoundException", "NotFound", "WAFNonexistentItemException", "NotExistsException")
_CHANGED = frozenset({"WAFOptimisticLockException"})


class ChangedMeanwhile(Conflict):
    """Somebody else changed the same thing between our reading and our writing."""


class Cloud:
    """One account and region, as the credentials of the environment reach it.

    `ask` reads. `change` writes, and in a dry run only tells what it would write.
    """

    def __init__(self, region: str, tell: Tell, *, dry_run: bool = False) -> None:
        self.region = region
        self.tell = tell
        self.dry_run = dry_run
        self.clients: dict[str, Any] = {}
        self._stack = AsyncExitStack()
        self._session: aioboto3.Session | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def ask(self, service: str, operation: str, /, **parameters: Any) -> Answer:
        """The answer to one call."""
        try:
            client = await self.client(service)
            answer: Answer = await getattr(client, operation)(**parameters)
        except (BotoCoreError, ClientError) as fault:
            raise explained(fault, self.region) from fault
        return answer

    async def pages(self, service: str, operation: str, member: str, /, **parameters: Any) -> AsyncIterator[Any]:
        """Every entry of `member` over all pages of an answer."""
        try:
            client = await self.client(service)
            async for page in client.get_paginator(operation).paginate(**parameters):
                for entry in page.get(member, []):
                    yield entry
        except (BotoCoreError, ClientError) as fault:
            raise explained(fault, self.region) from fault

    async def change(self, service: str, operation: str, /, **parameters: Any) -> Answer:
        """The answer to a call that changes something; empty in a dry run, which tells it instead."""
        if self.dry_run:
            shown = {
                name: "…" if "Secret" in name and name != "SecretId" else value for name, value in parameters.items()
            }
            self.tell(f"would call {service} {operation} {msgspec.json.encode(shown, enc_hook=str).decode()}")
            return {}
        return await self.ask(service, operation, **parameters)

    async def client(self, service: str) -> Any:
        """The client of one service, opened when it is first needed."""
        if service not in self.clients:
            self._session = self._session or aioboto3.Session(region_name=self.region)
            opening = self._session.client(service, config=_CONFIG)  # type: ignore[call-overload]
            self.clients[service] = await self._stack.enter_async_context(opening)
        return self.clients[service]


def explained(fault: BotoCoreError | ClientError, region: str) -> DomainError:
    """What an operator is told, and should do about it."""
    if isinstance(fault, ClientError):
        return _refused(fault)
    if isinstance(fault, _CREDENTIALS):
        return Unavailable(f"There are no AWS credentials that can be used: {_sentence(str(fault))} {_LOG_IN}")
    if isinstance(fault, UnknownServiceError):
        return Unavailable("This installation leaves out part of AWS's models. Run the command from a checkout.")
    return Unavailable(f"AWS in {region} cannot be reached: {_sentence(str(fault))}")


def _refused(fault: ClientError) -> DomainError:
    answer: Any = fault.response
    code, message = answer["Error"].get("Code", "?"), _sentence(answer["Error"].get("Message", ""))
    call = fault.operation_name
    if code in _STRANGERS:
        return Unavailable(f"AWS does not accept these credentials ({code}). {_LOG_IN}")
    if code.startswith(("AccessDenied", "UnauthorizedOperation")):
        return Forbidden(f"These credentials may not do this ({call}): {message}")
    if code in _CHANGED:
        return ChangedMeanwhile("Somebody else changed this at the same moment. Try again.")
    if code.endswith(_MISSING):
        return NotFound(f"AWS does not find it ({call}): {message or code}")
    if answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500 or "Throttl" in code:
        return Unavailable(f"AWS is failing ({call}): {message or code}")
    return Conflict(f"AWS refuses this ({call}): {code}: {message}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."
