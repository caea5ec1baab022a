"""Mail is handed to SES as it wants it; what it refuses is an error of ours."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from brutal_patches.errors import Unavailable
from brutal_patches.storage.mail import SesMailer, open_ses


class Ses:
    """Takes one mail, or raises."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.sent: dict[str, Any] = {}

    async def send_email(self, **sent: Any) -> None:
        if self.fault:
            raise self.fault
        self.sent = sent


async def test_a_mail_has_sender_subject_and_text() -> None:
    """In plain text."""
    ses = Ses()
    await SesMailer(ses, "no-reply@brutalpatches.com").send("ada@example.com", "Hello", "Text")
    assert "no-reply@brutalpatches.com" == ses.sent["FromEmailAddress"]
    assert {"ToAddresses": ["ada@example.com"]} == ses.sent["Destination"]
    assert "Text" == ses.sent["Content"]["Simple"]["Body"]["Text"]["Data"]


async def test_what_ses_refuses_is_unavailable() -> None:
    """Whether it answers or not."""
    faults = [
        ClientError({"Error": {"Code": "MessageRejected"}}, "SendEmail"),
        EndpointConnectionError(endpoint_url="x"),
    ]
    for fault in faults:
        with pytest.raises(Unavailable):
            await SesMailer(Ses(fault), "a@example.com").send("b@example.com", "s", "t")


async def test_a_mailer_opens_and_closes() -> None:
    """Without a call to anybody."""
    async with open_ses("us-east-1", "a@example.com") as mailer:
        assert isinstance(mailer, SesMailer)
