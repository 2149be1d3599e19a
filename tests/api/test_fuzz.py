"""The whole API against its own description: whatever is sent, nothing breaks and no status is undocumented.

Schemathesis makes the requests from the OpenAPI description: fitting ones and ones that break a rule of it. They go
through the whole stack in this process (WSGI), to a district with tickets in every state, and each is undone again.
The same requests are made every time. ``FUZZ_EXAMPLES=200`` (``make fuzz``) makes more of them for every operation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.accounts.tokens import create_token
from governance.kernel import reference
from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import no_district
from tests.addressed import objects_of
from tests.cases import PHONE, ticket_in
from tests.world import World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
STATES = ("submitted", "accepted", "dispatched", "signed", "resolved", "visiting", "closed", "archived")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
HOST = "localhost"  # under which Schemathesis asks; the district's own, so that the public side finds it
# Who asks, and how many operations must succeed for them at least once: whoever is only refused tests little.
PRINCIPALS = {
    "anonymous": 3, "token of center": 9, "session of worker": 7, "session of dispatcher": 9, "token of handler": 7,
}  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def district(world: World, settings: Any, tmp_path: Any) -> dict[str, list[Any]]:
    """The district with something to find: path parameter → values that exist."""
    settings.MEDIA_ROOT = tmp_path
    District.objects.update(host=HOST)
    tickets = [ticket_in(world, state) for state in STATES]
    bump_reference()
    return {"number": [ticket.number for ticket in tickets], "id": objects_of(world)["answer"]}


def credentials(world: World, principal: str) -> dict[str, dict[str, str]]:
    """The headers and cookies by which a request shows who makes it."""
    kind, _of, name = principal.partition(" of ")
    if kind == "token":
        return {"headers": {"Authorization": f"Token {create_token(world.members[name], name='fuzz')}"}}
    if kind == "session":
        client = world.sign_in(Client(), name)
        token = "a" * 32
        cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": token}
        return {"headers": {"X-CSRFToken": token}, "cookies": cookies}
    return {}


def cases_of(operation: Any, known: dict[str, list[Any]]) -> Any:
    """Requests for one operation: fitting and broken ones, most of them about something that exists."""
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    exists = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in known.items()})

    def aim(drawn: tuple[Any, dict[str, Any], int, str]) -> Any:
        case, found, chance, secret = drawn
        for name in case.path_parameters or {}:
            if chance and name in found:
                case.path_parameters[name] = found[name]
        if chance > 1 and isinstance(case.body, dict) and "secret" in case.body:
            case.body["secret"] = secret
        return case

    return st.tuples(st.one_of(modes), exists, st.integers(0, 3), st.just(PHONE[-4:])).map(aim)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A real request ends by letting go of a connection in an open transaction, which here is the test's own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_the_api_keeps_to_its_description(world: World, district: dict[str, list[Any]], principal: str) -> None:
    load_all_checks()
    proof = credentials(world, principal)
    wrong: list[str] = []
    answered: dict[str, set[int]] = {}
    with no_district():
        described = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", WSGIHandler())
        operations = [each.ok() for each in described.get_all_operations()]
        assert len(operations) > 30
        for operation in operations:
            wrong += _faults(operation, district, proof, answered.setdefault(operation.label, set()))
    assert not wrong, "\n\n".join(wrong)
    succeeded = [label for label, statuses in answered.items() if statuses & {200, 201}]
    assert len(succeeded) >= PRINCIPALS[principal], answered


def _faults(operation: Any, known: dict[str, Any], proof: dict[str, Any], seen: set[int]) -> list[str]:
    """What one operation does against its description; a sentence and a way to repeat it for each kind."""

    @seed(20260924)
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(case=cases_of(operation, known))
    def ask(case: Any) -> None:
        with transaction.atomic():
            response = case.call(**proof)
            transaction.set_rollback(True)
        seen.add(response.status_code)
        reference.forget_everything()  # what this process remembers of it is undone as well
        case.validate_response(response, checks=CHECKS)

    try:
        ask()
    except (Failure, FailureGroup) as error:
        return [f"{operation.label}: {error}"]
    return []
