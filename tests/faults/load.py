"""Clients who keep a process of the service busy, and know what they were told."""

import asyncio
from collections import Counter
from typing import Any

import httpx

from tests.client import PASSWORD


class Writers:
    """Authors who create and edit patches as fast as they are answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.titles: dict[int, set[str]] = {}
        self.statuses: Counter[int] = Counter()
        self.lost: list[str] = []
        self.stop = asyncio.Event()

    async def authors(self, many: int) -> list[dict[str, str]]:
        """The credentials of this many users, new or not."""
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as client:
            return [await self._author(client, number) for number in range(many)]

    async def _author(self, client: httpx.AsyncClient, number: int) -> dict[str, str]:
        person = {"username": f"author{number}", "email": f"author{number}@example.com", "password": PASSWORD}
        await client.post("/api/users/create", json=person)
        answer = await client.post("/api/auth/login", json=person)
        return {"authorization": f"Bearer {answer.json()['access_token']}"}

    async def write(self, headers: dict[str, str], name: str) -> None:
        """Create and edit until told to stop, or until the service is gone."""
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20) as client:
            number = 0
            while not self.stop.is_set():
                number += 1
                try:
                    await self._one(client, f"{name}-{number}")
                except httpx.ConnectError:
                    return
                except httpx.TransportError as fault:
                    self.lost.append(f"{type(fault).__name__} {fault}")
                    return

    async def _one(self, client: httpx.AsyncClient, title: str) -> None:
        answer = await client.post("/api/patches", json={"title": title})
        self.statuses[answer.status_code] += 1
        if answer.status_code != 201:
            return
        patch_id = answer.json()["id"]
        self.titles[patch_id] = {title}
        # Until the answer is here, either may be so.
        self.titles[patch_id].add(f"{title} edited")
        edited = await client.put(f"/api/patches/{patch_id}", json={"title": f"{title} edited"})
        self.statuses[edited.status_code] += 1
        if edited.status_code == 200:
            self.titles[patch_id] = {f"{title} edited"}

    def missing(self, records: dict[int, Any]) -> list[str]:
        """What was acknowledged and is not there."""
        return [
            f"patch {patch_id} should be one of {titles}"
            for patch_id, titles in self.titles.items()
            if patch_id not in records or records[patch_id].patch.title not in titles
        ]


async def read_on(url: str, stop: asyncio.Event, found: Counter[str]) -> None:
    """Read like a player behind a load balancer until told to stop; what was not answered is counted by its name."""
    paths = ["/api/patches/latest", "/api/patches/search?q=author", "/api/patches/total"]
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                found[str((await client.get(paths[number % 3])).status_code)] += 1
            except httpx.TransportError as fault:
                found[type(fault).__name__] += 1
            await asyncio.sleep(0.002)
