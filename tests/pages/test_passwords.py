"""What a password must be, when it must be a new one, and that guessing stops without locking people out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from governance.accounts.models import PasswordRecord, User
from governance.kernel.tenancy.context import district_transaction
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now().replace(microsecond=0)
GOOD = [f"Lu-deng-{n}-buliang" for n in range(8)]


def post(client: Client, handle: str, password: str = PASSWORD, address: str = "10.0.0.1") -> Any:
    return client.post("/sign-in/", {"handle": handle, "password": password}, REMOTE_ADDR=address)


def change(client: Client, old: str, new: str) -> Any:
    return client.post("/change-password/", {"old": old, "new": new, "again": new})


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Short-1a", "10"),
        ("onlysmallletters", "至少要有 3 种"),
        ("1234567890-12", "至少要有 3 种"),
        ("x-T1-Worker-99", "账号或姓名"),
        ("Zhouwanggeyuan-1", "账号或姓名"),
        ("周网格员-Ab-12345", "账号或姓名"),
        ("Password123", "常见"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(world: World, password: str, sentence: str) -> None:
    with district_transaction(world.district), pytest.raises(ValidationError) as refused:
        validate_password(password, world.users["worker"])
    assert any(sentence in words for words in refused.value.messages), refused.value.messages


def test_a_strong_one_is_taken(world: World) -> None:
    with district_transaction(world.district):
        validate_password(GOOD[0], world.users["worker"])


def test_none_of_the_last_five_comes_back(world: World, client: Client) -> None:
    post(client, "t1-worker")
    current = PASSWORD
    for new in GOOD[:6]:
        assert change(client, current, new).status_code == 302
        current = new
    for used in GOOD[1:6]:
        refused = change(client, current, used)
        assert refused.status_code == 422
        assert "最近 5 次用过" in refused.content.decode()
    assert change(client, current, GOOD[0]).status_code == 302
    kept = list(PasswordRecord.objects.filter(user=world.users["worker"]))
    assert len(kept) == 5
    assert not [row for row in kept if row.password in GOOD]


def test_after_ninety_days_a_new_one_comes_before_everything(world: World, client: Client) -> None:
    User.objects.filter(handle="t1-worker").update(password_changed_at=NOW - timedelta(days=89))
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        assert client.get("/m/").status_code == 200
        moment.shift(timedelta(days=2))
        post(client, "t1-worker")
        assert client.get("/m/")["Location"] == "/change-password/"
        assert client.get("/api/v1/tickets/").json()["code"] == "password_expired"
        assert "90 天没有更换" in client.get("/change-password/").content.decode()
        assert change(client, PASSWORD, GOOD[0]).status_code == 302
        assert client.get("/m/").status_code == 200


def test_who_is_near_the_end_and_who_failed_since_is_told_at_sign_in(world: World, client: Client) -> None:
    User.objects.filter(handle="t1-dispatcher").update(password_changed_at=NOW - timedelta(days=80, hours=1))
    with time_machine.travel(NOW, tick=False) as moment:
        assert "上次登录" not in client.get(post(client, "t1-dispatcher")["Location"], follow=True).content.decode()
        moment.shift(timedelta(hours=3))
        post(Client(), "t1-dispatcher", "not this one")
        again = Client()
        page = again.get(post(again, "t1-dispatcher")["Location"], follow=True).content.decode()
        assert "此后有 1 次登录没有成功" in page
        assert "密码还有 9 天到期" in page


def test_many_addresses_do_not_get_five_tries_each(world: World) -> None:
    for number in range(20):
        assert post(Client(), "t1-worker", "not this one", f"10.0.1.{number}").status_code == 422
    locked = post(Client(), "t1-worker", PASSWORD, "10.0.2.1")
    assert locked.status_code == 429
    assert post(Client(), "nobody-here", "x", "10.0.2.1").status_code == 422


def test_an_unknown_handle_is_locked_everywhere_in_the_same_way(world: World) -> None:
    for number in range(20):
        post(Client(), "nobody-here", "not this one", f"10.0.1.{number}")
    assert post(Client(), "nobody-here", "not this one", "10.0.2.1").status_code == 429


def test_strangers_cannot_lock_a_person_out_of_the_browser_they_use(world: World) -> None:
    own = Client()
    assert post(own, "t1-worker").status_code == 302
    own.post("/sign-out/")
    for number in range(30):
        post(Client(), "t1-worker", "not this one", f"10.0.1.{number % 25}")
    # From the very address of the person as well: a whole office may share it.
    for _try in range(6):
        post(Client(), "t1-worker", "not this one")
    assert post(Client(), "t1-worker").status_code == 429
    assert post(own, "t1-worker").status_code == 302


def test_a_known_browser_has_five_tries_like_everybody(world: World) -> None:
    own = Client()
    post(own, "t1-worker")
    own.post("/sign-out/")
    for _try in range(5):
        last = post(own, "t1-worker", "not this one")
    assert last.status_code == 429
    assert post(own, "t1-worker").status_code == 429


def test_a_cookie_somebody_made_up_or_took_from_another_handle_helps_nothing(world: World) -> None:
    other = Client()
    post(other, "t1-leader")
    for number in range(20):
        post(Client(), "t1-worker", "not this one", f"10.0.1.{number}")
    assert post(other, "t1-worker").status_code == 429
    forged = Client()
    forged.cookies["known_browser"] = "t1-worker:abc:def"
    assert post(forged, "t1-worker").status_code == 429


def test_the_security_administrator_sees_and_lifts_the_lock(world: World) -> None:
    for number in range(20):
        post(Client(), "t1-worker", "not this one", f"10.0.1.{number}")
    keeper = Client()
    post(keeper, "t1-security", address="10.0.3.1")
    page = keeper.get("/manage/security/").content.decode()
    assert "1 个账号被锁定" in page
    member = world.members["worker"].pk
    assert "失败 20 次" in keeper.get(f"/manage/security/{member}/").content.decode()
    assert keeper.post(f"/manage/security/{member}/unlock/").status_code == 302
    assert post(Client(), "t1-worker", address="10.0.2.1").status_code == 302
    assert keeper.post(f"/manage/security/{member}/unlock/").status_code == 422


def test_accounts_of_other_districts_are_not_named(world: World) -> None:
    from tests.world import make_district

    make_district("t2", 2)
    for number in range(20):
        post(Client(), "t2-worker", "not this one", f"10.0.1.{number}")
    keeper = Client()
    post(keeper, "t1-security", address="10.0.3.1")
    page = keeper.get("/manage/security/").content.decode()
    assert "没有账号被锁定" in page
    assert "t2-worker" not in page


def test_ending_sessions_signs_out_everywhere_but_keeps_the_password(world: World) -> None:
    phone, desk, keeper = Client(), Client(), Client()
    post(phone, "t1-worker")
    post(desk, "t1-worker")
    post(keeper, "t1-security")
    assert keeper.post(f"/manage/security/{world.members['worker'].pk}/end-sessions/").status_code == 302
    assert [client.get("/m/").status_code for client in (phone, desk)] == [302, 302]
    assert keeper.get("/manage/security/").status_code == 200
    assert post(Client(), "t1-worker").status_code == 302


def test_a_revoked_token_opens_nothing(world: World) -> None:
    from governance.accounts.models import ApiToken
    from governance.accounts.tokens import create_token

    with district_transaction(world.district):
        secret = create_token(world.members["dispatcher"], name="对接程序")
        token = ApiToken.objects.get()
    headers = {"HTTP_AUTHORIZATION": f"Token {secret}"}
    assert Client().get("/api/v1/tickets/", **headers).status_code == 200
    keeper = Client()
    post(keeper, "t1-security")
    assert "对接程序" in keeper.get("/manage/security/").content.decode()
    assert keeper.post(f"/manage/security/tokens/{token.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/tickets/", **headers).status_code == 401
    assert keeper.get(f"/manage/security/tokens/{token.pk}/revoke/").status_code == 404


def test_administrators_are_idle_after_fifteen_minutes(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        worker = Client()
        post(client, "t1-admin")
        post(worker, "t1-worker")
        assert client.get("/manage/").status_code == 200
        moment.shift(timedelta(minutes=16))
        assert worker.get("/m/").status_code == 200
        away = client.get("/manage/")
        assert away["Location"] == "/sign-in/?next=%2Fmanage%2F&idle=15"
        assert "15 分钟没有操作" in client.get(away["Location"]).content.decode()


def test_the_busiest_session_ends_after_twelve_hours(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        for _quarter in range(48):
            assert client.get("/m/notices/").status_code == 200
            moment.shift(timedelta(minutes=15))
        moment.shift(timedelta(seconds=1))
        away = client.get("/m/notices/")
        assert "long=12" in away["Location"]
        assert "一次登录最多 12 小时" in client.get(away["Location"]).content.decode()
