"""What passes for an access token: ours, unchanged and of now, and nothing else."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from brutal_patches.accounts.model import User
from brutal_patches.accounts.tokens import AccessTokens
from brutal_patches.errors import Unauthorized
from tests.clocks import AheadClock

SECRET = "a secret of at least thirty-two bytes"
OLDER = "the secret before, of thirty-two bytes"
USER = User(id="u1", username="Ada", email="ada@example.com", created_at="", updated_at="")


@pytest.fixture
def clock() -> AheadClock:
    """The time."""
    return AheadClock()


@pytest.fixture
def tokens(clock: AheadClock) -> AccessTokens:
    """Tokens of an hour."""
    return AccessTokens([SECRET, ""], 3600, clock)


def encode(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "==")))


def sign(header: Any, claims: Any, secret: str = SECRET) -> str:
    signed = f"{encode(header)}.{encode(claims)}"
    return f"{signed}.{encode(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def issue(tokens: AccessTokens, clock: AheadClock) -> str:
    return tokens.issue(USER, "s1", int(clock.now().timestamp()) + 86400)[0]


def test_a_token_says_what_the_client_reads(tokens: AccessTokens, clock: AheadClock) -> None:
    """Every claim of the contract, and a header of exactly three members."""
    head, claims, _ = issue(tokens, clock).split(".")
    said = decode(claims)

    assert {"alg", "typ", "kid"} == set(decode(head))
    assert ("u1", "Ada", "ada@example.com", ["user"], False) == (
        said["sub"],
        said["username"],
        said["email"],
        said["roles"],
        said["isAdmin"],
    )
    assert ("brutal-patches", "brutal-patches-users", "s1") == (said["iss"], said["aud"], said["sid"])
    assert 3600 == said["exp"] - said["iat"]
    assert said["jti"]
    assert said["permissions"]


def test_a_token_never_outlasts_its_session(tokens: AccessTokens, clock: AheadClock) -> None:
    """The last one before the session's end is shorter."""
    assert 60 == tokens.issue(USER, "s1", int(clock.now().timestamp()) + 60)[1]


def test_an_expired_token_says_so(tokens: AccessTokens, clock: AheadClock) -> None:
    """To the second."""
    token = issue(tokens, clock)
    assert "u1" == tokens.read(token).sub
    clock.forward(seconds=3601)
    with pytest.raises(Unauthorized):
        tokens.read(token)


def test_the_secret_rotates_without_logging_anyone_out(clock: AheadClock) -> None:
    """The one before still verifies; one from before that does not."""
    old = issue(AccessTokens([OLDER], 3600, clock), clock)
    assert "u1" == AccessTokens([SECRET, OLDER], 3600, clock).read(old).sub
    with pytest.raises(Unauthorized):
        AccessTokens([SECRET], 3600, clock).read(old)


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "username", "roles", "sid", "jti", "iat", "exp", "ver"])
def test_every_claim_is_required(tokens: AccessTokens, clock: AheadClock, claim: str) -> None:
    """A library would let most of them be absent."""
    head, claims, _ = issue(tokens, clock).split(".")
    said = decode(claims)
    del said[claim]
    with pytest.raises(Unauthorized):
        tokens.read(sign(decode(head), said))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1e400},
        {"exp": None},
        {"exp": []},
        {"exp": "9999999999"},
        {"iat": 99999999999},
        {"aud": ["brutal-patches-users"]},
        {"aud": "others"},
        {"iss": "others"},
        {"roles": "admin"},
        {"roles": ["root"]},
        {"roles": []},
        {"sub": 5},
        {"sub": ""},
        {"ver": "1"},
        {"nbf": 99999999999},
    ],
)
def test_every_claim_has_its_type_and_range(tokens: AccessTokens, clock: AheadClock, changes: dict[str, Any]) -> None:
    """Even in a token that is rightly signed."""
    head, claims, _ = issue(tokens, clock).split(".")
    with pytest.raises(Unauthorized):
        tokens.read(sign(decode(head), decode(claims) | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"typ": "at+jwt"},
        {"kid": "unknown"},
        {"kid": None},
        {"crit": ["exp"]},
        {"jwk": {}},
        {"b64": False},
    ],
)
def test_the_header_is_ours_or_refused(tokens: AccessTokens, clock: AheadClock, changes: dict[str, Any]) -> None:
    """No algorithm, key or extension is taken from it."""
    head, claims, _ = issue(tokens, clock).split(".")
    with pytest.raises(Unauthorized):
        tokens.read(sign(decode(head) | changes, decode(claims)))


def test_a_token_has_one_spelling(tokens: AccessTokens, clock: AheadClock) -> None:
    """Padding, foreign characters and other last characters do not verify."""
    token = issue(tokens, clock)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sibling = last[last.index(token[-1]) ^ 1]
    for other in (
        token + "=",
        token[:-1] + sibling,
        token + ".",
        "." + token,
        token.replace(".", "..", 1),
        token + " ",
    ):
        with pytest.raises(Unauthorized):
            tokens.read(other)


@pytest.mark.parametrize(
    "token", ["", "a.b.c", "x" * 5000, "é.é.é", f"{encode(b'[' * 1000)}.e30.{'A' * 43}", f"e30.e30.{'A' * 43}"]
)
def test_anything_else_is_refused_too(tokens: AccessTokens, token: str) -> None:
    """Without an error of another kind."""
    with pytest.raises(Unauthorized):
        tokens.read(token)
