"""What people send about their accounts, and what of it is acceptable."""

import re
import unicodedata

import msgspec
from email_validator import EmailNotValidError, validate_email
from zxcvbn import zxcvbn

from brutal_patches.errors import FieldError

USERNAME = re.compile(r"[A-Za-z0-9_-]{3,20}")
RESERVED = frozenset(
    {
        "admin", "administrator", "anonymous", "api", "auth", "brutal-patches", "help", "legacy-user", "me",
        "moderator", "my", "null", "official", "root", "security", "staff", "support", "system", "undefined", "user",
        "users",
    }
)  # fmt: skip
MIN_PASSWORD = 8
MAX_PASSWORD = 128
_GUESSES_AT_LEAST = 10_000
_JUDGED_CHARACTERS = 40
_CONFUSABLE = ("Cc", "Cs")


class Registration(msgspec.Struct, frozen=True):
    """What makes an account."""

    username: str
    email: str
    password: str


class Login(msgspec.Struct, frozen=True):
    """Who says they are whom."""

    username: str
    password: str


class Refresh(msgspec.Struct, frozen=True):
    """A refresh token, or nothing where the bearer token is to do."""

    refresh_token: str | None = None
    refreshToken: str | None = None  # noqa: N815 - what some scripts call it.


class PasswordChange(msgspec.Struct, frozen=True, rename="camel"):
    """A new password, and the present one as proof."""

    current_password: str
    new_password: str


class EmailChange(msgspec.Struct, frozen=True):
    """A new e-mail address, and the password as proof."""

    email: str
    password: str


class ResetRequest(msgspec.Struct, frozen=True):
    """Where to mail a link to set a new password."""

    email: str


class Reset(msgspec.Struct, frozen=True):
    """The token of a mail, and the new password."""

    token: str
    password: str


def fold(username: str) -> str:
    """The form in which names are compared."""
    return unicodedata.normalize("NFC", username).casefold()


def looks_like_a_name(username: str) -> bool:
    """Whether this could be anyone's name; imported ones may have any characters."""
    return 0 < len(username) <= 200 and username.isprintable()


def composed(password: str) -> str:
    """A password as it is hashed: the same whichever way the keyboard composes its characters."""
    return unicodedata.normalize("NFC", password)


def username_fault(username: str) -> FieldError | None:
    """Why this cannot be a new user's name."""
    if not USERNAME.fullmatch(username):
        return FieldError("username", "must be 3 to 20 letters, digits, dashes or underscores")
    if fold(username) in RESERVED:
        return FieldError("username", "is reserved; please choose another")
    return None


def normal_email(email: str) -> str | None:
    """The address in its normal form, or None where it is none."""
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def email_fault(email: str) -> FieldError | None:
    """Why this cannot be an e-mail address."""
    if len(email) > 254 or normal_email(email) is None:
        return FieldError("email", "must be an e-mail address such as name@example.com")
    return None


def password_fault(password: str, *known: str, field: str = "password") -> FieldError | None:
    """Why this cannot be a password; `known` are words that an attacker would try first.

    The judgement is zxcvbn's (Wheeler, USENIX Security 2016): too easy is what it guesses within
    10,000 tries, as a list of common passwords would have it.
    """
    password = composed(password)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return FieldError(field, f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    if any(unicodedata.category(character) == "Cs" for character in password):
        return FieldError(field, "must be text in UTF-8")
    words = [word for name in known for word in (name, *re.split(r"[@._+-]", name)) if len(word) >= 3]
    if any(fold(password) == fold(word) for word in words):
        return FieldError(field, "must not be made of your name or e-mail address")
    judged = zxcvbn(password[:_JUDGED_CHARACTERS], user_inputs=words)
    if judged["guesses"] < _GUESSES_AT_LEAST:
        warning = str(judged["feedback"]["warning"]).rstrip(".").lower()
        return FieldError(field, f"is too easy to guess{f': {warning}' if warning else ''}")
    return None
