"""The API's documentation: complete, valid, and served from our own files."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from brutal_patches.app import Service
from brutal_patches.http.access import undeclared_routes
from brutal_patches.settings import Settings, read_settings
from tests.client import Client, running


async def operations(client: Client) -> list[tuple[str, dict[str, Any]]]:
    document = (await client.get("/api-docs/openapi.json")).json()
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def test_the_document_is_valid(client: Client) -> None:
    """OpenAPI 3.1."""
    document = (await client.get("/api-docs/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    validate(document)


async def test_every_operation_is_described(client: Client) -> None:
    """A summary, an id that is its own, a tag, its errors, and examples where there is something to show."""
    found = await operations(client)
    ids = [operation["operationId"] for _, operation in found]
    assert len(ids) == len(set(ids)) >= 38
    for name, operation in found:
        assert operation["summary"], name
        assert 1 == len(operation["tags"]), name
        assert {"400", "429", "503"} <= set(operation["responses"]), name
        if "security" in operation:
            assert "401" in operation["responses"], name
        for status, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                problem = kind == "application/problem+json"
                assert problem == (int(status) >= 400) or kind == "text/html", name
                picture = kind.startswith("image/") or kind == "application/pdf"
                assert "example" in content or picture or name in _SELF_EXPLAINING, (name, status)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, name


_SELF_EXPLAINING = {
    "get /",
    "get /p/{patch_id}",
    "get /c/{collection_id}",
    "get /health",
    "get /health/ready",
    "get /health/detailed",
    "get /api-docs/openapi.json",
    "get /api/users/test",
    "get /monitoring/metrics",
    "get /api/patches/collections/{collection_id}/pack.zip",
    "post /api/auth/forgot-password",
    "get /feeds/latest.atom",
    "get /feeds/users/{file}",
    "get /feeds/tags/{file}",
    "get /api/panels/{code}/{file}",
    "get /api/patches/{patch_id}/sheet",
    "get /api/patches/{patch_id}/sheet.svg",
    "get /api/patches/{patch_id}/sheet.png",
    "get /api/patches/{patch_id}/sheet.pdf",
    "get /api/patches/{patch_id}/sheet.txt",
}


async def test_the_examples_fit_their_schemas(client: Client) -> None:
    """Of answers and of bodies."""
    document = (await client.get("/api-docs/openapi.json")).json()
    for name, operation in await operations(client):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            if "example" in content:
                schema = content["schema"] | {"components": document["components"]}
                errors = list(Draft202012Validator(schema).iter_errors(content["example"]))
                assert not errors, (name, errors[0].message)


async def test_the_page_needs_nobody_elses_network(client: Client) -> None:
    """Every file that it names is ours."""
    page = (await client.get("/api-docs")).text
    assert "http" not in page.replace("http-equiv", "")
    for path in ("/api-docs/files/swagger-ui-bundle.js", "/api-docs/files/swagger-ui.css", "/api-docs/files/page.js"):
        assert path in page
        assert 200 == (await client.get(path)).status_code
    for path in ("/api-docs/files/page.html", "/api-docs/files/..%2f__init__.py", "/api-docs/files/x"):
        assert 404 == (await client.get(path)).status_code


@pytest.mark.parametrize(("shown", "status"), [("", 404), ("1", 200)])
async def test_production_shows_it_only_when_told_to(settings: Settings, shown: str, status: int) -> None:
    """API_DOCS=1 does."""
    production = read_settings(
        {
            "APP_ENV": "production",
            "API_DOCS": shown,
            "JWT_SECRET": "0123456789abcdef0123456789abcdef",
            "PUBLIC_URL": "https://api.brutalpatches.com",
            "OPS_TOKEN": "ops",
            "DYNAMODB_ENDPOINT_URL": settings.dynamodb.endpoint_url,
            "DYNAMODB_TABLE_PREFIX": settings.dynamodb.table_prefix,
        }
    )
    async with running(production) as service:
        assert status == (await Client(service).get("/api-docs")).status_code
        assert status == (await Client(service).get("/api-docs/openapi.json")).status_code


async def test_every_route_says_who_may_call_it(service: Service) -> None:
    """And the public ones are these, and no others."""
    assert [] == undeclared_routes(service.litestar)
    found = {
        f"{method} {route.path}"
        for route in service.litestar.routes
        for handler in route.route_handlers  # type: ignore[union-attr]
        for method in handler.http_methods
        if handler.opt.get("access") == "public"
    }
    assert PUBLIC == found


PUBLIC = {
    "GET /",
    "GET /favicon.ico",
    "GET /favicon.svg",
    "GET /oembed",
    "GET /p/{patch_id:int}",
    "GET /c/{collection_id:str}",
    "GET /health",
    "GET /health/ready",
    "GET /api-docs",
    "GET /api-docs/openapi.json",
    "GET /api-docs/files/{name:str}",
    "GET /feeds/latest.atom",
    "GET /feeds/users/{file:str}",
    "GET /feeds/tags/{file:str}",
    "GET /api/users/{username:str}/activity",
    "POST /api/users/create",
    "GET /api/users/getUserByUsername/{username:str}",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/auth/forgot-password",
    "POST /api/auth/reset-password",
    "GET /api/patches",
    "GET /api/patches/total",
    "GET /api/patches/latest",
    "GET /api/patches/users/{username:str}",
    "GET /api/patches/users/{username:str}/total",
    "GET /api/patches/{patch_id:int}",
    "GET /api/patches/{patch_id:int}/history",
    "GET /api/patches/{patch_id:int}/version/{number:int}",
    "GET /api/patches/{patch_id:int}/versions/{one:int}/compare/{other:int}",
    "GET /api/patches/{patch_id:int}/compare/{other_id:int}",
    "GET /api/patches/{patch_id:int}/related",
    "GET /api/patches/{patch_id:int}/duplicates",
    "GET /api/patches/{patch_id:int}/lint",
    "GET /api/patches/search",
    "POST /api/patches/search/by-panel",
    "GET /api/patches/suggest",
    "GET /api/patches/trending",
    "GET /api/patches/featured",
    "GET /api/patches/random",
    "GET /api/patches/categories",
    "GET /api/patches/tags",
    "GET /api/patches/{patch_id:int}/rating",
    "GET /api/patches/{patch_id:int}/comments",
    "GET /api/patches/{patch_id:int}/sheet",
    "GET /api/patches/{patch_id:int}/sheet.svg",
    "GET /api/patches/{patch_id:int}/sheet.png",
    "GET /api/patches/{patch_id:int}/sheet.pdf",
    "GET /api/patches/{patch_id:int}/sheet.txt",
    "GET /api/patches/{patch_id:int}/diff/{other:str}",
    "POST /api/panels",
    "GET /api/panels/{code:str}",
    "GET /api/panels/{code:str}/{file:str}",
    "POST /api/panels/random",
    "POST /api/panels/mutate",
    "POST /api/panels/morph",
    "GET /api/patches/collections/public",
    "GET /api/patches/collections/{collection_id:str}",
    "GET /api/patches/collections/{collection_id:str}/pack.zip",
}
