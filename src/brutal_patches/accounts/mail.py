"""The mails that accounts send, and who carries them."""

from typing import Protocol

from loguru import logger


class Mailer(Protocol):
    """Whoever delivers a plain text mail."""

    async def send(self, to: str, subject: str, text: str) -> None: ...


class LogMailer:
    """Development's mailer: what would be sent is printed to the log."""

    async def send(self, to: str, subject: str, text: str) -> None:
        logger.info("Mail to {}: {}\n{}", to, subject, text)


RESET_SUBJECT = "Set a new password for Brutal Patches"
EMAIL_CHANGED_SUBJECT = "Your Brutal Patches e-mail address was changed"
PASSWORD_CHANGED_SUBJECT = "Your Brutal Patches password was changed"  # noqa: S105 - a subject line.


def reset_text(username: str, token: str, public_url: str) -> str:
    """The mail with which a forgotten password is replaced."""
    return (
        f"Hello {username},\n\n"
        "someone, probably you, asked for a new password. Within 30 minutes you can set it here:\n\n"
        f"{public_url}/reset-password?token={token}\n\n"
        f"or by sending {{token, password}} to {public_url}/api/auth/reset-password, the token being\n\n{token}\n\n"
        "If it was not you, ignore this mail; your password stays as it is.\n"
    )


def changed_text(username: str, what: str) -> str:
    """The mail that tells the owner of an account of a change that may not be theirs."""
    return (
        f"Hello {username},\n\nthe {what} of your account was changed just now. If it was not you, "
        "ask for a new password at once; that logs everybody out.\n"
    )
