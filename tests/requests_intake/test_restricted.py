"""Restricted matters (read_first risk 6): invisible outside the circle, and who opened them is written down."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from governance.accounts.models import Membership, Notice, Staff, User
from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent, SearchEntry
from governance.kernel.reference import bump_reference
from governance.kernel.search import search_ids
from grids.models import Post, PostAssignment
from requests_intake import circle
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.desk import classify_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.restricted import add_case_member, end_case_member
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.forms.choices import organizations
from requests_intake.models import CaseMember, Ticket, TicketTransition
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.reference import rules
from requests_intake.restricted_register import guarded, register
from tests.cases import report
from tests.test_noninterference import CAST
from tests.world import SINCE, World

pytestmark = pytest.mark.django_db

WORDS = "街道食堂拿回扣，老板姓赵。"


def officer(world: World) -> Actor:
    """Somebody takes the post of the confidential desk."""
    user = User.objects.create(handle=f"{world.district.code}-officer", password="!")
    member = Membership.objects.create(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now())
    Staff.objects.create(membership=member, name="郎受理")
    post = Post.objects.create(organization=world.center_office, kind="report_officer", name="举报受理员")
    PostAssignment.objects.create(post=post, membership=member, since=SINCE)
    bump_reference()
    world.users["officer"], world.members["officer"] = user, member
    return world.actor("officer")


def tip(world: World, **changes: Any) -> Ticket:
    return report(world, **{"content": WORDS, "request_type": "report", **changes})


def seeing(world: World, ticket: Ticket) -> set[str]:
    names = [*CAST, *({"officer"} & set(world.members))]
    return {name for name in names if TicketPolicy.visible(world.actor(name)).filter(pk=ticket.pk).exists()}


# ---------------------------------------------------------------- who is inside
def test_the_confidential_desk_alone_sees_a_new_report(world: World) -> None:
    officer(world)
    assert seeing(world, tip(world)) == {"officer"}


def test_the_dispatcher_stands_in_only_while_nobody_holds_the_desk(world: World) -> None:
    ticket = tip(world)
    assert seeing(world, ticket) == {"center"}
    officer(world)
    assert seeing(world, ticket) == {"officer"}


def test_inside_is_who_holds_the_order_now_and_not_who_held_it(world: World) -> None:
    keeper = officer(world)
    ticket = accept_ticket(tip(world), actor=keeper)
    ticket = dispatch_ticket(ticket, organization_id=world.water.pk, actor=keeper)
    assert seeing(world, ticket) == {"officer", "handler", "handler_leader"}
    ticket = dispatch_ticket(ticket, organization_id=world.urban.pk, actor=keeper)
    assert seeing(world, ticket) == {"officer", "urban_handler"}


def test_whom_a_report_is_about_never_gets_it(world: World) -> None:
    keeper = officer(world)
    ticket = accept_ticket(tip(world, about_id=world.committee.pk), actor=keeper)
    assert "居委会" in world.committee.name
    offered = {value for _label, group in organizations(ticket)[1:] for value, _name in group}
    assert world.committee.pk not in offered
    with pytest.raises(Invalid) as refused:
        dispatch_ticket(ticket, organization_id=world.committee.pk, actor=keeper)
    assert refused.value.code == "about_itself"
    ticket = dispatch_ticket(ticket, organization_id=world.grid_team.pk, actor=keeper)
    ticket = sign_order(ticket, actor=world.worker)
    # The way up leads past the community.
    assert escalate_ticket(ticket, note="x", actor=world.worker).organization_id == world.street_office.pk
    # Nobody of it is named into the circle either.
    for name in ("secretary", "staff"):
        with pytest.raises(Invalid) as outside:
            add_case_member(ticket, membership_id=world.members[name].pk, role="adviser", reason="想听听", actor=keeper)
        assert "被反映的单位" in outside.value.fields["member"][0]


def test_a_second_post_elsewhere_opens_nothing_about_ones_own_office(world: World) -> None:
    keeper = officer(world)
    post = Post.objects.get(organization=world.water, kind="department_handler")
    PostAssignment.objects.create(post=post, membership=world.members["secretary"], since=SINCE)
    bump_reference()
    others = accept_ticket(tip(world, about_id=world.urban.pk), actor=keeper)
    own = accept_ticket(tip(world, about_id=world.committee.pk), actor=keeper)
    for ticket in (others, own):
        dispatch_ticket(ticket, organization_id=world.water.pk, actor=keeper)
    assert "secretary" in seeing(world, others)
    assert "secretary" not in seeing(world, own)


@pytest.mark.parametrize("wrong", ["centre", "nothing"])
def test_a_report_is_not_taken_about_the_centre_or_about_nobody(world: World, wrong: str) -> None:
    about = world.center_office.pk if wrong == "centre" else 999_999
    with pytest.raises(Invalid) as refused:
        tip(world, about_id=about)
    assert "about" in refused.value.fields


def test_naming_somebody_opens_the_file_until_it_is_ended(world: World) -> None:
    keeper, ticket = officer(world), tip(world)
    row = add_case_member(
        ticket, membership_id=world.members["supervisor"].pk, role="supervisor", reason="请他督办", actor=keeper
    )
    assert seeing(world, ticket) == {"officer", "supervisor"}
    end_case_member(ticket, row.pk, actor=keeper)
    assert seeing(world, ticket) == {"officer"}
    assert CaseMember.objects.get().until is not None
    with pytest.raises(DomainError) as again:
        end_case_member(ticket, row.pk, actor=keeper)
    assert again.value.code == "not_inside"


def test_only_the_desk_names_people_and_says_why(world: World) -> None:
    keeper, ticket = officer(world), tip(world)
    said = {"membership_id": world.members["supervisor"].pk, "role": "supervisor", "reason": "督办"}
    for name in ("center", "supervisor", "handler", "admin"):
        with pytest.raises(NotAllowed):
            add_case_member(ticket, **said, actor=world.actor(name))
    for field, value in (("reason", " "), ("role", "boss"), ("membership_id", 999_999)):
        with pytest.raises(Invalid):
            add_case_member(ticket, **{**said, field: value}, actor=keeper)
    add_case_member(ticket, **said, actor=keeper)
    with pytest.raises(Invalid) as twice:
        add_case_member(ticket, **said, actor=keeper)
    assert twice.value.code == "inside_already"


def test_outside_no_move_is_anybodys_whatever_the_table_says(world: World) -> None:
    officer(world)
    ticket = tip(world)
    for name in CAST:
        assert TicketPolicy.moves(world.actor(name), ticket, None) == [], name
        assert not any(TicketPolicy.allows(world.actor(name), move, ticket) for move in ("accept", "classify", "close"))
    assert {move.name for move in TicketPolicy.moves(world.actor("officer"), ticket, None)} >= {"accept", "reject"}


def test_the_confidential_desk_has_nothing_to_do_with_ordinary_matters(world: World) -> None:
    keeper, ordinary = officer(world), report(world)
    assert not TicketPolicy.visible(keeper).filter(pk=ordinary.pk).exists()
    assert not TicketPolicy.allows(keeper, "classify", ordinary)
    outbox.deliver(TicketTransition)
    assert not Notice.objects.filter(membership=world.members["officer"]).exists()


# ---------------------------------------------------------------- words
def test_search_finds_a_restricted_ticket_by_its_number_alone(world: World) -> None:
    keeper, ticket = officer(world), tip(world)
    assert search_ids("ticket", "食堂回扣") == []
    assert not SearchEntry.objects.filter(kind="ticket", object_id=ticket.pk).exclude(tokens=[]).exists()
    assert list(tickets_of(keeper, TicketFilter(queue="all", text=ticket.number))) == [ticket]
    assert list(tickets_of(world.center, TicketFilter(queue="all", text=ticket.number))) == []


def test_becoming_restricted_takes_back_what_was_told(world: World) -> None:
    ticket = report(world)
    outbox.deliver(TicketTransition)
    told = Notice.objects.filter(path=f"/m/t/{ticket.number}/")
    assert told.exists()
    assert search_ids("ticket", "楼道灯") == [ticket.pk]
    code = next(ref.code for ref in rules().categories.values() if ref.parent_id and ref.pure.is_restricted)
    classify_ticket(ticket, category_code=code, actor=world.worker)
    assert not told.exists()
    assert search_ids("ticket", "楼道灯") == []


def test_notices_go_to_the_circle_and_hold_no_word(world: World) -> None:
    keeper = officer(world)
    ticket = accept_ticket(tip(world), actor=keeper)
    dispatch_ticket(ticket, organization_id=world.water.pk, actor=keeper)
    outbox.deliver(TicketTransition)
    rows = list(Notice.objects.all())
    inside = {world.members[name].pk for name in ("officer", "handler", "handler_leader")}
    assert rows
    assert {row.membership_id for row in rows} <= inside
    assert not any(word in row.text for row in rows for word in ("食堂", "回扣", "赵"))
    assert all(ticket.number in row.text for row in rows)


def test_superiors_outside_the_circle_hear_of_no_deadline(world: World) -> None:
    keeper = officer(world)
    ticket = accept_ticket(tip(world), actor=keeper)
    dispatch_ticket(ticket, organization_id=world.committee.pk, actor=keeper)
    found = Ticket.objects.get(pk=ticket.pk)
    places = circle.territory()
    everybody = [row for pk in places.organizations for row in places.serving(pk)]
    told = {row.membership_id for row in circle.told(found, everybody, also_desk=True)}
    assert told == {world.members[name].pk for name in ("officer", "secretary", "staff")}


def test_audit_rows_hold_no_word(world: World) -> None:
    keeper, ticket = officer(world), tip(world)
    add_case_member(
        ticket, membership_id=world.members["supervisor"].pk, role="supervisor", reason="食堂的事请他督办", actor=keeper
    )
    assert not any("食堂" in str(row.detail) or "赵" in str(row.detail) for row in AuditEvent.objects.all())


def refused_row(ticket: Ticket) -> None:
    """The database refuses the row (it is closed and has no closing time), and the failure is logged with its trace."""
    try:
        with transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(state="closed")
    except DatabaseError:
        logging.getLogger("django.request").exception("Internal Server Error: /desk/t/%s/", ticket.number)
        raise


def test_an_error_on_a_restricted_ticket_logs_no_word(world: World, caplog: pytest.LogCaptureFixture) -> None:
    ticket = tip(world)
    with caplog.at_level(logging.DEBUG), pytest.raises(DatabaseError):
        refused_row(ticket)
    # Under row security PostgreSQL does not repeat the row it refuses.
    assert "ticket_closed_when_finished" in caplog.text
    assert not any(word in caplog.text for word in ("食堂", "回扣", "赵", "李小明"))


def test_no_line_of_the_log_is_given_words_of_a_ticket() -> None:
    """Every call of a logger names ids, numbers and codes: no title, content, name, note or answer."""
    apps = ("requests_intake", "analytics", "services", "grids", "governance")
    root = Path(__file__).parents[2]
    call = re.compile(r"^ *logger\.\w+\((.*)$", re.MULTILINE)
    said = [
        line for app in apps for file in (root / app).rglob("*.py") for line in call.findall(file.read_text("utf-8"))
    ]
    assert len(said) > 10
    assert [line for line in said if re.search(r"\.(title|content|name|note|reply|reason|text|words)\b", line)] == [
        '"broker away, %s left to the reconciler: %s", task.name, error)'
    ]


# ---------------------------------------------------------------- the register, and who opened it
def test_the_register_says_number_and_state_and_nothing_else(world: World, client: Client) -> None:
    officer(world)
    ticket = tip(world)
    for name in ("center", "supervisor"):
        page = world.sign_in(client, name).get(reverse("desk:restricted"))
        text = page.content.decode()
        assert ticket.number in text
        assert "待受理" in text
        assert "限制知悉" in text
        assert not any(word in text for word in ("食堂", "回扣", "赵", world.community.name, "李小明"))
        assert client.get(reverse("desk:ticket", args=[ticket.number])).status_code == 404
        assert client.get(reverse("desk:circle", args=[ticket.number])).status_code == 404
    assert list(register(world.dispatcher)) == list(register(world.official)) == []
    for name in ("dispatcher", "official", "visitor", "secretary", "handler", "admin"):
        assert world.sign_in(client, name).get(reverse("desk:restricted")).status_code == 403


def test_each_opening_is_written_down_with_its_page(world: World, client: Client) -> None:
    officer(world)
    ticket = tip(world)
    page = world.sign_in(client, "officer")
    page.get(reverse("desk:ticket", args=[ticket.number]))
    page.get(reverse("desk:inbox"))
    page.get(f"/d/{world.district.code}/api/v1/tickets/{ticket.number}/")
    page.get(reverse("desk:ticket", args=[ticket.number]))
    rows = AuditEvent.objects.filter(action="open_file", object_kind="ticket", object_id=ticket.pk).order_by("pk")
    assert [row.detail["page"] for row in rows] == ["desk:ticket", "desk:inbox", "api:ticket", "desk:ticket"]
    assert {row.actor for row in rows} == {f"member:{world.members['officer'].pk}"}
    text = page.get(reverse("desk:circle", args=[ticket.number])).content.decode()
    assert text.count("郎受理") >= 4
    assert "诉求页" in text
    ordinary = report(world)
    world.sign_in(client, "worker").get(reverse("worker:ticket", args=[ordinary.number]))
    assert not AuditEvent.objects.filter(action="open_file", object_id=ordinary.pk).exists()


def test_the_circle_is_kept_on_its_page(world: World, client: Client) -> None:
    officer(world)
    ticket = tip(world)
    page, address = world.sign_in(client, "officer"), reverse("desk:circle", args=[ticket.number])
    member = world.members["supervisor"].pk
    refused = page.post(address, {"idempotency_key": "k1", "member": member, "role": "supervisor", "reason": ""})
    assert refused.status_code == 422
    assert "请写明为什么要让他知道" in refused.content.decode()
    said = {"idempotency_key": "k2", "member": member, "role": "supervisor", "reason": "请他督办"}
    assert page.post(address, said).status_code == 302
    row = CaseMember.objects.get()
    assert "请他督办" in page.get(address).content.decode()
    assert find_visible(world.actor("supervisor"), ticket.number) == ticket
    end = reverse("desk:circle_end", args=[ticket.number, row.pk])
    assert "杨督查" in page.get(end).content.decode()
    assert page.post(end, {"idempotency_key": "k3"}).status_code == 302
    with pytest.raises(DomainError):
        find_visible(world.actor("supervisor"), ticket.number)


def test_small_numbers_are_not_shown() -> None:
    assert [guarded(number) for number in (0, 1, 4)] == ["少于 5"] * 3
    assert guarded(5) == "5"


def test_the_trend_counts_restricted_matters_in_one_number_from_five_up(world: World, client: Client) -> None:
    page = world.sign_in(client, "official")
    for number, shown in ((4, "少于 5 件"), (1, "5 件")):
        for _n in range(number):
            tip(world)
        answer = page.get(reverse("board:trend"))
        assert answer.context["restricted"] == shown
        assert [row["value"] for row in answer.context["numbers"] if row["measure"] == "submitted"] == [0]
        rows = page.get(reverse("board:events") + "?measure=submitted")
        assert (rows.context["total"], rows.context["rows"]) == (0, [])


def test_the_public_page_keeps_what_was_typed_and_names_whom_it_is_about(world: World, client: Client) -> None:
    address = f"/d/{world.district.code}/tip/"
    said = {"idempotency_key": "7b4c1d0a-2f0e-4f57-9f1e-0d4b8e5f3a11", "content": WORDS, "phone": "12"}
    wrong = client.post(address, said)
    assert wrong.status_code == 422
    assert WORDS in wrong.content.decode()
    assert "电话号码不对" in wrong.content.decode()
    assert str(world.center_office.name) not in wrong.content.decode().split("id_about")[1].split("</select>")[0]
    assert client.post(address, {**said, "phone": "", "about": world.committee.pk}).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.about_id, ticket.is_restricted, ticket.request_type) == (world.committee.pk, True, "report")
    done = client.get(f"/d/{world.district.code}/done/{ticket.number}/").content.decode()
    assert "只有举报受理员看得到" in done


def test_a_report_through_the_action_names_no_unknown_organization(world: World) -> None:
    with pytest.raises(Invalid):
        submit_ticket(Report(content=WORDS, request_type="report", about_id=0), actor=Actor.public())
