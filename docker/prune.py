"""Leaves out of an environment what no service needs at run time: `python prune.py /opt/brutal-patches`.

Tests, type stubs and sources of compiled modules; places that sample data could come from; models of
AWS services that nobody here talks to.
"""

import shutil
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


def main(environment: Path) -> None:
    (packages,) = environment.glob("lib/python3.*/site-packages")
    freed = 0
    for path in list(superfluous(packages)):
        files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
        freed += sum(each.stat().st_size for each in files)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print(f"{freed / 1e6:.0f} MB left out")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
