"""Everything that can be set, read once from the environment and handed down as one frozen tree.

The fields below are also the table of variables: `docs/settings.md` is made from it, and a start with
bad values names every faulty variable at once.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, get_origin, get_type_hints

import msgspec

_MINIMUM_SECRET_BYTES = 32
_DEVELOPMENT_SECRET = "brutal-patches-development-only-secret"  # noqa: S105 - known to all; production refuses it.
_KNOWN_SECRETS = frozenset({_DEVELOPMENT_SECRET, "secret", "changeme", "your-secret-key", "brutal-patches-secret"})
_ENVIRONMENTS = {"dev": "development", "prod": "production"}
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsInvalid(Exception):
    """One or more variables are missing or wrong; `faults` has a sentence for each, naming it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _text(raw: str) -> str:
    return raw


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"-?\d{1,18}", raw) or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(raw)

    return parse


def _duration(raw: str) -> int:
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", raw)
    if not match or int(match[1]) == 0:
        raise ValueError("must be a duration above zero such as 3600, 90s, 15m, 1h or 7d")
    return int(match[1]) * _UNIT_SECONDS[match[2] or "s"]


def _flag(raw: str) -> bool:
    if raw.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        raise ValueError("must be 1 or 0")
    return raw.lower() in {"1", "true", "yes"}


def _optional_flag(raw: str) -> bool | None:
    return _flag(raw) if raw else None


def _optional_seconds(raw: str) -> int | None:
    return _integer(0, 60)(raw) if raw else None


def _environment(raw: str) -> str:
    name = _ENVIRONMENTS.get(raw.lower(), raw.lower())
    return _one_of("development", "test", "staging", "production")(name)


def _fraction(raw: str) -> float:
    try:
        value = float(raw)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError("must be a number from 0 to 1")
    return value


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.lower() not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return raw.lower()

    return parse


