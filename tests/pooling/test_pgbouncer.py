"""Fifty clients of two districts share five server sessions: none ever reads the other's rows."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError, ProgrammingError, connection, transaction
from django.test import Client

from governance.kernel.actors import Actor
from governance.kernel.tenancy.context import NoDistrict, district_transaction, no_district
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket
from tests.world import World, make_district

CLIENTS = 50
ROUNDS = 40


@pytest.fixture
def two(pooled: None) -> tuple[World, World]:
    """Two districts with three tickets each, committed."""
    made = make_district("one", 1), make_district("two", 2)
    for each in made:
        with district_transaction(each.district):
            for number in range(3):
                report = Report(content=f"{each.district.code} 路灯不亮 {number}", building_id=each.building.pk)
                submit_ticket(report, actor=Actor.public())
    return made


def in_fifty_threads(work: Callable[[int], int]) -> int:
    """Run ``work`` in fifty threads that start together; the sum of what they return. Their errors are raised."""
    together = threading.Barrier(CLIENTS, timeout=60)

    def run(number: int) -> int:
        try:
            together.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(run, range(CLIENTS)))


def server_session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def districts_seen() -> set[int]:
    """By raw SQL that names no district."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT district_id FROM requests_intake_ticket")
        return {row[0] for row in cursor.fetchall()}


def test_no_client_behind_the_pooler_reads_a_foreign_row(two: tuple[World, World]) -> None:
    sessions: set[int] = set()

    def work(number: int) -> int:
        chance, foreign = random.Random(number), 0
        for turn in range(ROUNDS):
            mine = chance.choice(two).district
            try:
                with district_transaction(mine):
                    if turn % 8 == 0:
                        sessions.add(server_session())
                    foreign += districts_seen() != {mine.pk}
                    if turn % 3 == 0:
                        with transaction.atomic():
                            Ticket.objects.update(title="x")
                            raise _Undo
                    foreign += any(not ticket.content.startswith(mine.code) for ticket in Ticket.objects.all())
            except _Undo:
                continue
        return foreign

    assert in_fifty_threads(work) == 0
    assert 1 < len(sessions) <= 5, "the clients did not share server sessions"


def test_without_a_scope_the_pooled_session_has_none_left_over(two: tuple[World, World]) -> None:
    def work(number: int) -> int:
        answered = 0
        for _turn in range(5):
            with district_transaction(two[number % 2].district):
                districts_seen()
            with no_district():
                try:
                    with transaction.atomic():
                        answered += len(districts_seen()) + 1
                except (DataError, ProgrammingError):
                    pass
                with pytest.raises(NoDistrict):
                    Ticket.objects.count()
        return answered

    assert in_fifty_threads(work) == 0


def test_requests_of_two_districts_are_answered_each_from_its_own(two: tuple[World, World]) -> None:
    def work(number: int) -> int:
        mine, other = two[number % 2], two[1 - number % 2]
        client, foreign = Client(), 0
        mine.sign_in(client, "dispatcher")
        for _turn in range(6):
            body = client.get("/api/v1/tickets/").content.decode()
            foreign += f"{mine.district.code} 路灯" not in body or f"{other.district.code} 路灯" in body
        return foreign

    assert in_fifty_threads(work) == 0


def test_the_check_would_notice_a_setting_kept_by_the_session(two: tuple[World, World]) -> None:
    """The mistake of others: ``set_config`` for the session, the query in the next transaction."""

    def work(number: int) -> int:
        chance, foreign = random.Random(number), 0
        with no_district():
            for _turn in range(ROUNDS):
                mine = chance.choice(two).district
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('app.district', %s, false)", [str(mine.pk)])
                try:
                    foreign += districts_seen() != {mine.pk}
                except (DataError, ProgrammingError):  # this server session has never heard of a district
                    continue
        return foreign

    assert in_fifty_threads(work) > 0


class _Undo(Exception):
    """Rolls the transaction back."""
