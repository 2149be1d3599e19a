"""Districts never see each other: the shape of the tables, and what the application's role can and cannot do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction

from governance.accounts.models import Membership
from governance.kernel import outbox
from governance.kernel.actors import Actor
from governance.kernel.models import AuditEvent, ClockShift, District
from governance.kernel.search import search_ids
from governance.kernel.tenancy import roles
from governance.kernel.tenancy.context import NoDistrict, district_scope, district_transaction, no_district
from governance.kernel.tenancy.guard import district_models, startup_problems, tenancy_problems
from governance.kernel.tenancy.models import DistrictForeignKey
from grids.models import Area
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Category, Ticket, TicketTransition
from tests.world import World, make_district


@pytest.fixture
def two(db: None) -> Iterator[tuple[World, World]]:
    """Two districts with a ticket each."""
    made = make_district("one", 1), make_district("two", 2)
    for each in made:
        with district_scope(each.district):
            submit_ticket(
                Report(content=f"{each.district.code} 路灯不亮", building_id=each.building.pk), actor=Actor.public()
            )
    return made


@pytest.mark.django_db
def test_tests_run_as_the_role_of_the_product() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (roles.APP, False)
    assert tenancy_problems(connection) == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", district_models(), ids=lambda model: model._meta.label)
def test_every_district_table_is_protected_in_the_catalogue(model: type) -> None:
    table = model._meta.db_table  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [table])
        assert cursor.fetchone() == (True, True)
        cursor.execute(
            "SELECT pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy "
            "WHERE polrelid = %s::regclass AND polname = 'district_isolation'",
            [table],
        )
        rows = cursor.fetchall()
        assert len(rows) == 1
        for expression in rows[0]:
            assert expression == "(district_id = (current_setting('app.district'::text))::integer)"
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i JOIN pg_attribute a "
            "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = %s::regclass AND i.indisunique",
            [table],
        )
        assert {column for _name, column in cursor.fetchall()} == {"district_id"}
        cursor.execute(
            "SELECT c.conname, c.confrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a "
            "ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.conrelid = %s::regclass AND c.contype = 'f'",
            [table],
        )
        protected = {each._meta.db_table for each in district_models()}
        named = set()
        for name, target, first_column in cursor.fetchall():
            assert target not in protected or first_column == "district_id", name
            named.add(name)
        for field in model._meta.local_fields:  # type: ignore[attr-defined]
            if isinstance(field, DistrictForeignKey):
                assert f"{table}_{field.column}_dfk" in named, f"{field} has no composite key in the database"


@pytest.mark.django_db
@pytest.mark.parametrize("model", district_models(), ids=lambda model: model._meta.label)
def test_every_manager_filters_by_district_and_refuses_to_work_without_one(model: type) -> None:
    manager = model._base_manager  # type: ignore[attr-defined]
    district = District(id=77, code="x", name="x", area_code="990177")
    with district_scope(district):
        assert f'"{model._meta.db_table}"."district_id" = 77' in str(manager.all().query)  # type: ignore[attr-defined]
        assert f'"{model._meta.db_table}"."district_id" = 77' in str(model._default_manager.all().query)  # type: ignore[attr-defined]
    with no_district():
        with pytest.raises(NoDistrict):
            manager.all()
        with pytest.raises(NoDistrict):
            model()


def test_raw_sql_sees_only_the_district_in_scope(two: tuple[World, World]) -> None:
    for each in two:
        with district_scope(each.district), connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT district_id FROM requests_intake_ticket")
            assert cursor.fetchall() == [(each.district.pk,)]
            cursor.execute("SELECT count(*) FROM requests_intake_ticket WHERE district_id <> %s", [each.district.pk])
            assert cursor.fetchone() == (0,)


def test_raw_sql_without_a_scope_is_an_error_and_not_an_empty_list(two: tuple[World, World]) -> None:
    with no_district(), pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM requests_intake_ticket")


def test_nothing_can_be_written_into_another_district(two: tuple[World, World]) -> None:
    one, other = two
    with district_scope(other.district):
        foreign = Ticket.objects.get()
    with district_scope(one.district):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Category.objects.create(district_id=other.district.pk, code="X", name="x")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE requests_intake_ticket SET title = 'x' WHERE id = %s", [foreign.pk])
            assert cursor.rowcount == 0


def test_a_row_cannot_point_into_another_district(two: tuple[World, World]) -> None:
    one, other = two
    with district_scope(one.district), transaction.atomic(), connection.cursor() as cursor:
        Ticket.objects.update(area_id=other.grid.pk)
        with pytest.raises(IntegrityError):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_savepoint_rollback_and_change_of_scope_keep_the_right_district(two: tuple[World, World]) -> None:
    one, other = two
    with district_scope(one.district):
        with transaction.atomic():
            with district_scope(other.district):
                assert Ticket.objects.get().content.startswith("two")
            transaction.set_rollback(True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM requests_intake_ticket")
            assert cursor.fetchone()[0].startswith("one")


def test_search_stays_inside_the_district(two: tuple[World, World]) -> None:
    for each in two:
        with district_scope(each.district):
            assert search_ids("ticket", "路灯") == [Ticket.objects.get().pk]
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET ROLE gov_search")


def test_history_and_audit_can_only_be_added_to(two: tuple[World, World]) -> None:
    with district_scope(two[0].district):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            TicketTransition.objects.update(payload={})
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            TicketTransition.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
        assert outbox.deliver(TicketTransition) > 0
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            AuditEvent.objects.update(action="x")


def test_the_application_cannot_lift_the_protection(two: tuple[World, World]) -> None:
    for statement in (
        "ALTER TABLE requests_intake_ticket DISABLE ROW LEVEL SECURITY",
        "DROP POLICY district_isolation ON requests_intake_ticket",
        "SET ROLE gov_owner",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_a_district_table_cannot_be_read(world: World) -> None:
    with district_scope(world.district), pytest.raises((DataError, ProgrammingError)):
        Area.objects.count()
    with district_transaction(world.district):
        assert Membership.objects.exists()


@pytest.mark.django_db
def test_start_is_refused_where_the_clock_is_shifted_in_production(settings: object) -> None:
    ClockShift.objects.create(seconds=3600)
    assert startup_problems(connection) == []
    settings.CLOCK_SHIFT_ALLOWED = False  # type: ignore[attr-defined]
    assert any("clock is shifted" in text for text in startup_problems(connection))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_unprotected_table_is_named() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE grids_room NO FORCE ROW LEVEL SECURITY")
        try:
            assert tenancy_problems(connection) == ["table grids_room: row security is not enabled and forced"]
        finally:
            cursor.execute("ALTER TABLE grids_room FORCE ROW LEVEL SECURITY")