def _matching(pattern: str, meaning: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if not re.fullmatch(pattern, raw):
            raise ValueError(f"must be {meaning}")
        return raw

    return parse


def _parts(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def _networks(raw: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in _parts(raw))
    except ValueError as fault:
        raise ValueError("must be a list of networks such as 10.0.0.0/16, separated by commas") from fault


def _origins(raw: str) -> tuple[str, ...]:
    origins = _parts(raw)
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", origin):
            raise ValueError("must be origins such as https://brutalpatches.com, separated by commas")
    return origins


class Variable(msgspec.Struct, frozen=True):
    """How one field is read: the variable's name, its default as text, what it means, how it is parsed."""

    name: str
    default: str
    meaning: str
    parse: Callable[[str], Any] = _text
    secret: bool = False


class AuthSettings(msgspec.Struct, frozen=True):
    """Signing keys and lifetimes of tokens, in seconds."""

    jwt_secret: Annotated[
        str,
        Variable(
            "JWT_SECRET", _DEVELOPMENT_SECRET, "signs access tokens; at least 32 bytes in production", secret=True
        ),
    ]
    jwt_previous_secret: Annotated[
        str,
        Variable("JWT_PREVIOUS_SECRET", "", "the secret before the last rotation; still verifies", secret=True),
    ]
    access_seconds: Annotated[int, Variable("JWT_EXPIRATION", "1h", "life of an access token", _duration)]
    session_seconds: Annotated[
        int, Variable("JWT_REFRESH_EXPIRATION", "7d", "life of a session, however often it is refreshed", _duration)
    ]
    hashing_priority: Annotated[
        str,
        Variable(
            "HASHING_PRIORITY",
            "low",
            "of the threads that hash passwords: low; or idle, where nobody else uses these cores",
            _one_of("low", "idle"),
        ),
    ]

    def __repr__(self) -> str:
        return "AuthSettings(…)"


class DynamoSettings(msgspec.Struct, frozen=True):
    """Where the two tables are."""

    region: Annotated[
        str, Variable("AWS_REGION", "us-east-1", "AWS region", _matching(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region"))
    ]
    table_prefix: Annotated[
        str,
        Variable(
            "DYNAMODB_TABLE_PREFIX",
            "BrutalPatches-dev",
            "the tables are PREFIX-core and PREFIX-ephemeral",
            _matching(r"[A-Za-z0-9_.-]{3,200}", "3 to 200 letters, digits, dots, dashes or underscores"),
        ),
    ]
    endpoint_url: Annotated[
        str,
        Variable(
            "DYNAMODB_ENDPOINT_URL",
            "",
            "another DynamoDB engine than AWS's own",
            _matching(r"(https?://[^\s/]+/?)?", "an http or https address without a path"),
        ),
    ]
    use_localstack: Annotated[
        bool, Variable("USE_LOCALSTACK", "0", "1 finds the endpoint through localstack-client", _flag)
    ]


class HttpSettings(msgspec.Struct, frozen=True):
    """The edge: who may call, how often, and what is shown."""

    host: Annotated[str, Variable("HOST", "127.0.0.1", "address to listen on")]
    port: Annotated[int, Variable("PORT", "8000", "port to listen on", _integer(1, 65535))]
    public_url: Annotated[
        str,
        Variable(
            "PUBLIC_URL",
            "http://127.0.0.1:8000",
            "where clients reach the service; used in links and mails",
            _matching(r"https?://[^\s]+", "an http or https address"),
        ),
    ]
    cors_origins: Annotated[
        tuple[str, ...], Variable("CORS_ORIGIN", "", "origins that may call from a browser, by comma", _origins)
    ]
    rate_window_ms: Annotated[
        int, Variable("RATE_LIMIT_WINDOW_MS", "60000", "length of the rate window", _integer(1000, 86_400_000))
    ]
    rate_max: Annotated[
        int, Variable("RATE_LIMIT_MAX", "600", "requests per window and address", _integer(1, 100_000_000))
    ]
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Variable("TRUSTED_PROXIES", "", "networks whose X-Forwarded-For is believed, by comma", _networks),
    ]
    max_in_flight: Annotated[
        int,
        Variable("MAX_IN_FLIGHT", "64", "requests worked on at once; more wait 100 ms, then 503", _integer(1, 10000)),
    ]
    api_docs: Annotated[bool | None, Variable("API_DOCS", "", "1 shows /api-docs in production too", _optional_flag)]
    ops_token: Annotated[
        str, Variable("OPS_TOKEN", "", "bearer token for /health/detailed and /monitoring/metrics", secret=True)
    ]
    drain_seconds: Annotated[
        int | None,
        Variable("DRAIN_SECONDS", "", "how long readiness fails before the listener closes", _optional_seconds),
    ]

    def __repr__(self) -> str:
        return f"HttpSettings(host={self.host!r}, port={self.port!r}, …)"


class MailSettings(msgspec.Struct, frozen=True):
    """Where mail comes from; without a sender it is printed to the log."""

    sender: Annotated[
        str,
        Variable("MAIL_FROM", "", "sender of mails through SES; empty prints them to the log instead"),
    ]


class TelemetrySettings(msgspec.Struct, frozen=True):
    """Logs, traces and metrics."""

    log_level: Annotated[
        str,
        Variable(
            "LOG_LEVEL", "info", "lowest level that is logged", _one_of("trace", "debug", "info", "warning", "error")
        ),
    ]
    trace_ratio: Annotated[float, Variable("TRACE_RATIO", "0.05", "share of requests that are traced", _fraction)]
    otlp_endpoint: Annotated[
        str,
        Variable(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "",
            "collector for traces and metrics by OTLP/gRPC; empty sends nothing",
            _matching(r"(https?://[^\s/]+/?)?", "an http or https address without a path"),
        ),
    ]


class Settings(msgspec.Struct, frozen=True):
    """The whole configuration of one process."""

    environment: Annotated[
        str,
        Variable("APP_ENV", "development", "development, test, staging or production", _environment),
    ]
    auth: AuthSettings
    dynamodb: DynamoSettings
    http: HttpSettings
    mail: MailSettings
    telemetry: TelemetrySettings

    @property
    def is_production(self) -> bool:
        """Staging is held to the same rules as production."""
        return self.environment in {"staging", "production"}

    @property
    def shows_api_docs(self) -> bool:
        return not self.is_production if self.http.api_docs is None else self.http.api_docs


def variables(group: type[msgspec.Struct] = Settings) -> Iterator[Variable]:
    """Every variable in the order of the tree."""
    for hint in get_type_hints(group, include_extras=True).values():
        if get_origin(hint) is Annotated:
            yield hint.__metadata__[0]
        else:
            yield from variables(hint)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that `environment` describes, an empty variable counting as absent.

    Raises SettingsInvalid with every fault at once, unsafe production values included.
    """
    faults: list[str] = []
    settings: Settings = _read_group(Settings, environment, faults)
    if not faults:
        faults = list(_unsafe(settings))
    if faults:
        raise SettingsInvalid(faults)
    return settings


def _read_group(group: type[Any], environment: Mapping[str, str], faults: list[str]) -> Any:
    values: dict[str, Any] = {}
    for name, hint in get_type_hints(group, include_extras=True).items():
        if get_origin(hint) is Annotated:
            values[name] = _read_variable(hint.__metadata__[0], environment, faults)
        else:
            values[name] = _read_group(hint, environment, faults)
    return group(**values)


def _read_variable(variable: Variable, environment: Mapping[str, str], faults: list[str]) -> Any:
    raw = environment.get(variable.name, "").strip() or variable.default
    try:
        return variable.parse(raw)
    except ValueError as fault:
        shown = "" if variable.secret else f", not {raw[:40]!r}"
        faults.append(f"{variable.name} {fault}{shown}.")
        return None


def _unsafe(settings: Settings) -> Iterator[str]:
    """What is fine on a developer's machine and must never run in production."""
    if not settings.is_production:
        return
    secrets = {"JWT_SECRET": settings.auth.jwt_secret, "JWT_PREVIOUS_SECRET": settings.auth.jwt_previous_secret}
    for name, secret in secrets.items():
        if secret and (secret in _KNOWN_SECRETS or "development" in secret):
            yield f"{name} is a value that everybody knows; production needs one of its own."
        elif len(secret.encode()) < _MINIMUM_SECRET_BYTES and (secret or name == "JWT_SECRET"):
            yield f"{name} must have at least {_MINIMUM_SECRET_BYTES} bytes in production."
    if "*" in settings.http.cors_origins:
        yield "CORS_ORIGIN must name its origins in production, not '*'."
    if settings.dynamodb.use_localstack:
        yield "USE_LOCALSTACK must be off in production."
    if not settings.http.public_url.startswith("https://"):
        yield "PUBLIC_URL must start with https:// in production."
    if not settings.http.ops_token:
        yield "OPS_TOKEN must be set in production."
