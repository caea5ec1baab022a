"""`docs/settings.md`, made from the settings themselves."""

from collections.abc import Iterator

from brutal_patches.settings import Variable, variables

_HEAD = """\
# Settings

Everything is set by environment variables, read once at start. A start with wrong values names every faulty variable at once
and ends with exit code 2. An empty variable counts as absent. Production (`APP_ENV=production` or `staging`) refuses unsafe
values: a known or short `JWT_SECRET`, no `OPS_TOKEN`, a `PUBLIC_URL` without https, `CORS_ORIGIN=*`.

A value can lie in AWS: `NAME_ARN` points to a secret in Secrets Manager (`NAME_ARN=my-secret#key` to one member of it), and
`NAME_PARAMETER` to a parameter in Parameter Store. They are fetched once at start; a variable that is set itself wins.

This page is made by `make settings-page`; a test fails when it is not up to date.

| variable | default | meaning |
|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    return _HEAD + "".join(_rows())


def _rows() -> Iterator[str]:
    for variable in variables():
        yield f"| `{variable.name}` | {_default(variable)} | {variable.meaning} |\n"


def _default(variable: Variable) -> str:
    if variable.secret and variable.default:
        return "a value for development"
    return f"`{variable.default}`" if variable.default else ""


if __name__ == "__main__":
    print(page(), end="")
