"""Settings come from the environment, whole or not at all."""

import pytest

from brutal_patches.settings import SettingsInvalid, read_settings, variables

SAFE = {
    "APP_ENV": "production",
    "JWT_SECRET": "k" * 32,
    "PUBLIC_URL": "https://api.brutalpatches.com",
    "OPS_TOKEN": "t",
}


def faults(**environment: str) -> list[str]:
    with pytest.raises(SettingsInvalid) as refused:
        read_settings(environment)
    return refused.value.faults


def test_nothing_set_starts_a_local_service() -> None:
    """Every variable has a default for a developer's machine."""
    settings = read_settings({})

    assert ("development", 3600, 604800) == (
        settings.environment,
        settings.auth.access_seconds,
        settings.auth.session_seconds,
    )
    assert not settings.is_production
    assert settings.shows_api_docs


def test_values_are_read_in_the_runbooks_forms() -> None:
    """Durations, lists, flags, networks and short environment names."""
    settings = read_settings(
        {
            "APP_ENV": "dev",
            "JWT_EXPIRATION": "90s",
            "JWT_REFRESH_EXPIRATION": "3600",
            "CORS_ORIGIN": "https://a.example, http://localhost:4200",
            "TRUSTED_PROXIES": "10.0.0.0/16,fd00::/8",
            "RATE_LIMIT_WINDOW_MS": "900000",
            "RATE_LIMIT_MAX": "100",
            "API_DOCS": "0",
            "DRAIN_SECONDS": "3",
            "TRACE_RATIO": "0.5",
            "LOG_LEVEL": "INFO",
            "PORT": "",
        }
    )

    assert (90, 3600) == (settings.auth.access_seconds, settings.auth.session_seconds)
    assert ("https://a.example", "http://localhost:4200") == settings.http.cors_origins
    assert ["10.0.0.0/16", "fd00::/8"] == [str(network) for network in settings.http.trusted_proxies]
    assert (900000, 100, 3, 8000) == (
        settings.http.rate_window_ms,
        settings.http.rate_max,
        settings.http.drain_seconds,
        settings.http.port,
    )
    assert not settings.shows_api_docs


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "moon"),
        ("HASHING_PRIORITY", "highest"),
        ("JWT_EXPIRATION", "0h"),
        ("JWT_REFRESH_EXPIRATION", "soon"),
        ("AWS_REGION", "Narnia"),
        ("DYNAMODB_TABLE_PREFIX", "a b"),
        ("DYNAMODB_ENDPOINT_URL", "localhost:8000"),
        ("USE_LOCALSTACK", "perhaps"),
        ("PORT", "70000"),
        ("PUBLIC_URL", "here"),
        ("CORS_ORIGIN", "example.com"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRACE_RATIO", "many"),
        ("TRACE_RATIO", "2"),
        ("LOG_LEVEL", "loud"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("DRAIN_SECONDS", "-1"),
    ],
)
def test_a_fault_names_its_variable(name: str, value: str) -> None:
    """One sentence, with the variable and what it should be."""
    (fault,) = faults(**{name: value})

    assert fault.startswith(f"{name} must be")
    assert value in fault


def test_all_faults_are_told_at_once() -> None:
    """Nobody starts the service five times to learn of five faults."""
    assert ["AWS_REGION", "PORT", "RATE_LIMIT_MAX"] == [
        fault.split()[0] for fault in faults(PORT="x", RATE_LIMIT_MAX="-3", AWS_REGION="?")
    ]


def test_production_starts_with_values_of_its_own() -> None:
    """The safe set is enough, and shows no API documentation."""
    settings = read_settings(SAFE)

    assert settings.is_production
    assert not settings.shows_api_docs


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET", ""),
        ("JWT_SECRET", "short"),
        ("JWT_SECRET", "brutal-patches-development-only-secret"),
        ("JWT_PREVIOUS_SECRET", "short"),
        ("CORS_ORIGIN", "*"),
        ("USE_LOCALSTACK", "1"),
        ("PUBLIC_URL", "http://api.brutalpatches.com"),
        ("OPS_TOKEN", ""),
    ],
)
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_production_refuses_what_is_unsafe(environment: str, name: str, value: str) -> None:
    """What suits a developer's machine does not start where players' data is."""
    (fault,) = faults(**{**SAFE, "APP_ENV": environment, name: value})

    assert fault.startswith(name)


def test_secrets_are_never_shown() -> None:
    """Neither a fault nor a printed tree holds one."""
    secret = "s" * 40
    settings = read_settings({"JWT_SECRET": secret, "JWT_PREVIOUS_SECRET": secret, "OPS_TOKEN": secret})

    assert secret not in repr(settings)


def test_every_variable_is_explained() -> None:
    """Names are unique and each says what it is for."""
    names = [variable.name for variable in variables()]

    assert len(set(names)) == len(names)
    assert all(variable.meaning for variable in variables())
