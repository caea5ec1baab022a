"""Mail through Amazon SES."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aioboto3
from botocore.exceptions import BotoCoreError, ClientError

from brutal_patches.errors import Unavailable


class SesMailer:
    """Sends plain text from one sender."""

    def __init__(self, client: Any, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand one mail over to SES; Unavailable when it does not take it."""
        content = {"Subject": {"Data": subject}, "Body": {"Text": {"Data": text}}}
        try:
            await self._client.send_email(
                FromEmailAddress=self._sender, Destination={"ToAddresses": [to]}, Content={"Simple": content}
            )
        except (BotoCoreError, ClientError) as fault:
            raise Unavailable("The mail could not be sent.") from fault


@asynccontextmanager
async def open_ses(region: str, sender: str) -> AsyncIterator[SesMailer]:
    """A mailer for as long as the context lasts."""
    async with aioboto3.Session(region_name=region).client("sesv2") as client:
        yield SesMailer(client, sender)
