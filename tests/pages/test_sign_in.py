"""Signing in, locking out, choosing a district and being forgotten. No scope is open: requests open their own."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import set_script_prefix
from django.utils import timezone

from governance.accounts.models import ApiToken, Membership, User
from governance.accounts.tokens import hash_secret
from governance.accounts.views.sign_in import home_for
from governance.kernel.actors import Actor, Role
from governance.kernel.errors import NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from tests.world import PASSWORD, World, make_district

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = "账号或密码不对"
NOW = timezone.now().replace(microsecond=0)


def post(client: Client, handle: str, password: str = PASSWORD, prefix: str = "", **data: str) -> Any:
    return client.post(f"{prefix}/sign-in/", {"handle": handle, "password": password, **data})


def audited(world: World) -> list[tuple[str, str, bool]]:
    with district_transaction(world.district):
        return list(AuditEvent.objects.order_by("id").values_list("action", "actor", "succeeded"))


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_worker_lands_on_the_phone_pages_of_the_own_district(world: World, client: Client) -> None:
    answer = post(client, "t1-worker")
    assert answer.status_code == 302
    assert answer["Location"] == "/home/"
    assert client.session["district_id"] == world.district.pk
    assert client.get("/home/")["Location"] == "/m/"


def test_within_a_districts_address_everything_stays_there(world: World, client: Client) -> None:
    assert post(client, "t1-dispatcher", prefix="/d/t1")["Location"] == "/d/t1/home/"
    assert client.get("/d/t1/home/")["Location"] == "/d/t1/desk/"


@pytest.mark.parametrize(
    ("kinds", "surface"),
    [
        (["grid_worker"], "/m/"),
        (["grid_leader"], "/desk/"),
        (["department_handler"], "/desk/"),
        (["return_visitor"], "/desk/"),
        (["district_official"], "/board/"),
        (["grid_worker", "community_staff"], "/m/"),
    ],
)
def test_everybody_has_one_surface(kinds: list[str], surface: str) -> None:
    set_script_prefix("/")  # what the last request left behind
    roles = tuple(Role(kind, "grid", 1, 1) for kind in kinds)
    assert home_for(Actor("someone", membership_id=1, roles=roles)) == surface


def test_a_member_without_a_post_has_none() -> None:
    with pytest.raises(NotAllowed):
        home_for(Actor("someone", membership_id=1))


def test_unknown_handle_and_wrong_password_get_the_same_answer(world: World, client: Client) -> None:
    known, unknown = post(client, "t1-worker", "not this one"), post(client, "nobody-here", "not this one")
    assert known.status_code == unknown.status_code == 422
    errors = [answer.context["form"].non_field_errors() for answer in (known, unknown)]
    assert errors[0] == errors[1]
    assert WRONG in errors[0][0]
    assert not signed_in(client)


def test_the_sixth_try_is_locked_even_with_the_right_password(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        for _try in range(5):
            last = post(client, "t1-worker", "not this one")
        sixth = post(client, "T1-Worker ")  # another spelling is the same handle
        assert last.status_code == sixth.status_code == 429
        assert not signed_in(client)
        assert "30 分钟" in sixth.content.decode()
        moment.shift(timedelta(minutes=31))
        assert post(client, "t1-worker").status_code == 302


def test_an_unknown_handle_is_locked_with_the_same_page(world: World, client: Client) -> None:
    pages = {}
    for handle in ("t1-worker", "nobody-here"):
        for _try in range(6):
            answer = post(Client(), handle, "not this one")
        pages[handle] = (answer.status_code, answer.content)
    assert pages["t1-worker"] == pages["nobody-here"]


def test_locking_one_handle_locks_nobody_else(world: World, client: Client) -> None:
    for _try in range(6):
        post(client, "t1-worker", "not this one")
    assert post(client, "t1-leader").status_code == 302


def test_a_success_forgets_the_failures_before_it(world: World) -> None:
    for _round in range(2):
        for _try in range(4):
            post(Client(), "t1-worker", "not this one")
        assert post(Client(), "t1-worker").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "http:///x"]
)
def test_an_address_elsewhere_is_not_followed(world: World, client: Client, target: str) -> None:
    assert target not in client.get("/sign-in/", {"next": target}).content.decode()
    assert post(client, "t1-worker", next=target)["Location"] == "/home/"


def test_one_comes_back_to_the_page_one_wanted(world: World, client: Client) -> None:
    away = client.get("/change-password/?from=mail")
    assert away["Location"] == "/sign-in/?next=%2Fchange-password%2F%3Ffrom%3Dmail"
    assert post(client, "t1-worker", next="/change-password/?from=mail")["Location"] == "/change-password/?from=mail"


def test_the_session_gets_a_new_key(world: World, client: Client) -> None:
    post(client, "t1-worker")
    before = client.session.session_key
    post(client, "t1-worker")
    assert client.session.session_key != before


def test_a_session_of_one_district_is_nobody_in_another(world: World, client: Client) -> None:
    make_district("t2", 2)
    post(client, "t1-worker")
    assert client.get("/d/t1/home/").status_code == 302
    for path in ("home/", "change-password/"):
        assert client.get(f"/d/t2/{path}").status_code == 404


def test_an_account_of_another_district_does_not_open_this_one(world: World, client: Client) -> None:
    other = make_district("t2", 2)
    answer = post(client, "t1-worker", prefix="/d/t2")
    assert answer.status_code == 422
    assert not signed_in(client)
    assert (
        answer.context["form"].non_field_errors()
        == post(client, "t1-worker", "not this one", prefix="/d/t2").context["form"].non_field_errors()
    )
    assert audited(other) == []
    assert audited(world)[0] == ("sign_in", "public", False)


def test_an_ended_membership_opens_nothing(world: World, client: Client) -> None:
    with district_transaction(world.district):
        Membership.objects.filter(pk=world.members["worker"].pk).update(is_active=False)
    assert post(client, "t1-worker").status_code == 422
    assert not signed_in(client)


def test_two_districts_are_asked_for_and_only_these_two(world: World, client: Client) -> None:
    second, third = make_district("t2", 2), make_district("t3", 3)
    with district_transaction(second.district):
        Membership.objects.create(user=world.users["dispatcher"], kind="staff", joined_at=NOW)
    answer = post(client, "t1-dispatcher", next="/desk/?view=late")
    assert answer["Location"] == "/choose-district/?next=%2Fdesk%2F%3Fview%3Dlate"
    assert "district_id" not in client.session
    page = client.get(answer["Location"]).content.decode()
    assert world.district.name in page
    assert second.district.name in page
    assert third.district.name not in page
    assert client.post("/choose-district/", {"district": third.district.pk}).status_code == 200
    assert "district_id" not in client.session
    chosen = client.post("/choose-district/", {"district": second.district.pk, "next": "/desk/?view=late"})
    assert chosen["Location"] == "/desk/?view=late"
    assert client.session["district_id"] == second.district.pk
    assert audited(second) == [("sign_in", f"member:{_membership(second, world.users['dispatcher'])}", True)]
    assert audited(world) == []


def _membership(world: World, user: User) -> int:
    with district_transaction(world.district):
        return Membership.objects.get(user=user).pk


def test_without_a_chosen_district_a_page_asks_for_one(world: World, client: Client) -> None:
    client.force_login(world.users["worker"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/home/")["Location"] == "/choose-district/?next=%2Fhome%2F"


def test_sign_in_failure_and_sign_out_are_audited(world: World, client: Client) -> None:
    post(client, "t1-worker", "not this one")
    post(client, "nobody-here", "not this one")
    post(client, "t1-worker")
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not signed_in(client)
    me = f"member:{world.members['worker'].pk}"
    assert audited(world) == [("sign_in", "public", False), ("sign_in", me, True), ("sign_out", me, True)]


def test_half_an_hour_of_silence_ends_the_session(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        for _step in range(3):
            moment.shift(timedelta(minutes=29))
            assert client.get("/home/")["Location"] == "/m/"
        moment.shift(timedelta(minutes=31))
        away = client.get("/home/")
        assert away["Location"] == "/sign-in/?next=%2Fhome%2F&idle=30"
        assert not signed_in(client)
        assert "30 分钟没有操作" in client.get(away["Location"]).content.decode()


def test_the_session_of_busy_people_is_written_once_a_minute(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        client.get("/home/")
        seen = client.session["seen_at"]
        moment.shift(timedelta(seconds=30))
        client.get("/home/")
        assert client.session["seen_at"] == seen
        moment.shift(timedelta(seconds=31))
        client.get("/home/")
        assert client.session["seen_at"] == seen + 61


def test_cookies_are_closed_to_scripts_and_other_sites(world: World, client: Client) -> None:
    post(client, "t1-worker")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"


def test_changing_the_password_ends_other_sessions(world: World, client: Client) -> None:
    elsewhere = Client()
    for one in (client, elsewhere):
        post(one, "t1-worker")
    new = "quite-Another-password"
    refused = client.post("/change-password/", {"old": "not this one", "new": new, "again": new})
    assert refused.status_code == 422
    assert refused.context["form"].errors["old"]
    short = client.post("/change-password/", {"old": PASSWORD, "new": "short", "again": "shor"})
    assert set(short.context["form"].errors) == {"new"}
    done = client.post("/change-password/", {"old": PASSWORD, "new": new, "again": new})
    assert done["Location"] == "/home/"
    assert client.get("/home/").status_code == 302
    assert client.get("/home/")["Location"] == "/m/"
    assert elsewhere.get("/home/")["Location"].startswith("/sign-in/")
    assert post(Client(), "t1-worker").status_code == 422
    assert post(Client(), "t1-worker", new).status_code == 302
    assert [row[2] for row in audited(world) if row[0] == "change_password"] == [False, False, True]


def test_an_administrator_of_the_platform_goes_to_the_districts(db: None, client: Client) -> None:
    User.objects.create(handle="root-of-all", password=make_password(PASSWORD), is_staff=True, is_superuser=True)
    assert post(client, "root-of-all")["Location"] == "/setup/"


def test_the_command_prints_a_token_that_works_and_keeps_its_hash_alone(world: World) -> None:
    out, err = StringIO(), StringIO()
    call_command("create_api_token", "t1-center", district="t1", name="统计接口", stdout=out, stderr=err)
    text = out.getvalue().strip()
    assert text.startswith(f"gk1.{world.district.pk}.")
    with district_transaction(world.district):
        token = ApiToken.objects.get()
        assert token.key_hash == hash_secret(text.split(".", 2)[2])
        assert token.membership_id == world.members["center"].pk
    assert audited(world) == [("create_api_token", "command", True)]


@pytest.mark.parametrize(("handle", "district"), [("nobody-here", "t1"), ("t1-center", "t9"), ("t1-center", "t2")])
def test_no_token_for_strangers(world: World, handle: str, district: str) -> None:
    make_district("t2", 2)
    with pytest.raises(CommandError):
        call_command("create_api_token", handle, district=district, name="x", stdout=StringIO(), stderr=StringIO())


def test_the_administration_locks_out_as_well(db: None, client: Client) -> None:
    User.objects.create(handle="root-of-all", password=make_password(PASSWORD), is_staff=True, is_superuser=True)
    for password in ("not this one",) * 5 + (PASSWORD,):
        answer = post(client, "root-of-all", password)
    assert answer.status_code == 429
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/sign-in/")
    assert not signed_in(client)
