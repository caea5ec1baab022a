"""Refresh tokens: `session.generation.HMAC`. Nothing secret is stored, and a forged one is never looked up.

The successor of a token is a function of it, so asking twice gives the same one, and a retry cannot fork
a session.
"""

import base64
import hashlib
import hmac
import re

import msgspec

_SHAPE = re.compile(r"([0-9a-z]{26})\.(\d{1,9})\.([A-Za-z0-9_-]{43})")


class Generation(msgspec.Struct, frozen=True):
    """The place of a token in its session's row of them."""

    session_id: str
    number: int


class RefreshTokens:
    """Makes with the first of `secrets` and accepts with all of them."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = [hashlib.sha256(b"refresh|" + secret.encode()).digest() for secret in secrets if secret]

    def make(self, place: Generation) -> str:
        """The one token of this place."""
        return f"{place.session_id}.{place.number}.{_sign(self._secrets[0], place)}"

    def read(self, token: str) -> Generation | None:
        """The place that `token` proves, or None where it proves nothing."""
        match = _SHAPE.fullmatch(token)
        if match is None or match[2] != str(int(match[2])):
            return None
        place = Generation(match[1], int(match[2]))
        genuine = [hmac.compare_digest(_sign(secret, place), match[3]) for secret in self._secrets]
        return place if any(genuine) else None


def _sign(key: bytes, place: Generation) -> str:
    mac = hmac.digest(key, f"rt|{place.session_id}|{place.number}".encode(), "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
