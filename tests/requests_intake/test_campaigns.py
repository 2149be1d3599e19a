"""专项 (S4-08): a label on tickets, a list whose states add up, a batch put before a department."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from openpyxl import load_workbook

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from requests_intake import campaigns as reading
from requests_intake.actions.campaigns import (
    CampaignSaid,
    find_report,
    label_tickets,
    report_batch,
    save_campaign,
    unlabel_ticket,
)
from requests_intake.models import BatchReport, Campaign, Ticket, TicketCampaign
from requests_intake.queries import TicketFilter
from tests.api.conftest import Client as ApiFactory
from tests.api.conftest import api  # noqa: F401 the fixture
from tests.cases import CONTENT, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db


def opened(actor: Actor, name: str = "创城", **more: Any) -> Campaign:
    return save_campaign(None, CampaignSaid(**{"name": name, "since": clock.today(), **more}), actor=actor)


def labelled(world: World, *states: str) -> tuple[Campaign, list[Ticket]]:
    campaign = opened(world.dispatcher)
    tickets = [ticket_in(world, state) for state in states]
    label_tickets(campaign, [row.pk for row in tickets], actor=world.dispatcher)
    return campaign, tickets


def test_the_list_of_a_label_counts_what_its_states_add_up_to_and_is_exported(world: World) -> None:
    """S4-08. G label 创城; T list count = sum of states; export xlsx."""
    campaign, tickets = labelled(world, "dispatched", "signed", "resolved", "closed", "closed")
    desk = world.sign_in(Client(), "dispatcher")
    page = desk.get(f"/desk/campaigns/{campaign.pk}/")
    everything, *states = page.context["segments"]
    assert everything["count"] == len(page.context["rows"]) == len(tickets) == 5
    assert sum(row["count"] for row in states) == everything["count"]
    for row in states:
        narrowed = desk.get(row["url"])
        assert len(narrowed.context["rows"]) == row["count"], row
    book = load_workbook(BytesIO(desk.get(f"/desk/campaigns/{campaign.pk}/export/").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][:3] == ("编号", "标题", "状态")
    assert {row[0] for row in rows[1:]} == {ticket.number for ticket in tickets}
    text = str(rows)
    assert "李小明" not in text
    assert "13800001234" not in text


def test_export_holds_what_the_filters_show_and_no_formula(world: World) -> None:
    campaign = opened(world.dispatcher)
    one = ticket_in(world, "dispatched", content="=1+1 路灯坏了")
    two = ticket_in(world, "closed")
    label_tickets(campaign, [one.pk, two.pk], actor=world.dispatcher)
    desk = world.sign_in(Client(), "dispatcher")
    page = desk.get(f"/desk/campaigns/{campaign.pk}/?state=handling")
    book = load_workbook(BytesIO(desk.get(page.context["export_url"]).content))
    rows = list(book.active.iter_rows(values_only=True))[1:]
    assert [row[0] for row in rows] == [one.number]
    assert rows[0][1].startswith("'=1+1")


def test_everybody_counts_what_they_may_see(world: World) -> None:
    campaign, tickets = labelled(world, "dispatched", "closed")
    assert reading.visible_counts(world.staff) == {campaign.pk: 2}
    assert reading.visible_counts(world.other_secretary) == {}
    everything = TicketFilter(queue="all")
    assert not reading.tickets_in(world.other_secretary, campaign, everything).exists()
    assert reading.state_counts(world.other_secretary, campaign, everything) == []
    with pytest.raises(NotFound):
        label_tickets(opened(world.other_dispatcher, "防汛"), [tickets[0].pk], actor=world.other_dispatcher)


# ---------------------------------------------------------------- keeping a campaign
def test_who_keeps_campaigns_and_who_does_not(world: World) -> None:
    campaign = opened(world.dispatcher)
    assert campaign.owner_id == world.street_office.pk
    for name in ("staff", "worker", "handler", "official", "supervisor", "admin"):
        with pytest.raises(NotAllowed):
            opened(world.actor(name), "另一个")
    with pytest.raises(NotAllowed, match="东湖街道办事处管"):
        save_campaign(campaign, CampaignSaid("改名", clock.today()), actor=world.other_dispatcher)
    assert save_campaign(campaign, CampaignSaid("改名", clock.today()), actor=world.center).name == "改名"


def test_a_name_is_taken_once_and_an_end_comes_after_the_beginning(world: World) -> None:
    opened(world.dispatcher)
    with pytest.raises(Invalid) as refused:
        opened(world.center, "创城", until=clock.today() - timedelta(days=1))
    assert set(refused.value.fields) == {"name", "until"}


@pytest.mark.parametrize("more", [{"is_active": False}, {"since": date(2020, 1, 1), "until": date(2020, 1, 2)}])
def test_nothing_is_added_to_a_campaign_that_does_not_run(world: World, more: Any) -> None:
    campaign = opened(world.dispatcher, **more)
    with pytest.raises(DomainError, match="现在不在用"):
        label_tickets(campaign, [ticket_in(world, "dispatched").pk], actor=world.dispatcher)
    assert reading.campaign_choices() == []


# ---------------------------------------------------------------- labels
def test_a_ticket_bears_several_labels_each_once(world: World) -> None:
    first, second = opened(world.dispatcher), opened(world.dispatcher, "防汛")
    ticket = ticket_in(world, "dispatched")
    assert label_tickets(first, [ticket.pk, ticket.pk], actor=world.staff) == 1
    assert label_tickets(first, [ticket.pk], actor=world.staff) == 0
    assert label_tickets(second, [ticket.pk], actor=world.staff) == 1
    assert [row["name"] for row in reading.labels_of(ticket)] == ["创城", "防汛"]
    unlabel_ticket(first, ticket, actor=world.staff)
    assert [row["name"] for row in reading.labels_of(ticket)] == ["防汛"]


def test_who_only_looks_on_labels_nothing(world: World) -> None:
    campaign, ticket = opened(world.dispatcher), ticket_in(world, "dispatched")
    for name in ("official", "supervisor", "visitor"):
        with pytest.raises(NotAllowed):
            label_tickets(campaign, [ticket.pk], actor=world.actor(name))
        with pytest.raises(NotAllowed):
            unlabel_ticket(campaign, ticket, actor=world.actor(name))


def test_a_restricted_ticket_bears_no_label(world: World) -> None:
    campaign, ticket = opened(world.dispatcher), ticket_in(world, "dispatched")
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    with pytest.raises(DomainError, match="限制知悉"):
        label_tickets(campaign, [ticket.pk], actor=world.center)


def test_desk_and_phone_label_at_intake(world: World) -> None:
    campaign = opened(world.dispatcher)
    said = {
        "channel": "hotline", "content": CONTENT, "building": world.building.pk, "campaigns": [campaign.pk],
        "idempotency_key": "k1",
    }  # fmt: skip
    assert world.sign_in(Client(), "staff").post("/desk/new/", said).status_code == 302
    found = {"content": CONTENT, "place": f"grid-{world.grid.pk}", "campaigns": [campaign.pk], "idempotency_key": "k2"}
    assert world.sign_in(Client(), "worker").post("/m/report/", found).status_code == 302
    assert TicketCampaign.objects.filter(campaign=campaign).count() == Ticket.objects.count() == 2


def test_tickets_are_ticked_in_a_list_and_taken_off_again(world: World) -> None:
    campaign, ticket = opened(world.dispatcher), ticket_in(world, "dispatched")
    desk = world.sign_in(Client(), "staff")
    address = f"/desk/campaigns/{campaign.pk}/label/"
    assert [row["id"] for row in desk.get(address).context["rows"]] == [ticket.pk]
    empty = desk.post(address, {"idempotency_key": str(uuid4())})
    assert empty.status_code == 422
    assert "还没有选诉求" in empty.content.decode()
    said = {"ticket": [ticket.pk], "idempotency_key": str(uuid4())}
    assert [desk.post(address, said).status_code for _again in range(2)] == [302, 302]
    assert desk.get(address).context["rows"] == []
    assert "创城" in desk.get(f"/desk/t/{ticket.number}/").content.decode()
    desk.post(f"/desk/campaigns/{campaign.pk}/off/{ticket.number}/")
    assert not TicketCampaign.objects.exists()


# ---------------------------------------------------------------- reports
def test_a_batch_is_put_before_a_department_which_sees_how_each_stands(world: World) -> None:
    campaign, tickets = labelled(world, "dispatched", "resolved")
    street = world.sign_in(Client(), "dispatcher")
    address = f"/desk/campaigns/{campaign.pk}/report/"
    asked = street.post(address, {"ticket": [row.pk for row in tickets]})
    assert asked.status_code == 200
    said = {
        "ticket": [row.pk for row in tickets], "organization": world.urban.pk, "idempotency_key": str(uuid4()),
    }  # fmt: skip
    assert street.post(address, said).status_code == 302
    assert street.post(address, said).status_code == 302
    report = BatchReport.objects.get()
    notice = Notice.objects.get(source=f"batch-report:{report.pk}")
    assert notice.membership_id == world.members["urban_handler"].pk
    assert "创城" in notice.text
    handler = world.sign_in(Client(), "urban_handler")
    sheet = handler.get(f"/desk/campaigns/reports/{report.pk}/")
    assert [row["now"] for row in sheet.context["rows"]] == ["在办", "待核查"]
    # The sheet shows how it stands now; the tickets themselves are not given away by it.
    Ticket.objects.filter(pk=tickets[1].pk).update(state="visiting")
    sheet = handler.get(f"/desk/campaigns/reports/{report.pk}/")
    assert [(row["then"], row["now"]) for row in sheet.context["rows"]] == [("在办", "在办"), ("待核查", "待评价")]
    assert "李小明" not in sheet.content.decode()
    assert handler.get(f"/desk/t/{tickets[0].number}/").status_code == 404
    book = load_workbook(BytesIO(handler.get(f"/desk/campaigns/reports/{report.pk}/?xlsx=1").content))
    assert [row[5] for row in book.active.iter_rows(values_only=True)] == ["现在", "在办", "待评价"]


def test_only_sender_receiver_and_those_above_read_a_report(world: World) -> None:
    campaign, tickets = labelled(world, "dispatched")
    report = report_batch(campaign, [tickets[0].pk], organization_id=world.urban.pk, actor=world.dispatcher)
    for name in ("dispatcher", "street_leader", "center", "urban_handler"):
        assert find_report(report.pk, actor=world.actor(name)) == report
    for name in ("handler", "other_dispatcher", "staff", "worker", "admin"):
        with pytest.raises(NotFound):
            find_report(report.pk, actor=world.actor(name))


def test_what_is_not_in_the_campaign_or_not_ones_own_is_not_reported(world: World) -> None:
    campaign, tickets = labelled(world, "dispatched")
    other = ticket_in(world, "dispatched")
    with pytest.raises(NotFound):
        report_batch(campaign, [other.pk], organization_id=world.urban.pk, actor=world.dispatcher)
    with pytest.raises(NotFound):
        report_batch(campaign, [tickets[0].pk], organization_id=world.urban.pk, actor=world.other_dispatcher)
    with pytest.raises(NotAllowed):
        report_batch(campaign, [tickets[0].pk], organization_id=world.urban.pk, actor=world.staff)
    with pytest.raises(Invalid):
        report_batch(campaign, [], organization_id=world.urban.pk, actor=world.dispatcher)


def test_a_ticket_restricted_since_leaves_the_sheet(world: World) -> None:
    campaign, tickets = labelled(world, "dispatched", "closed")
    ids = [row.pk for row in tickets]
    report = report_batch(campaign, ids, organization_id=world.urban.pk, actor=world.dispatcher)
    Ticket.objects.filter(pk=ids[0]).update(is_restricted=True)
    for name in ("urban_handler", "dispatcher", "center"):
        assert [row.pk for row in reading.report_rows(report, world.actor(name))] == ids[1:]


def test_a_report_is_never_changed(world: World) -> None:
    campaign, tickets = labelled(world, "dispatched")
    report = report_batch(campaign, [tickets[0].pk], organization_id=world.urban.pk, actor=world.dispatcher)
    for act in (lambda: report.rows.all().delete(), lambda: BatchReport.objects.update(organization=world.water)):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_programs_do_the_same(world: World, api: ApiFactory) -> None:  # noqa: F811
    ticket = ticket_in(world, "dispatched")
    street = api("dispatcher")
    said = {"name": "创城", "since": clock.today().isoformat()}
    made = street.post("/api/v1/campaigns/", said)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    numbers = {"tickets": [ticket.number]}
    assert street.post(f"/api/v1/campaigns/{pk}/tickets/", numbers).json() == {"labelled": 1}
    report = street.post(f"/api/v1/campaigns/{pk}/reports/", {**numbers, "organization": world.urban.pk})
    assert (report.status_code, report.json()["tickets"]) == (201, 1)
    assert street.get("/api/v1/campaigns/").json()[0]["tickets"] == 1
    assert api("other_dispatcher").post(f"/api/v1/campaigns/{pk}/tickets/", numbers).status_code == 404
    assert api("official").post(f"/api/v1/campaigns/{pk}/tickets/", numbers).status_code == 403
    body = {"content": CONTENT, "building": world.building.pk, "campaigns": [pk]}
    assert street.post("/api/v1/tickets/", body).status_code == 201
    assert TicketCampaign.objects.count() == 2
