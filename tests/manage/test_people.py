"""The administrator's pages for organizations, posts and people, and the page behind an invitation."""

from __future__ import annotations

import logging.config
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client, RequestFactory

from governance.accounts.actions.invitations import (
    accept_invitation,
    cancel_invitation,
    deactivate_member,
    find_invitation,
    issue_invitation,
    reactivate_member,
)
from governance.accounts.models import ApiToken, Invitation, Membership, Staff, User
from governance.accounts.tokens import create_token
from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent, District
from governance.kernel.tenancy.context import current_district, district_scope
from governance.settings import log
from grids.models import Absence, Organization, Post, PostAssignment
from grids.reference import territory
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.models import WorkOrder
from requests_intake.policies import TicketPolicy
from tests.cases import report
from tests.world import World, make_district

PASSWORD = "a-long-enough-word-7"
DAY = timedelta(days=1)


@pytest.fixture
def admin(world: World) -> Client:
    return world.sign_in(Client(), "admin")


def post(client: Client, path: str, **said: object) -> object:
    """Send a form; the test's own scope then learns that reference data has changed."""
    response = client.post(f"/manage/{path}", {"idempotency_key": str(uuid4()), **said})
    current_district().refresh_from_db()
    return response


def invite(client: Client, **said: object) -> str:
    """Path of the link that the page shows."""
    page = post(client, "people/new/", **{"name": "张三丰", "phone": "13800001234", "handle": "t1-zhang",
                                         "since": clock.today().isoformat(), **said})  # fmt: skip
    assert page.status_code == 200, page.content.decode()
    assert "no-store" in page["Cache-Control"]
    return re.search(r"http://testserver(/d/t1/invitation/[\w-]+/)", page.content.decode())[1]


def accept(client: Client, path: str, password: str = PASSWORD) -> object:
    """Open the link, land on the page without the token, and send its form."""
    landed = client.get(path)
    return (
        client.post(landed["Location"], {"new": password, "again": password})
        if landed.has_header("Location")
        else landed
    )


# ---------------------------------------------------------------- invitation
def test_the_invited_sets_a_password_is_signed_in_and_sees_the_tickets_of_the_post(world: World, admin: Client) -> None:
    ticket = report(world)
    seat = Post.objects.get(organization=world.organizations[world.community2.pk], kind="community_staff")
    empty = Post.objects.create(organization=world.committee, kind="community_staff", name="第二社工")
    link = invite(admin, posts=[seat.pk, empty.pk])
    guest = Client()
    page = guest.get(link, follow=True)
    assert page.status_code == 200
    assert "t1-zhang" in page.content.decode()
    assert accept(guest, link).status_code == 302
    assert guest.get(f"/desk/t/{ticket.number}/").status_code == 200
    assert User.objects.get(handle="t1-zhang").check_password(PASSWORD)


def test_the_secret_leaves_the_address_at_once(world: World, admin: Client) -> None:
    link = invite(admin)
    token = link.rsplit("/", 2)[1]
    guest = Client()
    opened = guest.get(link)
    assert (opened.status_code, opened["Location"]) == (302, "/d/t1/invitation/")
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    assert token not in opened.content.decode()
    assert token not in str(dict(guest.session.items()))
    page = guest.get("/d/t1/invitation/").content.decode()
    assert "t1-zhang" in page
    assert token not in page
    assert "//" not in re.sub(r"http://www.w3.org/", "", page), "nothing is loaded from elsewhere"
    assert guest.post(link, {"new": PASSWORD, "again": PASSWORD}).status_code == 405


def test_opening_a_link_uses_nothing_up_and_every_browser_opens_its_own(world: World, admin: Client) -> None:
    link = invite(admin)
    preview, guest = Client(), Client()
    preview.get(link)
    assert Client().get("/d/t1/invitation/").status_code == 404, "without the link there is no page"
    assert accept(guest, link).status_code == 302
    late = preview.post("/d/t1/invitation/", {"new": "another-long-word-8", "again": "another-long-word-8"})
    assert late.status_code == 404, "what was opened before is void once it was used"
    assert "已经用过、过期或被取消" in late.content.decode()


