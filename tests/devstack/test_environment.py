"""The typed readers of environment variables, and what production refuses."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from governance.devstack import state
from governance.settings import env
from governance.settings.proxy import client_address


def test_a_required_variable_is_named_when_it_is_missing(monkeypatch):
    monkeypatch.delenv("SOME_NAME", raising=False)
    with pytest.raises(ImproperlyConfigured, match="SOME_NAME"):
        env.text("SOME_NAME")


@pytest.mark.parametrize(("written", "meant"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", True)])
def test_a_flag_is_yes_no_or_its_default(monkeypatch, written, meant):
    monkeypatch.setenv("SOME_FLAG", written)
    assert env.flag("SOME_FLAG", True) is meant


def test_a_misspelt_flag_is_not_taken_for_no(monkeypatch):
    monkeypatch.setenv("SOME_FLAG", "ture")
    with pytest.raises(ImproperlyConfigured, match="neither yes nor no"):
        env.flag("SOME_FLAG", False)


@pytest.mark.parametrize("written", ["many", "-1"])
def test_a_number_must_be_one_and_not_too_small(monkeypatch, written):
    monkeypatch.setenv("SOME_NUMBER", written)
    with pytest.raises(ImproperlyConfigured, match="SOME_NUMBER"):
        env.integer("SOME_NUMBER", 3)


def test_a_secret_may_lie_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-the-file\n")
    monkeypatch.delenv("SOME_SECRET", raising=False)
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "key"))
    assert env.secret("SOME_SECRET") == "from-the-file"


def test_a_secret_given_twice_or_in_a_missing_file_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        env.secret("SOME_SECRET", "default")
    monkeypatch.setenv("SOME_SECRET", "x")
    with pytest.raises(ImproperlyConfigured, match="both set"):
        env.secret("SOME_SECRET")


def test_database_urls_over_tcp_and_over_a_socket():
    assert env.parse_database_url("postgresql://gov_app:p%40ss@db.example:6432/gov?sslmode=require") == {
        "NAME": "gov",
        "USER": "gov_app",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }
    over_socket = env.parse_database_url("postgresql://gov_app@/gov?host=/tmp/gov-0-1")
    assert (over_socket["HOST"], over_socket["PORT"], over_socket["OPTIONS"]) == ("/tmp/gov-0-1", "", {})


def test_a_wrong_database_url_is_refused_without_repeating_its_password():
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.parse_database_url("mysql://root:hunter2@db/gov")
    assert "hunter2" not in str(refusal.value)


def test_one_redis_serves_tasks_and_cache_in_different_databases():
    assert env.celery_broker_url("unix:///run/v.sock?db=3") == "redis+socket:///run/v.sock?virtual_host=3"
    assert env.celery_broker_url("redis://cache:6379/0") == "redis://cache:6379/0"
    assert env.redis_url_with_database("unix:///run/v.sock?db=0", 1) == "unix:///run/v.sock?db=1"
    assert env.redis_url_with_database("rediss://:pw@cache:6379/0", 1) == "rediss://:pw@cache:6379/1"


@pytest.mark.parametrize(("proxies", "address"), [(0, "10.0.0.9"), (1, "203.0.113.7"), (2, "198.51.100.1")])
def test_only_what_our_own_proxies_wrote_counts_as_the_callers_address(settings, proxies, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": "1.1.1.1, 198.51.100.1, 203.0.113.7"}
    )
    assert client_address(request) == address


GOOD = {
    "DJANGO_SETTINGS_MODULE": "governance.settings.production",
    "SECRET_KEY": "q8Zr1mX0vT7nB4kY6wD2sF9hJ3gL5pC8eA1uV0oN7iM4xR2t",
    "FIELD_HASH_KEY": "c5WJ0kq9PzR3vX7mB1nT6yL4hG8dF2sAaQeUiOoKjHgFdSsA",
    "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "DATABASE_URL": "postgresql://gov_app:x@db/gov",
    "REDIS_URL": "redis://cache:6379/0",
    "ALLOWED_HOSTS": "gov.example",
}


def import_production_settings(**changes: str) -> subprocess.CompletedProcess[str]:
    values = {"PATH": os.environ["PATH"], "PYTHONPATH": str(state.ROOT), **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "-c", "import governance.settings.production as p; print(p.DEBUG, p.CLOCK_SHIFT_ALLOWED)"],
        env=values,
        capture_output=True,
        text=True,
    )


def test_production_starts_with_good_settings_and_never_in_debug_or_with_a_movable_clock():
    started = import_production_settings()
    assert started.stdout.split() == ["False", "False"], started.stderr


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"FIELD_HASH_KEY": "a" * 60}, "FIELD_HASH_KEY"),
        ({"FIELD_ENCRYPTION_KEYS": "bm90LTMyLWJ5dGVz"}, "not 32 bytes"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"OWNER_DATABASE_URL": "postgresql://gov_owner:x@db/gov"}, "OWNER_DATABASE_URL belongs to migrations"),
    ],
)
def test_production_refuses_to_start(changes, reason):
    refused = import_production_settings(**changes)
    assert refused.returncode != 0
    assert reason in refused.stderr
