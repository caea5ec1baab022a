"""FastAPI with pydantic and aioboto3: a patch by key, the latest by a query of an index.

Same data, same engine, same fields on the wire. Started by `bench/read.py` under uvicorn.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aioboto3
from boto3.dynamodb.conditions import Key
from fastapi import FastAPI, HTTPException
from msgspec import UNSET
from pydantic import BaseModel, Field

from brutal_patches.patches import store

PREFIX = os.environ["DYNAMODB_TABLE_PREFIX"]


class Cable(BaseModel):
    source: str
    target: str


class Patch(BaseModel):
    """A patch on the wire; the settings are extra fields, as there are many."""

    model_config = {"extra": "allow"}
    id: int
    title: str
    description: str
    username: str
    average_rating: str
    created_at: str
    updated_at: str
    version: int
    tags: list[str]
    modmatrix: list[Cable]


class Page(BaseModel):
    patches: list[Patch]
    has_more: bool = Field(alias="hasMore")


def to_patch(item: dict[str, Any]) -> Patch:
    plain = {name: int(value) if hasattr(value, "as_tuple") else value for name, value in item.items()}
    plain["panel"] = bytes(plain["panel"])
    patch = store.from_item(plain).patch
    fields = {name: getattr(patch, name) for name in patch.__struct_fields__}
    fields["modmatrix"] = [Cable(source=cable.source, target=cable.target) for cable in patch.modmatrix]
    return Patch(**{name: value for name, value in fields.items() if value is not UNSET})


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    session = aioboto3.Session("local", "local", region_name="us-east-1")
    async with session.resource("dynamodb", endpoint_url=os.environ["DYNAMODB_ENDPOINT_URL"]) as resource:
        app.state.table = await resource.Table(f"{PREFIX}-core")
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/api/patches/latest")
async def latest(limit: int = 20) -> Page:
    answer = await app.state.table.query(
        IndexName="feed", KeyConditionExpression=Key("fk").eq("FEED#0"), ScanIndexForward=False, Limit=limit
    )
    return Page(patches=[to_patch(item) for item in answer["Items"]], hasMore="LastEvaluatedKey" in answer)


@app.get("/api/patches/{patch_id}")
async def read(patch_id: int) -> Patch:
    answer = await app.state.table.get_item(Key={"pk": f"PATCH#{patch_id}", "sk": "LATEST"})
    if "Item" not in answer:
        raise HTTPException(404)
    return to_patch(answer["Item"])
