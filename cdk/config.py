"""The three stages as data: all that differs between them, and what each choice costs.

Prices are list prices of us-east-1 per month of 730 hours, as `costs.py` has them, so that a reviewer sees what a
change here does to the bill.
"""

from typing import Literal

import msgspec

from brutal_patches.operations.names import Names, StageName

COLLECTOR_TAG = "v0.43.3"
"""The ADOT collector's release, mirrored into our own registry; see `images.py`."""

PORT = 8000
DRAIN_SECONDS = 15
STOP_SECONDS = 60


class StageInvalid(ValueError):
    """A stage contradicts itself; the message says how."""


class Domain(msgspec.Struct, frozen=True):
    """Where clients reach a stage. The zone's id is read from SSM, `/brutal-patches/STAGE/zone-id`.

    The record that leads there is the stack's, or `operators` keep it: while the name leads to another service.
    """

    name: str
    zone: str
    origins: tuple[str, ...]
    address: Literal["stack", "operators"] = "stack"


class Floor(msgspec.Struct, frozen=True):
    """From this hour on these days (a cron's fields, UTC) at least so many tasks run."""

    name: str
    hour: str
    week_day: str
    tasks: int


class Capacity(msgspec.Struct, frozen=True):
    """How much runs. One ARM64 task of 1 vCPU and 2 GB costs $28.84, of 0.5 vCPU and 1 GB $14.42."""

    cpu: int
    memory: int
    least: int
    most: int
    requests_per_minute: int
    spot: bool = False
    floors: tuple[Floor, ...] = ()


class Rates(msgspec.Struct, frozen=True):
    """Requests from one address before the edge answers 429; above the service's own limits of 600 a minute."""

    everything_in_five_minutes: int = 6000
    sign_in_per_minute: int = 60


