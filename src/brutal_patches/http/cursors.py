"""Cursors: where a list goes on, sealed so that nobody can read, change or carry one elsewhere."""

import base64
import re
from datetime import timedelta

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from brutal_patches.clock import Clock, epoch
from brutal_patches.errors import FieldError, Invalid

LIFE = timedelta(hours=24)
MAX_LENGTH = 1024
_NONCE_BYTES = 12
_KEY_ID_BYTES = 2
_TEXT = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_LENGTH}}}")

type Position = list[str | int]


class Cursors:
    """Seals positions and opens them again, for one route, its filters and one user: the `context`.

    The first of `secrets` seals, all of them open, so that a key can be rotated under readers.
    """

    def __init__(self, secrets: list[str], clock: Clock) -> None:
        self._clock = clock
        derived = [_derive(secret) for secret in secrets if secret]
        self._keys = {key_id: AESGCM(key) for key_id, key in derived}
        self._sealing = derived[0][0]

    def seal(self, position: Position, context: str) -> str:
        """A cursor that leads to `position` for the next 24 hours."""
        nonce = self._clock.random(_NONCE_BYTES)
        content = msgspec.msgpack.encode([epoch(self._clock) + int(LIFE.total_seconds()), position])
        sealed = self._keys[self._sealing].encrypt(nonce, content, context.encode())
        return base64.urlsafe_b64encode(self._sealing + nonce + sealed).rstrip(b"=").decode()

    def open(self, cursor: str, context: str) -> Position:
        """Where `cursor` leads. Raises Invalid for one that is not ours, of another list, or too old."""
        raw = _decode(cursor)
        key = self._keys.get(raw[:_KEY_ID_BYTES])
        nonce, sealed = raw[_KEY_ID_BYTES:][:_NONCE_BYTES], raw[_KEY_ID_BYTES + _NONCE_BYTES :]
        if key is None or len(nonce) < _NONCE_BYTES:
            raise _not_ours()
        try:
            content = key.decrypt(nonce, sealed, context.encode())
        except InvalidTag:
            raise _not_ours() from None
        expires, position = msgspec.msgpack.decode(content, type=tuple[int, list[str | int]])
        if expires < epoch(self._clock):
            raise _refused("has expired; please start from the first page")
        return position


def _decode(cursor: str) -> bytes:
    if not _TEXT.fullmatch(cursor):
        raise _not_ours()
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise _not_ours() from None
    # Characters whose last bits are ignored would be a second name of the same place.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != cursor:
        raise _not_ours()
    return raw


def _derive(secret: str) -> tuple[bytes, bytes]:
    """A key's public id and the key itself."""
    material = HKDF(SHA256(), 32 + _KEY_ID_BYTES, salt=None, info=b"brutal-patches cursors").derive(secret.encode())
    return material[32:], material[:32]


def _not_ours() -> Invalid:
    return _refused("is not a cursor of this list")


def _refused(why: str) -> Invalid:
    return Invalid("The cursor cannot be used.", errors=[FieldError("cursor", why)])
