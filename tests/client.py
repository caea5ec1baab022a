"""The service as its users meet it: over HTTP, logged in or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from brutal_patches.app import Service
from brutal_patches.clock import Clock
from brutal_patches.settings import Settings
from brutal_patches.storage.retrying import Patience
from brutal_patches.telemetry.logs import Logs

UNHURRIED = Patience(connect=5, read=10, total=20)
PASSWORD = "seven knobs at noon"


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None, logs: Logs | None = None) -> AsyncIterator[Service]:
    """The service between its start and its stop."""
    service = Service(settings, clock, UNHURRIED, logs)
    async with service.live():
        yield service


class Client:
    """A client at one address. Methods named after HTTP's return the response as it is."""

    def __init__(self, service: Service, address: str = "192.0.2.1", tokens: dict[str, Any] | None = None) -> None:
        self.service = service
        self.address = address
        self.tokens = tokens or {}
        transport = httpx.ASGITransport(service.app, raise_app_exceptions=False, client=(address, 1))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://testserver")

    async def request(self, method: str, path: str, json: object = None, **more: Any) -> httpx.Response:
        headers = more.pop("headers", {})
        if self.tokens:
            headers = {"authorization": f"Bearer {self.tokens['access_token']}", **headers}
        body = {} if json is None else {"json": json}
        return await self._http.request(method, path, headers=headers, **body, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.request("GET", path, **more)

    async def post(self, path: str, json: object = None, **more: Any) -> httpx.Response:
        return await self.request("POST", path, json, **more)

    async def put(self, path: str, json: object = None, **more: Any) -> httpx.Response:
        return await self.request("PUT", path, json, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.request("DELETE", path, **more)

    async def register(self, username: str, password: str = PASSWORD, address: str = "") -> "Client":
        """A new user, logged in."""
        sent = {"username": username, "email": f"{username}@example.com", "password": password}
        answer = await self.post("/api/users/create", sent)
        assert 201 == answer.status_code, answer.text
        return await self.log_in(username, password, address)

    async def log_in(self, username: str, password: str = PASSWORD, address: str = "") -> "Client":
        """The same user on another device."""
        address = address or self.address
        anonymous = Client(self.service, address)
        answer = await anonymous.post("/api/auth/login", {"username": username, "password": password})
        assert 200 == answer.status_code, answer.text
        return Client(self.service, address, answer.json())

    def at(self, address: str) -> "Client":
        """The same client, calling from another address."""
        return Client(self.service, address, self.tokens)

    async def create(self, title: str = "Sub", **fields: object) -> dict[str, Any]:
        """A new patch of this user's."""
        answer = await self.post("/api/patches", {"title": title, **fields})
        assert 201 == answer.status_code, answer.text
        return dict(answer.json())
