"""The second factor: setting up, showing it once, losing it, and who may not do without."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from django_otp.oath import TOTP

from governance.accounts.models import Authenticator, RecoveryCode, User
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now().replace(microsecond=0)


def code_of(key: str, moment: Any) -> str:
    totp = TOTP(bytes.fromhex(key))
    totp.time = moment.timestamp()
    return f"{totp.token():06d}"


def post(client: Client, handle: str, **data: str) -> Any:
    return client.post("/sign-in/", {"handle": handle, "password": PASSWORD, **data})


def set_up(client: Client, moment: Any) -> tuple[str, list[str]]:
    """Scan the picture and enter the first code; returns the key and the recovery codes."""
    assert client.get("/second-factor/setup/").status_code == 200
    key = Authenticator.objects.get(confirmed=False).key
    done = client.post("/second-factor/setup/", {"code": code_of(key, moment)})
    assert done.status_code == 200, done.content.decode()
    return key, re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", done.content.decode())


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def actions(world: World) -> list[tuple[str, bool]]:
    with district_transaction(world.district):
        return list(AuditEvent.objects.order_by("id").values_list("action", "succeeded"))


def test_after_setting_it_up_the_password_alone_does_not_open(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        key, codes = set_up(client, timezone.now())
        assert len(codes) == len(set(codes)) == 10
        other = Client()
        halfway = post(other, "t1-worker", next="/m/notices/")
        assert halfway["Location"] == "/sign-in/code/"
        assert not signed_in(other)
        assert other.get("/m/").status_code == 302
        moment.shift(timedelta(seconds=30))
        there = other.post("/sign-in/code/", {"code": code_of(key, timezone.now())})
        assert there["Location"] == "/m/notices/"
        assert signed_in(other)
        assert other.get("/m/").status_code == 200


def test_the_key_is_encrypted_in_the_column_and_the_codes_are_digests(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        post(client, "t1-worker")
        key, codes = set_up(client, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM accounts_authenticator")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(code_hash, ' ') FROM accounts_recoverycode")
        digests = cursor.fetchone()[0]
    assert key not in stored
    assert not [code for code in codes if code in digests or code.replace("-", "") in digests]


def test_the_picture_says_what_an_authenticator_reads(world: World, client: Client) -> None:
    post(client, "t1-worker")
    page = client.get("/second-factor/setup/").content.decode()
    waiting = Authenticator.objects.get()
    address = urlsplit(waiting.address)
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    said = parse_qs(address.query)
    assert said["secret"] == [waiting.base32]
    assert (said["digits"], said["period"]) == (["6"], ["30"])
    # Drawn here: the picture is in the page, and no address leads to somebody who draws it.
    assert re.findall(r'<img src="([^,;"]+)', page) == ["data:image/svg+xml"]


def test_a_code_counts_once_and_an_older_one_not_after_it(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        key, _codes = set_up(client, timezone.now())
        moment.shift(timedelta(seconds=60))
        code = code_of(key, timezone.now())
        first, second = Client(), Client()
        post(first, "t1-worker")
        assert first.post("/sign-in/code/", {"code": code}).status_code == 302
        post(second, "t1-worker")
        again = second.post("/sign-in/code/", {"code": code})
        assert again.status_code == 422
        assert "刚用过" in again.content.decode()
        moment.shift(timedelta(seconds=20))
        older = code_of(key, timezone.now() - timedelta(seconds=60))
        assert second.post("/sign-in/code/", {"code": older}).status_code == 422
        assert not signed_in(second)


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_phone_may_be_one_step_off(world: World, client: Client, steps: int, taken: bool) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        key, _codes = set_up(client, timezone.now())
        moment.shift(timedelta(minutes=10))
        other = Client()
        post(other, "t1-worker")
        code = code_of(key, timezone.now() + timedelta(seconds=30 * steps))
        assert (other.post("/sign-in/code/", {"code": code}).status_code == 302) is taken


def test_guessing_codes_waits_longer_each_time_and_ends_the_try(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        key, _codes = set_up(client, timezone.now())
        moment.shift(timedelta(minutes=10))
        other = Client()
        post(other, "t1-worker")
        assert other.post("/sign-in/code/", {"code": "000000"}).status_code == 422
        # Even the right one, at once: a second has not passed.
        assert other.post("/sign-in/code/", {"code": code_of(key, timezone.now())}).status_code == 422
        for _try in range(3):
            last = other.post("/sign-in/code/", {"code": "000000"})
        assert last["Location"] == "/sign-in/"
        moment.shift(timedelta(minutes=4))
        assert other.post("/sign-in/code/", {"code": code_of(key, timezone.now())})["Location"] == "/sign-in/"
        assert not signed_in(other)
        post(other, "t1-worker")
        assert other.post("/sign-in/code/", {"code": code_of(key, timezone.now())}).status_code == 302
    assert actions(world).count(("sign_in", False)) == 5


def test_between_password_and_code_lie_five_minutes_at_most(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        key, _codes = set_up(client, timezone.now())
        other = Client()
        post(other, "t1-worker")
        moment.shift(timedelta(minutes=6))
        assert other.post("/sign-in/code/", {"code": code_of(key, timezone.now())})["Location"] == "/sign-in/"
        assert not signed_in(other)


def test_a_recovery_code_opens_once(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        post(client, "t1-worker")
        _key, codes = set_up(client, timezone.now())
        first, second = Client(), Client()
        post(first, "t1-worker")
        assert first.post("/sign-in/code/", {"code": codes[3].lower()}).status_code == 302
        post(second, "t1-worker")
        assert second.post("/sign-in/code/", {"code": codes[3]}).status_code == 422
        assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_a_first_code_that_is_wrong_sets_nothing_up(world: World, client: Client) -> None:
    post(client, "t1-worker")
    client.get("/second-factor/setup/")
    refused = client.post("/second-factor/setup/", {"code": "000000"})
    assert refused.status_code == 422
    assert "手机时间是否准确" in refused.content.decode()
    assert not Authenticator.objects.filter(confirmed=True).exists()
    assert post(Client(), "t1-worker")["Location"] == "/home/"


def test_setting_it_up_ends_sessions_elsewhere_and_giving_it_up_takes_a_code(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        elsewhere = Client()
        post(elsewhere, "t1-worker")
        post(client, "t1-worker")
        key, _codes = set_up(client, timezone.now())
        assert client.get("/m/").status_code == 200
        assert elsewhere.get("/m/").status_code == 302
        moment.shift(timedelta(minutes=1))
        assert client.post("/second-factor/", {"code": "000000"}).status_code == 422
        moment.shift(timedelta(minutes=1))
        assert client.post("/second-factor/", {"code": code_of(key, timezone.now())}).status_code == 302
        assert post(Client(), "t1-worker")["Location"] == "/home/"
    assert ("second_factor.disable", True) in actions(world)


def test_new_recovery_codes_void_the_old_ones(world: World, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-worker")
        key, codes = set_up(client, timezone.now())
        moment.shift(timedelta(minutes=1))
        page = client.post("/second-factor/codes/", {"code": code_of(key, timezone.now())}).content.decode()
        assert codes[0] not in page
        other = Client()
        post(other, "t1-worker")
        assert other.post("/sign-in/code/", {"code": codes[0]}).status_code == 422


@pytest.mark.parametrize("name", ["admin", "security", "auditor"])
def test_an_administrator_without_it_reaches_nothing_but_its_page(
    world: World, client: Client, settings: Any, name: str
) -> None:
    settings.SECOND_FACTOR = "required"
    post(client, f"t1-{name}")
    for path in _pages():
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"] == "/second-factor/setup/", path
    answer = client.get("/api/v1/tickets/")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    assert client.post("/change-password/", {}).status_code == 422
    assert client.post("/sign-out/").status_code == 302


def _pages() -> list[str]:
    """Every page of staff and platform whose address takes no argument."""
    found = []
    for space in ("manage", "desk", "m", "board", "setup", "admin"):
        resolver = next(row for row in get_resolver().url_patterns if str(row.pattern) == f"{space}/")
        found += [f"/{space}/{path}" for path in _plain(resolver)]
    assert len(found) > 40
    return [*found, "/home/", "/account/"]


def _plain(resolver: Any) -> list[str]:
    found = []
    for row in resolver.url_patterns:
        text = str(row.pattern)
        if any(sign in text for sign in "<(^"):
            continue
        found += [text] if isinstance(row, URLPattern) else [text + rest for rest in _plain(row)]
    return [path for path in found if not path.endswith(("login/", "logout/"))]


def test_an_administrator_with_it_works_and_cannot_give_it_up(world: World, client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    with time_machine.travel(NOW, tick=False) as moment:
        post(client, "t1-admin")
        key, _codes = set_up(client, timezone.now())
        assert client.get("/manage/").status_code == 200
        moment.shift(timedelta(minutes=1))
        assert client.post("/second-factor/", {"code": code_of(key, timezone.now())}).status_code == 403
        assert Authenticator.objects.get().confirmed


def test_other_staff_are_only_offered_it(world: World, client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    post(client, "t1-dispatcher")
    assert client.get("/desk/").status_code == 200
    assert "现在设置" in client.get("/second-factor/").content.decode()


def test_the_platforms_administrator_needs_it_too(world: World, client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    User.objects.create_superuser("platform", PASSWORD)
    with time_machine.travel(NOW, tick=False):
        assert post(client, "platform").status_code == 302
        for path in ("/admin/", "/setup/", "/admin/kernel/nationalcalendarday/"):
            assert client.get(path)["Location"] == "/second-factor/setup/", path
        set_up(client, timezone.now())
        assert client.get("/admin/").status_code == 200
        assert client.get("/setup/").status_code == 200


def test_the_administration_has_no_door_of_its_own(world: World, client: Client) -> None:
    assert client.get("/admin/login/")["Location"].startswith("/sign-in/")
    User.objects.create_superuser("platform", PASSWORD)
    client.post("/admin/login/", {"username": "platform", "password": PASSWORD})
    assert not signed_in(client)


def test_with_a_phone_set_up_the_link_of_an_invitation_is_no_way_round_it(world: World, client: Client) -> None:
    from governance.accounts.actions.invitations import issue_invitation

    with time_machine.travel(NOW, tick=False):
        post(client, "t1-worker")
        set_up(client, timezone.now())
        with district_transaction(world.district):
            token = issue_invitation(world.members["worker"], actor=world.admin)
        other = Client()
        page = other.get(f"/d/t1/invitation/{token}/", follow=True)
        path = page.redirect_chain[-1][0] if page.redirect_chain else f"/d/t1/invitation/{token}/"
        other.post(path, {"new": "Another-way-in-7", "again": "Another-way-in-7"})
        assert not signed_in(other)
        assert other.get("/d/t1/m/").status_code == 302


def test_the_security_administrator_takes_a_lost_one_away(world: World, client: Client) -> None:
    member = world.members["worker"].pk
    with time_machine.travel(NOW, tick=False):
        post(client, "t1-worker")
        set_up(client, timezone.now())
        keeper = Client()
        post(keeper, "t1-security")
        assert keeper.post(f"/manage/security/{member}/reset-second-factor/").status_code == 302
        assert client.get("/m/").status_code == 302
        assert post(Client(), "t1-worker")["Location"] == "/home/"
        again = keeper.post(f"/manage/security/{member}/reset-second-factor/")
        assert again.status_code == 422
        own = keeper.post(f"/manage/security/{world.members['security'].pk}/reset-second-factor/")
        assert "另一位安全管理员" in own.content.decode()
    assert ("second_factor.reset", True) in actions(world)
