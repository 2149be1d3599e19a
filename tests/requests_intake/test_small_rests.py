"""What two at the same moment may do, who may use a link, and a follower's last word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from importlib import import_module
from threading import Barrier
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.db import connection, connections
from django.test import Client

from governance.accounts.models import Delivery
from governance.accounts.notifications import plan_messages, sending
from governance.accounts.notifications.planning import Plan
from governance.accounts.notifications.recipients import Recipient
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt
from governance.kernel.errors import DomainError
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions import submit
from requests_intake.actions.merge import merge_ticket, rate_follower
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Note, Ticket
from tests.cases import report, ticket_in
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
PATH = "/r/1-5.a-signature/"


@pytest.fixture
def committed(transactional_db: None) -> World:
    return make_district()


@pytest.mark.django_db(transaction=True)
def test_of_two_equal_numbers_of_a_sender_around_midnight_one_is_told_where_the_other_is(committed: World) -> None:
    """Each day has a counter of its own: nothing else would let one wait for the other."""
    world, both = committed, Barrier(2)
    with district_transaction(world.district):
        said = Report(
            content="三单元楼道灯坏了", building_id=world.building.pk, channel="mayor_line", external_number="市-12"
        )
    asked = submit._refuse_known

    def together(*args: Any) -> None:
        both.wait(10)  # each has its number of the day by now
        asked(*args)

    def record(moment: datetime) -> str:
        try:
            with district_transaction(world.district):
                return submit_ticket(said, actor=world.staff, at=moment).ticket.number
        except DomainError as error:
            return f"{error.status} {error.fields['external_number'][0]}"
        finally:
            connections.close_all()

    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    with mock.patch.object(submit, "_refuse_known", together), ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(record, (midnight - timedelta(seconds=1), midnight)))
    with district_transaction(world.district):
        number = Ticket.objects.get().number
    assert outcomes[0] == number
    assert outcomes[1] == f"422 市长热线的这个编号已经登记过，是 {number}。"


def stored(pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT path FROM accounts_delivery WHERE id = %s", [pk])
        return str(cursor.fetchone()[0])


def planned(world: World) -> Delivery:
    plan = Plan("test:1", "resident.resolved", Recipient("requester", 0), "办好了", PATH, at_once=True)
    plan_messages([plan], channel_code="sms")
    return Delivery.objects.get()


def test_whoever_reads_the_table_of_messages_cannot_use_a_link(world: World) -> None:
    row = planned(world)
    assert PATH not in stored(row.pk)
    assert decrypt(stored(row.pk)) == row.path == PATH


@pytest.mark.parametrize(("state", "kept"), [("sent", ""), ("skipped", ""), ("dead", PATH)])
def test_a_link_goes_when_the_message_has_left_and_stays_where_it_may_be_sent_again(
    world: World, state: str, kept: str
) -> None:
    row = planned(world)
    sending._record([row], state)
    assert Delivery.objects.get().path == kept


def test_no_link_of_a_message_is_on_the_list_of_what_did_not_arrive(world: World, client: Client) -> None:
    row = planned(world)
    sending._record([row], Delivery.State.DEAD, "no_address")
    page = world.sign_in(client, "admin").get("/manage/notifications/undelivered/", follow=True)
    assert page.context["page"].paginator.count == 1
    assert PATH not in page.content.decode()


def test_links_that_stood_plainly_are_hidden_by_the_migration(world: World) -> None:
    row = planned(world)
    Delivery.objects.create(
        source="test:2", kind="x", channel="sms", recipient_kind="requester", recipient_id=1, state="sent",
        created_at=clock.now(),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_delivery SET path = %s", [PATH])
    step = import_module("governance.accounts.migrations.0012_encrypt_delivery_paths")
    with connection.schema_editor() as editor:
        step.hide(apps, editor)
    assert PATH not in stored(row.pk)
    assert {each.state: each.path for each in Delivery.objects.all()} == {"queued": PATH, "sent": ""}


def test_who_followed_another_matter_may_say_what_is_still_wrong(world: World, client: Client) -> None:
    follower = report(world, phone="13900005678")
    master = ticket_in(world, "signed")
    merge_ticket(follower, into=master, actor=world.staff)
    finish(world, master)
    rate_follower(Ticket.objects.get(pk=follower.pk), face="unsolved", actor=Actor.requester(follower.pk))
    home = f"/d/{world.district.code}"
    client.post(f"{home}/track/", {"number": follower.number, "secret": "5678"})
    assert "哪里没解决" in client.get(f"{home}/t/{follower.number}/").content.decode()
    said = {"note": "灯还是不亮", "idempotency_key": "7b4c1d0a-2f0e-4f57-9f1e-0d4b8e5f3a11"}
    client.post(f"{home}/t/{follower.number}/explain/", said)
    note = Note.objects.get(ticket=follower, text="灯还是不亮")
    assert note.transition is not None
    assert note.transition.move == "rate_merged"
    assert "哪里没解决" not in client.get(f"{home}/t/{follower.number}/").content.decode()


def finish(world: World, master: Ticket) -> None:

    done = resolve_ticket(Ticket.objects.get(pk=master.pk), actor=world.worker, reply="修好了")
    if done.state == "resolved":
        verify_ticket(done, passed=True, actor=world.staff)
