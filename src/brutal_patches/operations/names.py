"""What everything of a stage is called. The CDK app names resources by this page, operators find them by it."""

from typing import Literal, get_args

import msgspec

from brutal_patches.storage.keys import TableName
from brutal_patches.storage.schema import TABLES, physical_name

type StageName = Literal["dev", "staging", "prod"]
STAGES: tuple[StageName, ...] = get_args(StageName.__value__)

SLOTS = ("r1", "r2")
"""Where a restore may go besides the tables that the stack made. The service is let into these by name, so that its
permissions need no wildcard; two, so that a restored table can be restored again."""


TABLE_PREFIX = "table-prefix"
"""The parameter that says which tables the service uses. Tasks read it when they start, so that restored tables
can be used without a deployment."""


class Names(msgspec.Struct, frozen=True):
    """The names of one stage."""

    stage: StageName

    @property
    def prefix(self) -> str:
        """Begins the name of everything of the stage; the load balancer, the backup vault and the WAF have it alone."""
        return f"brutal-patches-{self.stage}"

    @property
    def path(self) -> str:
        """Begins the name of parameters and log groups."""
        return f"/brutal-patches/{self.stage}"

    @property
    def cluster(self) -> str:
        return self.prefix

    @property
    def service(self) -> str:
        return "api"

    @property
    def family(self) -> str:
        """Of the task definition, whose revisions are what a rollback chooses from."""
        return f"{self.prefix}-api"

    @property
    def table_prefix(self) -> str:
        """Begins the names of the tables that the stack makes."""
        return f"BrutalPatches-{self.stage}"

    def slot(self, name: str) -> str:
        """Begins the names of the tables of a restore; those of the stack where `name` is empty."""
        return f"{self.table_prefix}-{name}" if name else self.table_prefix

    @property
    def table_prefixes(self) -> tuple[str, ...]:
        """Every prefix that the service may be told to use."""
        return tuple(self.slot(name) for name in ("", *SLOTS))

    def tables(self, table_prefix: str) -> dict[TableName, str]:
        """The physical name of each table under one of the prefixes."""
        return {schema.name: physical_name(table_prefix, schema.name) for schema in TABLES}

    def parameter(self, name: str) -> str:
        """In Parameter Store, read when a task starts."""
        return f"{self.path}/{name}"

    def secret(self, name: str) -> str:
        """In Secrets Manager."""
        return f"{self.prefix}/{name}"

    def log_group(self, name: str) -> str:
        """`firewall` is the WAF's, which insists on how the name begins."""
        return f"aws-waf-logs-{self.prefix}" if name == "firewall" else f"{self.path}/{name}"

    def block_list(self, version: int) -> str:
        """The WAF's set of blocked addresses of IP version 4 or 6."""
        return f"{self.prefix}-blocked-ipv{version}"

    @property
    def vault(self) -> str:
        return self.prefix

    @property
    def backup_role(self) -> str:
        return f"{self.prefix}-backup"

    def alarm(self, name: str) -> str:
        return f"{self.prefix}-{name}"