class Backups(msgspec.Struct, frozen=True):
    """Days that recovery points are kept, and whether the vault refuses to delete them.

    `governance` can be lifted by whoever may administer the vault; `compliance` can be lifted by nobody once
    `cooling_days` have passed, not even by AWS.
    """

    daily: int = 35
    weekly: int = 90
    monthly: int = 365
    lock: Literal["none", "governance", "compliance"] = "none"
    cooling_days: int = 3


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage, complete."""

    name: StageName
    app_env: str
    region: str = "us-east-1"
    zones: tuple[str, ...]
    cidr: str
    # `nat`: $32.85 and $0.045 a GB for each gateway. `endpoints`: $7.30 and $0.01 a GB for each of seven services in
    # each zone, and no way out to the internet at all. DynamoDB and S3 have gateway endpoints, free, either way.
    egress: Literal["nat", "endpoints"]
    nat_gateways: int = 0
    capacity: Capacity
    rates: Rates = Rates()
    # The most a table may be asked for in a second: a bound for the bill, ten times what the load tests needed.
    read_units: int
    write_units: int
    # `owned`: free. `managed`: AWS's key in this account, $0.03 for 10,000 requests. `customer`: $1 more, our policy.
    encryption: Literal["owned", "managed", "customer"]
    # A replica doubles the price of writes and storage, and turns the loss of a region from hours into seconds.
    replica_region: str | None = None
    # The stage in its second region, after its own was lost: made by `second_region`.
    takes_over: bool = False
    # After a restore, the slot whose tables serve: backups, alarms and dashboards follow it. Empty: the stack's own.
    slot: Literal["", "r1", "r2"] = ""
    backups: Backups | None = None
    # `canary` gives a new revision 10 % of the requests for five minutes; `rolling` replaces task by task.
    deployment: Literal["rolling", "canary"] = "rolling"
    domain: Domain | None = None
    mail_domain: str | None = None
    # The synthetic canary, every five minutes: $10.50.
    canary: bool
    # Protected stages refuse to be deleted, and keep their data if they are.
    protected: bool
    log_days: int
    log_level: str = "info"
    trace_ratio: str = "0.05"
    rotation_days: int = 30
    page_to: tuple[str, ...] = ()
    notice_to: tuple[str, ...] = ()

    @property
    def names(self) -> Names:
        """What everything is called; the command line finds it by the same page."""
        return Names(self.name)

    @property
    def prefix(self) -> str:
        """Begins the name of everything of this stage."""
        return self.names.prefix

    @property
    def path(self) -> str:
        """Begins the name of parameters, secrets and log groups."""
        return self.names.path

    @property
    def table_prefix(self) -> str:
        """Begins the names of the tables that the stack makes."""
        return self.names.table_prefix

    @property
    def live_prefix(self) -> str:
        """What the service is told as DYNAMODB_TABLE_PREFIX: the same, until a restore is brought in step."""
        return self.names.slot(self.slot)

    @property
    def cluster(self) -> str:
        return self.names.cluster

    @property
    def service(self) -> str:
        return self.names.service

    def __post_init__(self) -> None:
        if not 2 <= len(self.zones) <= 3:
            raise StageInvalid(f"{self.name}: two or three availability zones, not {len(self.zones)}.")
        if self.egress == "nat" and not 1 <= self.nat_gateways <= len(self.zones):
            raise StageInvalid(f"{self.name}: one NAT gateway at least, and no more than there are zones.")
        if self.app_env != "development" and self.domain is None:
            raise StageInvalid(f"{self.name}: the service refuses to run without https here, so it needs a domain.")
        if self.encryption == "customer" and self.replica_region:
            raise StageInvalid(f"{self.name}: a replica would need a key of its own; use `managed`.")


DEV = Stage(
    name="dev",
    app_env="development",
    zones=("us-east-1a", "us-east-1b"),
    cidr="10.10.0.0/16",
    egress="nat",
    nat_gateways=1,
    capacity=Capacity(cpu=512, memory=1024, least=1, most=2, requests_per_minute=6000, spot=True),
    read_units=1000,
    write_units=500,
    encryption="owned",
    canary=False,
    protected=False,
    log_days=14,
    log_level="debug",
    trace_ratio="1",
)

STAGING = Stage(
    name="staging",
    app_env="staging",
    zones=("us-east-1a", "us-east-1b"),
    cidr="10.20.0.0/16",
    egress="nat",
    nat_gateways=1,
    capacity=Capacity(cpu=512, memory=1024, least=2, most=4, requests_per_minute=6000),
    read_units=4000,
    write_units=2000,
    encryption="customer",
    backups=Backups(daily=7, weekly=30, monthly=120),
    deployment="canary",
    domain=Domain(
        name="api.staging.brutalpatches.com",
        zone="staging.brutalpatches.com",
        origins=("https://staging.brutalpatches.com",),
    ),
    mail_domain="staging.brutalpatches.com",
    canary=True,
    protected=False,
    log_days=30,
    notice_to=("operations@brutalpatches.com",),
)

PROD = Stage(
    name="prod",
    app_env="production",
    zones=("us-east-1a", "us-east-1b", "us-east-1c"),
    cidr="10.30.0.0/16",
    egress="endpoints",
    capacity=Capacity(
        cpu=1024,
        memory=2048,
        least=3,
        most=12,
        requests_per_minute=12000,
        floors=(Floor("evening", "17", "*", 4), Floor("night", "3", "*", 3)),
    ),
    read_units=12000,
    write_units=6000,
    encryption="managed",
    replica_region="us-west-2",
    backups=Backups(lock="governance"),
    domain=Domain(
        name="api.brutalpatches.com",
        zone="brutalpatches.com",
        origins=("https://brutalpatches.com", "https://www.brutalpatches.com"),
    ),
    mail_domain="brutalpatches.com",
    canary=True,
    protected=True,
    log_days=90,
    page_to=("oncall@brutalpatches.com",),
    notice_to=("operations@brutalpatches.com",),
)


def second_region(stage: Stage) -> Stage:
    """The stage where its tables have their replica: the same, on tables and secrets that are there already.

    Its name leads there when operators say so, and sessions begin anew, as they have no replica.
    """
    if stage.replica_region is None or stage.domain is None:
        raise StageInvalid(f"{stage.name}: there is no second region to take over in.")
    return msgspec.structs.replace(
        stage,
        region=stage.replica_region,
        zones=tuple(f"{stage.replica_region}{zone}" for zone in "abc"),
        replica_region=None,
        backups=None,
        takes_over=True,
        domain=msgspec.structs.replace(stage.domain, address="operators"),
    )


STAGES: dict[str, Stage] = {stage.name: stage for stage in (DEV, STAGING, PROD)}
