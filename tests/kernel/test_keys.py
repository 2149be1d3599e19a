"""Keys change: everything stored is brought to the newest ones, and the old ones may be dropped."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection, models

from governance.accounts.models import Authenticator, PlatformFeedback, Staff
from governance.kernel import rotation
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt, keyed_hash
from governance.kernel.idempotency import once
from governance.kernel.models import IdempotencyRecord
from governance.kernel.tenancy.context import district_scope
from governance.kernel.tenancy.guard import district_models
from grids.models import Absence
from requests_intake.actions.follow import prove_follower
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Requester, Ticket
from tests.world import World, make_district

PHONE = "13912345678"


def _fill(world: World) -> Ticket:
    """Every kind of encrypted value of the district, under the keys of the moment."""
    Absence.objects.create(
        membership=world.members["worker"], since="2026-01-01", until="2026-01-02", reason="身体不适"
    )
    PlatformFeedback.objects.create(
        kind="complaint", content="字小", contact=PHONE, code_hash="x", created_at="2026-01-01T00:00Z"
    )
    once(principal="p", key="k", body=1, act=lambda: {"code": encrypt("ABCD"), "number": "1", "odd": "gAAAAB-words"})
    Authenticator.objects.create(
        user=world.users["worker"], name="x", key="c0ffee", confirmed=True, created_at="2026-01-01T00:00Z"
    )
    report = Report(content="路灯不亮", building_id=world.building.pk, name="李阿姨", phone=PHONE)
    return submit_ticket(report, actor=Actor.public()).ticket


def _raw(model: type[models.Model], column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{model._meta.db_table}" WHERE "{column}" <> \'\' ORDER BY id')
        return [row[0] for row in cursor.fetchall()]


def _rotate(**options: Any) -> str:
    said = StringIO()
    call_command("rotate_keys", stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def newer(settings: Any) -> Callable[[], None]:
    """Put new keys in front of the old ones."""

    def change() -> None:
        settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
        settings.FIELD_HASH_KEY_FALLBACKS = [settings.FIELD_HASH_KEY]
        settings.FIELD_HASH_KEY = "another key of the hashes"

    return change


@pytest.fixture
def two(db: None) -> tuple[World, World]:
    return make_district("one", 1), make_district("two", 2)


def test_after_a_rotation_the_old_keys_may_be_dropped(
    two: tuple[World, World], settings: Any, newer: Callable[[], None]
) -> None:
    tickets = []
    for world in two:
        with district_scope(world.district):
            tickets.append(_fill(world))
    newer()
    _rotate()
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    settings.FIELD_HASH_KEY_FALLBACKS = []
    for world, ticket in zip(two, tickets, strict=True):
        with district_scope(world.district):
            for model in rotation.encrypted_models():
                for field in rotation.encrypted_fields(model):
                    assert all(decrypt(token) for token in _raw(model, field.column)), field
            person = Requester.objects.get()
            assert (person.name, person.phone, person.phone_hash) == ("李阿姨", PHONE, keyed_hash(PHONE))
            assert prove_follower(ticket.number, "5678").ticket_id == ticket.pk
            result = IdempotencyRecord.objects.get().result
            assert (decrypt(result["code"]), result["number"], result["odd"]) == ("ABCD", "1", "gAAAAB-words")
            assert Absence.objects.get().reason == "身体不适"
            assert len(Staff.objects.all()) == len(world.members)
    assert [row.key for row in Authenticator.objects.all()] == ["c0ffee", "c0ffee"], "tables without a district too"


def test_without_a_rotation_the_old_key_is_needed(two: tuple[World, World], settings: Any) -> None:
    with district_scope(two[0].district):
        _fill(two[0])
        settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        with pytest.raises(InvalidToken):
            Requester.objects.get()


def test_a_rotation_that_was_broken_off_is_begun_again_and_a_second_one_changes_nothing(
    two: tuple[World, World], newer: Callable[[], None]
) -> None:
    with district_scope(two[0].district):
        ticket = _fill(two[0])
        newer()
        rotation.rotate_model(Requester)
        before = _raw(Requester, "phone")
        said = _rotate(batch=3)
        assert _raw(Requester, "phone") == before, "what is under the newest key is left alone"
        assert f"one: accounts.Staff: {len(two[0].members)} values, {len(two[0].members)} rows rotated" in said
        assert " 0 rows brought to the newest keys" in _rotate()
        assert ticket.requester_id is not None


def test_while_the_hash_key_changes_people_are_found_by_either(
    two: tuple[World, World], newer: Callable[[], None]
) -> None:
    with district_scope(two[0].district):
        report = Report(content="路灯不亮", building_id=two[0].building.pk)
        made = submit_ticket(report, actor=Actor.public())
        with_phone = _fill(two[0])
        newer()
        assert prove_follower(with_phone.number, "5678").ticket_id == with_phone.pk
        assert prove_follower(made.ticket.number, made.follow_code).ticket_id == made.ticket.pk
        assert "requests_intake.Ticket.follow_code_hash: 1 codes" in _rotate()
        assert prove_follower(made.ticket.number, made.follow_code).ticket_id == made.ticket.pk


def test_what_somebody_writes_meanwhile_is_not_overwritten(
    two: tuple[World, World], newer: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading a batch and writing it, a row is given another number."""
    with district_scope(two[0].district):
        person = _fill(two[0]).requester
        assert person is not None
        newer()
        really = rotation._under_newest

        def slow(model: Any, stored: Any) -> Any:
            if model is Requester:
                Requester.objects.filter(pk=person.pk).update(phone="13700000000")
            return really(model, stored)

        monkeypatch.setattr(rotation, "_under_newest", slow)
        assert rotation.rotate_model(Requester).changed == 0
        assert Requester.objects.get().phone == "13700000000"


def test_a_value_under_a_key_we_do_not_have_is_said_and_kept(two: tuple[World, World], settings: Any) -> None:
    with district_scope(two[0].district):
        _fill(two[0])
        before = _raw(Requester, "phone")
        settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        with pytest.raises(CommandError, match="under a key that is not given"):
            _rotate()
        assert _raw(Requester, "phone") == before


@pytest.mark.django_db
@pytest.mark.parametrize("model", rotation.encrypted_models(), ids=lambda model: model._meta.label)
def test_the_application_may_rotate_every_encrypted_column(model: type[models.Model]) -> None:
    """A history that can only be added to must leave its encrypted columns to be written again."""
    with connection.cursor() as cursor:
        for field in [*rotation.encrypted_fields(model), *rotation.hash_fields(model)]:
            cursor.execute("SELECT has_column_privilege(%s, %s, 'UPDATE')", [model._meta.db_table, field.column])
            assert cursor.fetchone()[0], field


def test_every_hash_names_a_column_beside_it() -> None:
    for model in district_models():
        for field in rotation.hash_fields(model):
            assert field.of in {each.name for each in rotation.encrypted_fields(model)}