def test_an_opened_link_ends_with_its_time_or_a_new_one_or_the_district(world: World, admin: Client) -> None:
    guest = Client()
    guest.get(invite(admin))
    make_district("t2", 2)
    assert guest.get("/d/t2/invitation/").status_code == 404
    with time_machine.travel(clock.now() + 7 * DAY + timedelta(minutes=1), tick=False):
        assert guest.get("/d/t1/invitation/").status_code == 404
    member = Membership.objects.get(user__handle="t1-zhang")
    District.objects.update(is_active=False)
    assert guest.get("/d/t1/invitation/").status_code == 404
    District.objects.update(is_active=True)
    guest.get(f"/d/t1/invitation/{issue_invitation(member, actor=world.admin)}/")
    assert guest.get("/d/t1/invitation/").status_code == 200
    issue_invitation(member, actor=world.admin)
    assert guest.get("/d/t1/invitation/").status_code == 404


def test_no_log_line_holds_the_token(world: World, admin: Client) -> None:
    link = invite(admin)
    formatter = logging.config.DictConfigurator(log.configure(json=True, level="INFO")).configure_formatter(
        log.configure(json=True, level="INFO")["formatters"]["line"]
    )
    request = RequestFactory().get(link)
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Not Found: %s", (link,), None)
    record.request = request
    written = formatter.format(record)
    assert link.rsplit("/", 2)[1] not in written
    assert "/d/t1/invitation/" in written


def test_a_link_works_once(world: World, admin: Client) -> None:
    link = invite(admin)
    assert accept(Client(), link).status_code == 302
    assert Client().get(link).status_code == 404
    assert accept(Client(), link, "another-long-word-8").status_code == 404
    assert User.objects.get(handle="t1-zhang").check_password(PASSWORD)


def test_a_wrong_or_expired_link_or_one_of_another_district_is_nothing(world: World, admin: Client) -> None:
    link = invite(admin)
    make_district("t2", 2)
    assert Client().get("/d/t1/invitation/nothing/").status_code == 404
    assert Client().get(link.replace("/d/t1/", "/d/t2/")).status_code == 404
    with time_machine.travel(clock.now() + 7 * DAY + timedelta(minutes=1), tick=False):
        assert Client().get(link).status_code == 404
    assert Client().get(link).status_code == 302


@pytest.mark.parametrize("password", ["short", "1234567890123", "password12"])
def test_a_weak_password_leaves_the_link_open(world: World, admin: Client, password: str) -> None:
    link = invite(admin)
    assert accept(Client(), link, password).status_code == 422
    guest = Client()
    clean = guest.get(link)["Location"]
    assert guest.post(clean, {"new": PASSWORD, "again": "something-else-9"}).status_code == 422
    assert accept(Client(), link).status_code == 302


def test_a_new_link_ends_the_old_and_a_cancelled_one_is_dead(world: World, admin: Client) -> None:
    first = invite(admin)
    member = Membership.objects.get(user__handle="t1-zhang")
    page = post(admin, f"people/{member.pk}/invite/")
    second = re.search(r"http://testserver(/d/t1/invitation/[\w-]+/)", page.content.decode())[1]
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 302
    assert post(admin, f"people/{member.pk}/cancel-invitation/").status_code == 302
    assert Client().get(second).status_code == 404
    assert post(admin, f"people/{member.pk}/cancel-invitation/").status_code == 422


def test_a_form_sent_twice_invites_once_and_shows_the_link_once(world: World, admin: Client) -> None:
    said = {"name": "张三丰", "handle": "t1-zhang", "since": clock.today().isoformat(), "idempotency_key": "k"}
    assert "/invitation/" in admin.post("/manage/people/new/", said).content.decode()
    again = admin.post("/manage/people/new/", said)
    assert (again.status_code, again["Location"]) == (302, "/manage/people/")
    assert Invitation.objects.count() == 1


def test_only_a_hash_is_kept(world: World) -> None:
    token = issue_invitation(world.members["worker"], actor=world.admin)
    assert token not in str(Invitation.objects.values())
    accept_invitation(find_invitation(token), password=PASSWORD)
    with pytest.raises(NotFound):
        accept_invitation(find_invitation(token), password=PASSWORD)


def test_a_reset_leaves_the_old_password_until_the_link_is_used(world: World) -> None:
    token = issue_invitation(world.members["worker"], actor=world.admin)
    user = world.users["worker"]
    assert user.check_password(world.password)
    phone = world.sign_in(Client(), "worker")
    accept_invitation(find_invitation(token), password=PASSWORD)
    user.refresh_from_db()
    assert not user.check_password(world.password)
    assert phone.get("/m/").status_code == 302, "sessions under the old password end"


