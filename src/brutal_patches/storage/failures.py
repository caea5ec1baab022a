"""What AWS answers when something goes wrong, translated here, once."""

import asyncio
import zlib
from typing import Any

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from brutal_patches.storage.codec import decode_item
from brutal_patches.storage.operations import Item

_TRANSIENT_CODES = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_TRANSIENT_REASONS = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_UNAPPLIED_CODES = _TRANSIENT_CODES - {"InternalServerError", "ServiceUnavailable"}


class Transient(Exception):
    """The call may go through if it is made again. `maybe_applied`: its effect may be there already."""

    def __init__(self, cause: Exception, *, maybe_applied: bool) -> None:
        super().__init__(str(cause))
        self.maybe_applied = maybe_applied


class ConditionFailed(Exception):
    """Operation number `position` of a write was refused; `found` is what lay under its key.

    `doubtful`: an earlier try of the same write got no answer, and may be what the condition saw.
    """

    doubtful = False

    def __init__(self, position: int, found: Item | None) -> None:
        super().__init__(f"the condition of operation {position} failed")
        self.position = position
        self.found = found


class ChecksumMismatch(Exception):
    """The bytes that arrived are not those that DynamoDB sent."""


def verify_checksum(response_dict: dict[str, Any], **_: object) -> None:
    """A `before-parse` hook: a cut-off answer must not be read as an empty success.

    Raises ChecksumMismatch when the body's CRC 32 is not the one in `x-amz-crc32`.
    """
    expected = response_dict["headers"].get("x-amz-crc32")
    if expected is not None and zlib.crc32(response_dict["body"]) != int(expected):
        raise ChecksumMismatch("the answer was cut off or changed on its way")


def translate(fault: Exception) -> Exception:
    """`fault` as Transient or ConditionFailed where it is one of these, else as it is."""
    if isinstance(fault, ClientError):
        return _translate_answer(fault)
    if isinstance(
        fault,
        BotoCoreError | ResponseParserError | ChecksumMismatch | aiohttp.ClientError | asyncio.TimeoutError | OSError,
    ):
        return Transient(fault, maybe_applied=True)
    return fault


def _translate_answer(fault: ClientError) -> Exception:
    answer: dict[str, Any] = fault.response  # type: ignore[assignment]  # the stub leaves out what DynamoDB adds
    code = answer.get("Error", {}).get("Code", "")
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(0, _found(answer))
    if code == "TransactionCanceledException":
        return _translate_cancellation(fault, answer.get("CancellationReasons", []))
    if code in _TRANSIENT_CODES:
        return Transient(fault, maybe_applied=code not in _UNAPPLIED_CODES)
    if answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500 or not code.isidentifier():
        # DynamoDB's side, or a refusal that was cut off before it said which: its code is then the status.
        return Transient(fault, maybe_applied=True)
    return fault


def _translate_cancellation(fault: ClientError, reasons: list[dict[str, Any]]) -> Exception:
    for position, reason in enumerate(reasons):
        if reason.get("Code") == "ConditionalCheckFailed":
            return ConditionFailed(position, _found(reason))
    if all(reason.get("Code") in _TRANSIENT_REASONS for reason in reasons):
        return Transient(fault, maybe_applied=False)
    return fault


def _found(answer: dict[str, Any]) -> Item | None:
    found = answer.get("Item")
    return decode_item(found) if found else None
