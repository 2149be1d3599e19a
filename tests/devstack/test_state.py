"""The file that tells other processes what runs, and the lock that says whether it is true."""

import os

import pytest

from governance.devstack import state


@pytest.fixture
def bare_environment(monkeypatch, tmp_path):
    """Nothing exported but the folder, as in a fresh terminal."""
    for name in list(os.environ):
        if name.endswith("DATABASE_URL") or name.removesuffix("_FILE") in {
            "REDIS_URL",
            "SECRET_KEY",
            "FIELD_ENCRYPTION_KEYS",
            "FIELD_HASH_KEY",
        }:
            monkeypatch.delenv(name)
    monkeypatch.setenv("DEVSTACK_DIR", str(tmp_path))
    # What fill_environment sets is taken back with the rest.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return tmp_path


RUNNING = {
    "DATABASE_URL": "postgresql://gov_app@/governance?host=/run/x",
    "OWNER_DATABASE_URL": "postgresql://gov_owner@/governance?host=/run/x",
    "REDIS_URL": "unix:///run/x/valkey.sock?db=0",
    "SECRET_KEY_FILE": "/run/x/secret_key",
}


def test_the_state_counts_while_its_launcher_lives(tmp_path):
    with state.hold(tmp_path):
        state.write(tmp_path, environment=RUNNING, url="http://127.0.0.1:8000")
        assert state.running(tmp_path)["environment"] == RUNNING
        assert (tmp_path / "run.json").stat().st_mode & 0o077 == 0
    assert state.running(tmp_path) is None


def test_the_state_of_a_killed_launcher_does_not_count(tmp_path):
    (tmp_path / ".lock").touch()
    state.write(tmp_path, environment=RUNNING, url=None)
    assert state.running(tmp_path) is None


def test_a_second_launcher_is_refused_and_told_where_the_first_is(tmp_path):
    with state.hold(tmp_path):
        state.write(tmp_path, environment=RUNNING, url="http://127.0.0.1:8123")
        with pytest.raises(state.AlreadyRunning, match="8123") as refusal, state.hold(tmp_path):
            pass
    assert str(os.getpid()) in str(refusal.value)
    with state.hold(tmp_path):
        pass


def test_a_reader_of_the_state_does_not_keep_a_launcher_from_starting(tmp_path):
    with state.hold(tmp_path):
        pass
    assert state.running(tmp_path) is None
    with state.hold(tmp_path):
        assert state.running(tmp_path) is None


def test_a_command_finds_the_running_servers_with_nothing_exported(bare_environment):
    with state.hold(bare_environment):
        state.write(bare_environment, environment=RUNNING, url=None)
        state.fill_environment()
    assert {name: os.environ[name] for name in RUNNING} == RUNNING
    assert "SECRET_KEY" not in os.environ
    assert os.environ["FIELD_HASH_KEY"]


def test_a_database_given_from_outside_brings_no_other_roles_connection(bare_environment):
    os.environ["DATABASE_URL"] = "postgresql://gov_app@elsewhere/db"
    with state.hold(bare_environment):
        state.write(bare_environment, environment=RUNNING, url=None)
        state.fill_environment()
    assert os.environ["DATABASE_URL"] == "postgresql://gov_app@elsewhere/db"
    assert "OWNER_DATABASE_URL" not in os.environ
    assert os.environ["REDIS_URL"] == RUNNING["REDIS_URL"]


def test_with_nothing_running_settings_can_be_imported_all_the_same(bare_environment):
    state.fill_environment()
    assert "not-running" in os.environ["DATABASE_URL"]
    assert "OWNER_DATABASE_URL" not in os.environ
