"""Pages that stand open for a moment or for one person alone, where the walk of the table of permissions cannot go.

Each is brought about by the real actions and then asked what every other page is asked (``test_every_page``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import clear_script_prefix, reverse
from django.utils import timezone
from playwright.sync_api import Browser

from governance.kernel import clock
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_transaction
from grids.actions.heads import invite_head
from grids.models import PostAssignment
from requests_intake.models import CaseMember, ClinicDuty, Ticket
from requests_intake.rating_links import rating_paths
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_every_page import look_at, uncut
from tests.browser.walk import CHECKS, Stop, Walker, client_of
from tests.cases import PHONE as NUMBER
from tests.cases import announcement_draft, ticket_in
from tests.clinics import booked, clinic_of, member_of
from tests.households.homes import home, with_rooms
from tests.mediators import a_case, a_mediator
from tests.pages.test_second_factor import set_up
from tests.posts.cast import nomination
from tests.requests_intake.test_restricted import officer, tip
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)


def path(name: str, *args: Any) -> str:
    clear_script_prefix()  # the last request left its own
    return reverse(name, args=args)


@pytest.fixture
def walker(live_server: Any, world: World, chromium: Browser, settings: Any, tmp_path: Path) -> Iterator[Walker]:
    settings.MEDIA_ROOT = tmp_path
    found = Walker(chromium, live_server.url, world, "")
    yield found
    found.close()


def seen(walker: Walker, stops: list[Stop]) -> None:
    """Every one of them is a page, and nothing is wrong with it."""
    widths = (DESK, PHONE) if stops[0].path.startswith("/desk") else (PHONE, DESK)
    missed = [stop.name for stop in stops if not look_at(walker, stop, *widths)]
    assert walker.findings == [], "\n".join(["", *walker.findings])
    assert missed == []


def test_pages_a_resident_reaches_by_a_link_or_in_the_middle_of_something(walker: Walker, world: World) -> None:
    with district_transaction(world.district):
        fresh, rated = ticket_in(world, "visiting"), ticket_in(world, "visiting")
        fresh_link, rated_link = (rating_paths([each])[each.pk] for each in (fresh, rated))
        home(
            world.building,
            with_rooms(world.building, units=1, floors=1, doors=1)[0],
            world.worker,
            contact_phone=NUMBER,
        )
        vote = path("resident:vote", nomination(world, "王楼长", "李热心").pk)
        booking = booked(clinic_of(world, clock.today() + timedelta(days=3)), phone=NUMBER)
    here = f"/d/{world.district.code}"
    Client().post(f"{here}{rated_link}", {"idempotency_key": str(uuid4()), "face": "so_so"})
    entering = Client()
    entering.post(f"{here}/login/", {"phone": "13800004321"})
    author = client_of("resident", world, "")
    said = {"idempotency_key": str(uuid4()), "content": "三号楼总吵架", "community": world.community.pk}
    author.post(f"{here}/letter/", said)
    with district_transaction(world.district):
        letter = Ticket.objects.get(channel="letter_to_secretary")
    walker.clients = {"entering": entering, "resident": author}
    seen(
        walker,
        [
            Stop("resident:rate_link", fresh_link, "anonymous"),
            Stop("resident:rate_link", rated_link, "anonymous"),
            Stop("resident:vote", vote, "resident"),
            Stop("resident:booking_cancel", path("resident:booking_cancel", booking.pk), "resident"),
            Stop("resident:letter_write", path("resident:letter_write", letter.number), "resident"),
            Stop("resident:login_code", path("resident:login_code"), "entering"),
        ],
    )


def test_pages_of_one_desk_alone(walker: Walker, world: World) -> None:
    with district_transaction(world.district):
        officer(world)
        report = tip(world)
        a_mediator(world, "second")
        clinic = clinic_of(world, clock.today() + timedelta(days=3))
        ClinicDuty.objects.create(clinic=clinic, member=member_of(world, clinic.committee, "second"))
        booking = booked(clinic, phone=NUMBER)
        notice = announcement_draft(world)
        review = ticket_in(world, "review")
        left = a_case(world)
        PostAssignment.objects.filter(membership=world.members["mediator"]).update(
            until=clock.today() - timedelta(days=1)
        )
        bump_reference()
    clerk, desk = walker.client("staff"), walker.client("officer")
    said = {"channel": "letter_box", "content": "路灯不亮", "is_anonymous": "on", "community": world.community.pk}
    assert clerk.post(path("desk:new"), {**said, "idempotency_key": "new"}).status_code == 302
    member = {"member": world.members["supervisor"].pk, "role": "supervisor", "reason": "请他督办"}
    assert desk.post(path("desk:circle", report.number), {**member, "idempotency_key": "in"}).status_code == 302
    with district_transaction(world.district):
        inside = CaseMember.objects.get()
    seen(
        walker,
        [
            Stop("desk:recorded", path("desk:recorded"), "staff"),
            Stop("desk:circle", path("desk:circle", report.number), "officer"),
            Stop("desk:circle_end", path("desk:circle_end", report.number, inside.pk), "officer"),
            Stop("desk:opened", path("desk:opened", review.number), "secretary"),
            Stop("desk:review", path("desk:review", review.number), "secretary"),
            Stop("desk:booking_case", path("desk:booking_case", booking.pk), "second"),
            Stop("desk:mediation_take", path("desk:mediation_take", left.number), "second"),
            *(
                Stop(name, path(name, notice.number), "secretary")
                for name in ("services_desk:edit", "services_desk:publish", "services_desk:discard")
            ),
        ],
    )


def test_pages_of_somebody_who_comes_for_the_first_time_or_shows_a_second_proof(walker: Walker, world: World) -> None:
    with district_transaction(world.district):
        _member, token = invite_head(
            world.building, unit=None, since=clock.today(), handle="t1-head", name="赵楼长", actor=world.admin
        )
    proven, halfway = Client(), Client()
    for client in (proven, halfway):
        assert client.post("/sign-in/", {"handle": "t1-worker", "password": PASSWORD}).status_code == 302
        if client is proven:
            set_up(client, timezone.now())
    walker.clients = {"proven": proven, "halfway": halfway}
    seen(
        walker,
        [
            Stop("accounts:invitation", path("accounts:invitation", token), "anonymous"),
            Stop("accounts:sign_in_code", path("accounts:sign_in_code"), "halfway"),
            Stop("accounts:second_factor", path("accounts:second_factor"), "proven"),
            Stop("accounts:recovery_codes", path("accounts:recovery_codes"), "proven"),
        ],
    )


def test_the_first_page_of_an_empty_installation(live_server: Any, chromium: Browser, open_page: Any) -> None:
    walker = Walker(chromium, live_server.url, None, "")  # type: ignore[arg-type]  # there is no district yet
    stop = Stop("setup:first", "/setup/first/", "nobody")
    for size in (PHONE, DESK):
        page, width = open_page(size), str(size["width"])
        page.goto(live_server.url)
        page.wait_for_url(f"**{stop.path}")
        page.evaluate(CHECKS.read_text())
        walker.axe(stop, page, width)
        walker.tab_through(stop, page, width)
        uncut(walker, stop, page, width)
    assert walker.findings == []
