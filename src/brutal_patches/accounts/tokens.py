"""Access tokens (JWT, HS256): made and read here and nowhere else.

The library lets a lot through (unknown `crit`, missing claims, second spellings of one token, errors
of other kinds than its own), so a token is checked strictly before and after it (RFC 8725).
"""

import base64
import binascii
import hashlib
import re
from typing import Any

import msgspec
from jose import jwt

from brutal_patches.accounts.model import User, permissions
from brutal_patches.actor import ROLES, Role
from brutal_patches.clock import Clock, epoch, new_id
from brutal_patches.errors import Unauthorized

ISSUER = "brutal-patches"
AUDIENCE = "brutal-patches-users"
ALGORITHM = "HS256"
MAX_LENGTH = 4096
_SHAPE = re.compile(r"[A-Za-z0-9_-]{1,1024}\.[A-Za-z0-9_-]{1,3000}\.[A-Za-z0-9_-]{43}")
_LEEWAY_SECONDS = 5
_LONGEST_LIFE = 86_400
"""No token lives longer, unless the setting says so: one that claims to was not made by us, or under other rules."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The only header that a token of ours has."""

    alg: str
    typ: str
    kid: str


class Claims(msgspec.Struct, frozen=True, kw_only=True, rename={"is_admin": "isAdmin", "version": "ver"}):
    """What a token says. Times are epoch seconds; `version` is the user's token version when it was made."""

    iss: str
    aud: str
    sub: str
    username: str
    email: str
    roles: tuple[Role, ...]
    is_admin: bool
    permissions: tuple[str, ...]
    sid: str
    jti: str
    iat: int
    exp: int
    version: int


class AccessTokens:
    """Signs with the first of `secrets` and verifies with all of them, told apart by `kid`."""

    def __init__(self, secrets: list[str], seconds: int, clock: Clock) -> None:
        given = [secret for secret in secrets if secret]
        self._keys = {key_id(secret): secret for secret in given}
        self._signing = given[0]
        self.seconds = seconds
        self._clock = clock

    def issue(self, user: User, session_id: str, ends: int) -> tuple[str, int]:
        """A token for `user` and its life in seconds, which never outlasts the session's end."""
        now = epoch(self._clock)
        expires = min(now + self.seconds, ends)
        claims = Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=user.id,
            username=user.username,
            email=user.email,
            roles=user.roles,
            is_admin="admin" in user.roles,
            permissions=permissions(user.roles),
            sid=session_id,
            jti=new_id(self._clock),
            iat=now,
            exp=expires,
            version=user.token_version,
        )
        said: dict[str, Any] = msgspec.to_builtins(claims)
        said["roles"], said["permissions"] = list(claims.roles), list(claims.permissions)
        token = jwt.encode(said, self._signing, ALGORITHM, headers={"kid": key_id(self._signing)})
        return str(token), expires - now

    def read(self, token: str) -> Claims:
        """What `token` says. Raises Unauthorized for anything but a token of ours that is still good."""
        try:
            return self._read(token)
        except Unauthorized:
            raise
        except Exception as fault:
            # Whatever a forged token makes the library stumble over, it is a token that does not hold.
            raise refused() from fault

    def _read(self, token: str) -> Claims:
        if len(token) > MAX_LENGTH or not _SHAPE.fullmatch(token):
            raise refused()
        head, _, signature = token.split(".")
        if _encode(_decode(signature)) != signature:
            raise refused()
        header = msgspec.json.decode(_decode(head), type=Header)
        if header.alg != ALGORITHM or header.typ != "JWT" or header.kid not in self._keys:
            raise refused()
        options = {f"require_{claim}": True for claim in ("iat", "aud", "iss", "sub", "jti")}
        # The library looks at the machine's time, and we below at the clock that we were handed; `Claims` requires it.
        options["verify_exp"] = False
        said = jwt.decode(token, self._keys[header.kid], [ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options)
        claims = msgspec.convert(said, Claims)
        now = epoch(self._clock)
        if claims.aud != AUDIENCE or claims.iat > now + _LEEWAY_SECONDS or not claims.roles or not claims.sub:
            raise refused()
        if not 0 < claims.exp - claims.iat <= max(self.seconds, _LONGEST_LIFE):
            raise refused()
        if claims.exp <= now:
            raise Unauthorized("Your login has expired. Please log in again.", headers={"www-authenticate": _EXPIRED})
        return claims


_EXPIRED = 'Bearer error="invalid_token", error_description="expired"'


def is_expiry(fault: Unauthorized) -> bool:
    """Whether a token was refused for its age alone."""
    return fault.headers.get("www-authenticate") == _EXPIRED


def refused() -> Unauthorized:
    """The error for every token that does not hold, whatever is wrong with it."""
    return Unauthorized("This login is not valid. Please log in again.", headers={"www-authenticate": _INVALID})


_INVALID = 'Bearer error="invalid_token"'


def key_id(secret: str) -> str:
    """A short public name of a secret."""
    return hashlib.sha256(b"kid|" + secret.encode()).hexdigest()[:8]


def roles_of(claims: Claims) -> frozenset[Role]:
    """The roles that a token claims, those that we know."""
    return frozenset(role for role in claims.roles if role in ROLES)


def _decode(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise refused() from None


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
