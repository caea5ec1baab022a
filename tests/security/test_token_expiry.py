"""Expiry and keys of access tokens: the library's own check of `exp` is off, so ours is looked at from all sides."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brutal_patches.accounts.tokens import MAX_LENGTH, AccessTokens, key_id
from brutal_patches.clock import SystemClock
from brutal_patches.errors import Unauthorized
from tests.accounts.test_tokens import OLDER, SECRET, USER, decode, encode, sign

NOON = datetime(2031, 5, 4, 12, 0, 0, tzinfo=UTC)
AT_NOON = int(NOON.timestamp())
_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


class StillClock(SystemClock):
    """Stands where it is put."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> StillClock:
    """Years away from the machine's."""
    return StillClock()


@pytest.fixture
def tokens(clock: StillClock) -> AccessTokens:
    """Two keys, as in a rotation."""
    return AccessTokens([SECRET, OLDER], 3600, clock)


def altered(tokens: AccessTokens, secret: str = SECRET, **claims: Any) -> str:
    """A token that is rightly signed and says something else."""
    head, said, _ = tokens.issue(USER, "s1", AT_NOON + 86_400)[0].split(".")
    return sign(decode(head) | {"kid": key_id(secret)}, decode(said) | claims, secret)


def holds(tokens: AccessTokens, token: str) -> bool:
    try:
        tokens.read(token)
    except Unauthorized:
        return False
    return True


def test_a_token_ends_at_its_second(tokens: AccessTokens, clock: StillClock) -> None:
    """It holds in the second before `exp`, and in that of `exp` no more: there is no leeway."""
    token = tokens.issue(USER, "s1", AT_NOON + 86_400)[0]
    clock.moment = NOON + timedelta(seconds=3599)
    assert holds(tokens, token)
    clock.moment = NOON + timedelta(seconds=3599, microseconds=999_999)
    assert holds(tokens, token)
    for later in (3600, 3601, 10_000_000):
        clock.moment = NOON + timedelta(seconds=later)
        assert not holds(tokens, token)


def test_the_clock_is_the_one_that_was_handed_in(tokens: AccessTokens, clock: StillClock) -> None:
    """What the machine takes for expired or for the future holds, and the other way round."""
    clock.moment = datetime(2001, 1, 1, tzinfo=UTC)
    token = tokens.issue(USER, "s1", AT_NOON)[0]
    assert holds(tokens, token)
    clock.moment = NOON
    assert not holds(tokens, token)


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (5, True), (6, False), (3600, False), (10**12, False)])
def test_a_token_from_the_future_is_refused(tokens: AccessTokens, ahead: int, good: bool) -> None:
    """But for the five seconds that two clocks may differ."""
    assert good == holds(tokens, altered(tokens, iat=AT_NOON + ahead, exp=AT_NOON + ahead + 60))


@pytest.mark.parametrize(
    "exp",
    [
        True,
        False,
        None,
        "",
        "1935660000",
        "tomorrow",
        1.5,
        float("nan"),
        float("inf"),
        -1,
        0,
        AT_NOON,
        AT_NOON - 1,
        [AT_NOON + 60],
        {"at": AT_NOON + 60},
        -(2**63),
        -(10**400),
    ],
    ids=str,
)
def test_no_other_expiry_is_one(tokens: AccessTokens, exp: Any) -> None:
    """Whatever its type."""
    assert not holds(tokens, altered(tokens, exp=exp))


def test_an_expiry_cannot_be_absent(tokens: AccessTokens) -> None:
    """The library would take it for one that never comes."""
    head, said, _ = tokens.issue(USER, "s1", AT_NOON + 86_400)[0].split(".")
    claims = decode(said)
    del claims["exp"]
    assert not holds(tokens, sign(decode(head), claims))


def test_a_number_beyond_all_is_refused(tokens: AccessTokens) -> None:
    """Not an error of another kind, and not for ever."""
    for exp in (2**64, 10**100, 10**400):
        assert not holds(tokens, altered(tokens, exp=exp))


def test_each_key_signs_for_itself_alone(tokens: AccessTokens) -> None:
    """The name of one key over the signature of another is refused; both under their own names hold."""
    assert holds(tokens, altered(tokens, SECRET))
    assert holds(tokens, altered(tokens, OLDER))
    head, said, _ = altered(tokens, OLDER).split(".")
    assert not holds(tokens, sign(decode(head), decode(said), SECRET))


@pytest.mark.parametrize("kid", ["", "0", "../../dev/null", "' or 1=1", "x" * 900, key_id(""), key_id("secret"), 7, []])
def test_a_key_is_one_of_ours(tokens: AccessTokens, kid: Any) -> None:
    """What a token names is looked up in a list of two, and nowhere else."""
    head, said, _ = altered(tokens).split(".")
    for secret in ("", "secret", SECRET):
        assert not holds(tokens, sign(decode(head) | {"kid": kid}, decode(said), secret))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512", "hs256", "RS256", "ES256", "", None])
def test_one_algorithm_signs(tokens: AccessTokens, algorithm: Any) -> None:
    """Also where the signature is right for what the header says, or left out as it says."""
    head, said, _ = altered(tokens).split(".")
    signed = f"{encode(decode(head) | {'alg': algorithm})}.{said}"
    hashed = hmac.digest(SECRET.encode(), signed.encode(), _HASHES.get(str(algorithm), hashlib.sha256))
    for signature in ("", encode(hashed), encode(hashed[:32]), "A" * 43):
        assert not holds(tokens, f"{signed}.{signature}")


def test_claims_beyond_what_we_make_are_not_read(tokens: AccessTokens) -> None:
    """Too long is refused before anything is calculated; a claim that we do not know says nothing."""
    assert not holds(tokens, altered(tokens, username="a" * 3000))
    assert len(altered(tokens, username="a" * 3000)) > MAX_LENGTH
    assert holds(tokens, altered(tokens, admin=True))
    assert not tokens.read(altered(tokens, admin=True)).is_admin


def test_a_claim_said_twice_is_read_once(tokens: AccessTokens) -> None:
    """Of a signed token there is no second reading: the last one counts, for the check and for its use."""
    head, said, _ = altered(tokens).split(".")
    twice = json.dumps(decode(said))[:-1] + f', "exp": {AT_NOON - 1}}}'
    assert not holds(tokens, sign(decode(head), twice.encode()))
