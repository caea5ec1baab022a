"""What schemathesis is told about this API: how its caller logs in, and which switches it may not turn.

It loads this file by SCHEMATHESIS_HOOKS; FUZZ_CALLER is the user that it is.
"""

import os
from typing import Any

import httpx
import schemathesis

PASSWORD = "eleven cables at midnight"
CALLER = os.environ.get("FUZZ_CALLER", "")
CALLER_LOGIN = {"username": CALLER, "password": PASSWORD}
# What is tried at random makes this account wait where it is tried from, so the login comes from another address.
ELSEWHERE = {"x-forwarded-for": "192.0.2.77"}
URL = os.environ.get("FUZZ_URL", "")


class Login:
    """A token of the caller's; another one when it has logged itself out, as some requests do."""

    def __init__(self) -> None:
        self.token = ""

    def get(self) -> str:
        if not self.token:
            answer = httpx.post(f"{URL}/api/auth/login", json=CALLER_LOGIN, headers=ELSEWHERE)
            self.token = answer.json()["access_token"]
        return self.token


LOGIN = Login()

if CALLER:

    @schemathesis.auth(refresh_interval=None)
    class Bearer:
        """Sends the token with every request."""

        def get(self, case: Any, ctx: Any) -> str:
            return LOGIN.get()

        def set(self, case: Any, data: str, ctx: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {LOGIN.get()}"}


@schemathesis.hook
def before_call(ctx: Any, case: Any, kwargs: Any) -> None:
    """Maintenance and limits would end what is going on for everybody: those values are turned into harmless ones."""
    if case.path == "/api/admin/settings" and isinstance(case.body, dict):
        harmless = {"maintenance": False, "registration": True, "rateLimit": 1_000_000}
        case.body |= {name: value for name, value in harmless.items() if name in case.body}


@schemathesis.hook
def after_call(ctx: Any, case: Any, response: Any) -> None:
    """Log in again where the token has been used up."""
    sent = str(response.request.headers.get("Authorization", ""))
    if response.status_code == 401 and LOGIN.token and sent == f"Bearer {LOGIN.token}":
        LOGIN.token = ""