def test_who_serves_two_districts_keeps_the_password(world: World) -> None:
    other = make_district("t2", 2)
    token = issue_invitation(world.members["worker"], actor=world.admin)
    with district_scope(other.district):
        Membership.objects.create(user=world.users["worker"], kind="staff", joined_at=clock.now())
    for act in (
        lambda: issue_invitation(world.members["worker"], actor=world.admin),
        lambda: accept_invitation(find_invitation(token), password=PASSWORD),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "serves_elsewhere"
    deactivate_member(world.members["worker"], actor=world.admin)
    world.users["worker"].refresh_from_db()
    assert world.users["worker"].check_password(world.password)


# ---------------------------------------------------------------- accounts
def test_a_closed_account_is_out_at_once_and_comes_back_by_a_link(world: World, admin: Client) -> None:
    member = world.members["worker"]
    create_token(member, name="x")
    phone = world.sign_in(Client(), "worker")
    assert phone.get("/m/").status_code == 200
    assert post(admin, f"people/{member.pk}/deactivate/").status_code == 302
    assert phone.get("/m/").status_code == 302
    assert ApiToken.objects.get().revoked_at is not None
    assert territory().handler(world.grid_team.pk).membership_id == world.members["leader"].pk
    member.refresh_from_db()
    with pytest.raises(Invalid):
        issue_invitation(member, actor=world.admin)
    assert post(admin, f"people/{member.pk}/reactivate/").status_code == 302
    member.refresh_from_db()
    accept_invitation(find_invitation(issue_invitation(member, actor=world.admin)), password=PASSWORD)
    assert world.actor("worker").role_kinds == {"grid_worker"}


def test_nobody_closes_themselves_nor_twice(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        deactivate_member(world.members["admin"], actor=world.admin)
    assert refused.value.code == "oneself"
    with pytest.raises(DomainError):
        reactivate_member(world.members["worker"], actor=world.admin)


def test_only_the_administrator_and_every_step_is_audited(world: World) -> None:
    member = world.members["worker"]
    for act in (issue_invitation, cancel_invitation, deactivate_member, reactivate_member):
        with pytest.raises(NotAllowed):
            act(member, actor=world.center)
    accept_invitation(find_invitation(issue_invitation(member, actor=world.admin)), password=PASSWORD)
    issue_invitation(member, actor=world.admin)
    cancel_invitation(member, actor=world.admin)
    deactivate_member(member, actor=world.admin)
    reactivate_member(member, actor=world.admin)
    found = AuditEvent.objects.filter(object_kind="membership", object_id=member.pk).order_by("pk")
    assert [row.action for row in found] == [
        "invitation.issue", "invitation.use", "invitation.issue", "invitation.cancel", "staff.deactivate",
        "staff.reactivate",
    ]  # fmt: skip


# ---------------------------------------------------------------- the pages
def test_lists_find_people_and_mask_their_phones(world: World, admin: Client) -> None:
    invite(admin)
    for query in ("q=张三", "q=t1-zh", "state=invited", "state=unposted"):
        page = admin.get(f"/manage/people/?{query}").content.decode()
        assert "张三丰" in page, query
        assert "138****1234" in page
        assert "13800001234" not in page
    assert "没有找到人" in admin.get("/manage/people/?q=李四").content.decode()
    assert Staff.objects.get(name__isnull=False, membership__user__handle="t1-zhang").phone == "13800001234"


def test_the_list_takes_as_many_statements_for_many_as_for_few(
    world: World, admin: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(20):
        assert admin.get("/manage/people/").status_code == 200


def test_an_organization_is_founded_staffed_and_ended_in_the_browser(world: World, admin: Client) -> None:
    said = {"name": "区园林局", "kind": "department", "area": world.district_area.pk, "department_kind": "housing"}
    assert post(admin, "organizations/new/", **said).status_code == 302
    department = Organization.objects.get(name="区园林局")
    assert "区园林局" in admin.get("/manage/organizations/?q=园林&level=department").content.decode()
    assert "区园林局" in admin.get("/manage/organizations/vacancies/?level=department").content.decode()
    seat = Post.objects.get(organization=department, is_leader=False)
    since = (clock.today() + DAY).isoformat()
    assert post(admin, f"organizations/posts/{seat.pk}/assign/", member="褚承办", since=since).status_code == 302
    page = admin.get(f"/manage/organizations/{department.pk}/").content.decode()
    assert "将到任" in page
    assert "褚承办" in page
    ticket = dispatch_ticket(report(world), organization_id=department.pk, actor=world.center)
    refused = post(admin, f"organizations/{department.pk}/end/")
    assert refused.status_code == 422
    assert ticket.number in refused.content.decode()
    assert ticket.title not in refused.content.decode()


def test_wrong_input_is_said_beside_its_field(world: World, admin: Client) -> None:
    seat = Post.objects.get(organization=world.water, kind="department_handler")
    page = post(admin, f"organizations/posts/{seat.pk}/assign/", member="谁也不是", since=clock.today().isoformat())
    assert page.status_code == 422
    assert "没有找到在职的这个人" in page.content.decode()
    page = post(admin, "organizations/new/", name="x", kind="street_office", area=world.district_area.pk)
    assert page.status_code == 422


def test_posts_and_terms_in_the_browser(world: World, admin: Client) -> None:
    said = {"kind": "department_handler", "name": "夜班"}
    assert post(admin, f"organizations/{world.water.pk}/posts/new/", **said).status_code == 302
    seat = Post.objects.get(name="夜班")
    assert post(admin, f"organizations/posts/{seat.pk}/rename/", name="晚班").status_code == 302
    assert post(admin, f"organizations/posts/{seat.pk}/end/").status_code == 302
    row = PostAssignment.objects.get(membership=world.members["handler"])
    assert post(admin, f"organizations/assignments/{row.pk}/end/", until=clock.today().isoformat()).status_code == 302
    assert post(admin, f"organizations/{world.committee.pk}/edit/", name="春晓居委会", phone="1").status_code == 302
    assert territory().organization_name(world.committee.pk) == "春晓居委会"


def test_days_away_in_the_browser(world: World, admin: Client) -> None:
    member = world.members["worker"]
    days = {"since": clock.today().isoformat(), "until": (clock.today() + DAY).isoformat()}
    assert post(admin, f"people/{member.pk}/absences/new/", deputy="许网格员", **days).status_code == 302
    assert len(world.actor("other_worker").roles) == 2
    assert "许网格员" in admin.get(f"/manage/people/{member.pk}/").content.decode()
    assert "周网格员" in admin.get("/manage/people/?state=away").content.decode()
    assert post(admin, f"people/absences/{Absence.objects.get().pk}/end/").status_code == 302
    assert len(world.actor("other_worker").roles) == 1


def test_leaving_in_the_browser_hands_the_orders_over(world: World, admin: Client) -> None:
    ticket, member = report(world), world.members["worker"]
    page = admin.get(f"/manage/people/{member.pk}/leave/").content.decode()
    assert ticket.number in page
    assert ticket.title not in page
    said = {"until": (clock.today() - DAY).isoformat(), f"to_{world.grid_team.pk}": world.members["leader"].pk}
    assert post(admin, f"people/{member.pk}/leave/", **said).status_code == 302
    assert WorkOrder.objects.get(ticket=ticket).assignee_id == world.members["leader"].pk
    assert not TicketPolicy.visible(world.actor("worker")).exists()


def test_administrators_see_no_ticket_and_others_none_of_this(world: World, admin: Client) -> None:
    ticket = report(world)
    assert not TicketPolicy.visible(world.admin).exists()
    assert admin.get(f"/desk/t/{ticket.number}/").status_code in (403, 404)
    member = world.members["worker"]
    foreign = make_district("t2", 2)
    stranger = foreign.sign_in(Client(), "admin")
    for path in ("people/", "people/new/", f"people/{member.pk}/", f"people/{member.pk}/leave/", "organizations/"):
        assert world.sign_in(Client(), "center").get(f"/manage/{path}").status_code == 403
        assert Client().get(f"/d/t1/manage/{path}").status_code == 302
        assert stranger.get(f"/d/t1/manage/{path}").status_code == 404
    assert stranger.get(f"/manage/people/{member.pk}/").status_code == 404
    assert stranger.get(f"/manage/organizations/{world.water.pk}/").status_code == 404
