"""Leaves out of an environment what no service needs at run time: `python prune.py /opt/brutal-patches`.

Tests, type stubs and sources of compiled modules, and their symbols; places that sample data could come
from; models of AWS services that nobody here talks to.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

AWS_SERVICES = frozenset(
    {
        "application-autoscaling", "backup", "cloudwatch", "dynamodb", "ecr", "ecs", "elbv2", "logs", "s3",
        "secretsmanager", "sesv2", "ssm", "sso", "sso-oidc", "sts", "wafv2",
    }
)  # fmt: skip
"""What `brutal-patches serve` and `brutal-patches ops` call, and where credentials come from."""

SOURCES = frozenset({".a", ".c", ".h", ".pxd", ".pyi", ".pyx"})


def superfluous(packages: Path) -> Iterator[Path]:
    """Folders and files that can go."""
    yield from (path for path in packages.rglob("tests") if path.is_dir())
    yield from (path for path in packages.rglob("*") if path.suffix in SOURCES)
    # Litestar comes with it, for examples that it could make up; English ones are enough.
    yield from (path for path in packages.glob("faker/providers/**/??_??") if path.name != "en_US")
    yield from (path for path in packages.glob("botocore/data/*") if path.is_dir() and path.name not in AWS_SERVICES)
    # When what was installed: the only files that two images of the same sources would differ in.
    yield from packages.glob("*.dist-info/uv_cache.json")
    yield from packages.glob("*.dist-info/RECORD")


def compiled(packages: Path) -> Iterator[Path]:
    """Modules whose symbols can go. Libraries in `*.libs` have been moved about by their packager, and bear no more."""
    yield from (path for path in packages.rglob("*.so") if not path.parent.name.endswith(".libs"))


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def size(folder: Path) -> int:
    """In bytes, of all files."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def main(environment: Path) -> None:
    (packages,) = environment.glob("lib/python3.*/site-packages")
    before = size(packages)
    for path in list(superfluous(packages)):
        remove(path)
    subprocess.run(["strip", "--strip-unneeded", *compiled(packages)], check=True)  # noqa: S603, S607  # Debian's, in the building stage.
    print(f"{(before - size(packages)) / 1e6:.0f} MB left out, {size(packages) / 1e6:.0f} MB kept")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
