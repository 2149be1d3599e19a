"""Test databases are made by the administrator, migrated by the owner and used as ``gov_app``, like the product."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.urls import set_script_prefix
from hypothesis import settings as examples

from governance.kernel import clock, reference
from governance.kernel.tenancy.context import district_scope
from tests import database
from tests.identity_provider import CLIENT_ID, SECRET, Provider
from tests.world import World, make_district

# The same examples in every run, none too slow for a busy machine; `--hypothesis-profile=search` looks for new ones.
examples.register_profile("suite", deadline=None, derandomize=True, database=None)
examples.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
examples.load_profile("suite")

# A Wednesday that is no holiday, early enough for the whole suite to end before noon.
MORNING = datetime(2026, 11, 18, 9, 30, tzinfo=clock.SHANGHAI)


@pytest.fixture(scope="session", autouse=True)
def _a_working_morning() -> Iterator[None]:
    """Tests run on a working morning whenever they are run: deadlines count working hours, so a Sunday or the last
    minutes of a day would change what they see. Time passes; a test that needs another day travels there itself."""
    with time_machine.travel(MORNING):
        yield


@pytest.fixture
def still_clock() -> Iterator[None]:
    """Time stands: for tests that ask so many addresses that what may be done for minutes only would be over."""
    with time_machine.travel(clock.now(), tick=False):
        yield


@pytest.fixture(scope="session")
def django_db_setup(_a_working_morning: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    if not os.environ.get("ADMIN_DATABASE_URL"):
        pytest.exit("no database: run `make test`, or start one with `make services` first", returncode=2)
    name = f"test_gov_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    for alias in ("default", "owner", "sweep"):
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
    # Whatever asks for them gets the application's own connection.
    for alias in ("owner", "sweep"):
        connections[alias].settings_dict["TEST"]["MIRROR"] = "default"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.make(name, _migrate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: database.restore(name))
        yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _close()
    database.drop(name)


def _migrate() -> None:
    call_command("migrate", verbosity=0)
    _close()


def _close() -> None:
    for alias in ("default", "owner", "sweep"):
        connections[alias].close()


@pytest.fixture(autouse=True)
def _fresh_reference_data() -> Iterator[None]:
    """Tests roll back, which no version of the reference data sees; and a test client leaves its prefix behind."""
    reference.forget_everything()
    yield
    reference.forget_everything()
    set_script_prefix("/")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The standing cast (``tests.world``) in one district.

    Its scope stays open for the test, unless the test is transactional: then nothing may lean on an open scope, and
    the test opens ``district_transaction(world.district)`` itself.
    """
    made = make_district()
    if connections["default"].in_atomic_block:
        with district_scope(made.district):
            yield made
    else:
        yield made


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """An identity provider of the organization's that this installation is set up for."""
    made = Provider()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = made.issuer, CLIENT_ID, SECRET
    yield made
    made.server.shutdown()
    made.server.server_close()
