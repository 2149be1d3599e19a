"""Limits of how often: the same for pages and API, with the standard header fields, with Redis and without."""

from __future__ import annotations

import re
import secrets
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as RedisConnectionError

from governance.kernel import throttle
from governance.kernel.models import ThrottleCount
from governance.kernel.tenancy.context import no_district
from governance.settings import env
from requests_intake.models import Ticket
from tests.api.conftest import Client as ApiFactory
from tests.api.conftest import PathClient, api  # noqa: F401 the fixture
from tests.cases import CONTENT, SECRET, report
from tests.world import World

pytestmark = pytest.mark.django_db

AN_HOUR = 3_600


@pytest.fixture(autouse=True)
def _fresh_counts(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Nobody has been counted yet: what an earlier test or run has counted stands under other names."""
    monkeypatch.setattr(throttle.redis, "away_until", 0.0)
    default = {**settings.CACHES["default"], "KEY_PREFIX": f"test-{uuid4()}"}
    settings.CACHES = {**settings.CACHES, "default": default}


@pytest.fixture
def no_redis(settings: Any, _fresh_counts: None) -> None:
    """The cache at an address where nobody listens."""
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere.sock"}}


def limit(settings: Any, name: str, quota: int) -> None:
    settings.THROTTLES = {**settings.THROTTLES, name: (quota, AN_HOUR)}


def fresh_address() -> str:
    """One that no other test has counted under."""
    return "10." + ".".join(str(byte) for byte in secrets.token_bytes(3))


def visitor(address: str = "") -> Client:
    return Client(REMOTE_ADDR=address or fresh_address())


def say(client: Client, world: World, content: str = CONTENT) -> Any:
    body = {"content": content, "building": world.building.pk, "phone": "13800001234", "idempotency_key": uuid4()}
    with no_district():
        return client.post(f"/d/{world.district.code}/report/", body)


def follow(client: Client, world: World, number: str, secret: str = SECRET) -> Any:
    with no_district():
        return client.post(f"/d/{world.district.code}/track/", {"number": number, "secret": secret})


def test_a_report_too_many_is_refused_in_words_and_keeps_what_was_typed(world: World, settings: Any) -> None:
    limit(settings, "report", 2)
    client = visitor()
    assert [say(client, world).status_code for _ in range(2)] == [302, 302]
    refused = say(client, world, "三楼的窗户掉下来了")
    page = refused.content.decode()
    assert refused.status_code == 429
    assert "三楼的窗户掉下来了" in page
    assert "13800001234" in page
    assert "分钟再试" in page
    assert Ticket.objects.count() == 2
    assert say(visitor(), world).status_code == 302, "another network is not concerned"


def test_a_refusal_says_when_to_come_back_in_the_standard_header_fields(world: World, settings: Any) -> None:
    limit(settings, "report", 1)
    client = visitor()
    first, second = say(client, world), say(client, world)
    assert first["RateLimit-Policy"] == f'"report";q=1;w={AN_HOUR}'
    assert re.fullmatch(r'"report";r=0;t=\d{1,4}', first["RateLimit"])
    assert "Retry-After" not in first
    assert 1 <= int(second["Retry-After"]) <= AN_HOUR
    assert second["RateLimit"] == f'"report";r=0;t={second["Retry-After"]}'


def test_photos_of_a_refused_report_are_not_even_looked_at(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(settings, "report", 1)
    limit(settings, "search", 1)
    from django.core.files.uploadedfile import SimpleUploadedFile

    from requests_intake.forms import photos

    looked: list[Any] = []
    monkeypatch.setattr(photos, "store_photos", lambda uploads: looked.append(uploads) or [])
    client = visitor()
    say(client, world)
    for extra in ({}, {"look": "1"}, {"look": "1"}):
        body = {"content": CONTENT, "idempotency_key": uuid4(), "photos": SimpleUploadedFile("a.jpg", b"x"), **extra}
        with no_district():
            answer = client.post(f"/d/{world.district.code}/report/", body)
    assert answer.status_code == 429
    assert "请重选一次" in answer.content.decode()
    assert len(looked) == 1, "only the one look that was allowed"


def test_guessing_at_many_tickets_is_stopped_per_address(world: World, settings: Any) -> None:
    limit(settings, "track", 3)
    numbers = [report(world).number for _ in range(4)]
    client = visitor()
    assert [follow(client, world, number, "0000").status_code for number in numbers[:3]] == [422] * 3
    refused = follow(client, world, numbers[3])
    assert refused.status_code == 429
    assert numbers[3] in refused.content.decode(), "what was typed stands there"
    assert "followed" not in client.session


def test_page_and_endpoint_share_one_count(world: World, settings: Any) -> None:
    limit(settings, "track", 1)
    ticket, address = report(world), fresh_address()
    follow(visitor(address), world, ticket.number)
    program = PathClient(REMOTE_ADDR=address)
    program.prefix = f"/d/{world.district.code}"
    refused = program.post(f"/api/v1/public/tickets/{ticket.number}/", {"secret": SECRET})
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "throttled"
    assert int(refused["Retry-After"]) > 0


def test_colleagues_behind_one_address_do_not_share_a_limit(world: World, settings: Any, api: ApiFactory) -> None:  # noqa: F811
    limit(settings, "api_read", 2)
    with no_district():
        worker, dispatcher = api("worker"), api("dispatcher")
        assert [worker.get("/api/v1/me/").status_code for _ in range(3)] == [200, 200, 429]
        assert dispatcher.get("/api/v1/me/").status_code == 200


def test_every_answer_of_the_api_says_what_is_left(world: World, settings: Any, api: ApiFactory) -> None:  # noqa: F811
    limit(settings, "api_read", 5)
    with no_district():
        client = api("staff")
        left = [client.get("/api/v1/me/")["RateLimit"].split(";")[1] for _ in range(2)]
    assert left == ["r=4", "r=3"]


def test_the_address_a_caller_writes_down_is_not_believed(world: World, settings: Any) -> None:
    limit(settings, "report", 1)
    client = visitor()
    say(client, world)
    client.defaults["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"
    assert say(client, world).status_code == 429


def test_sign_in_and_search_are_counted_before_the_page_is_made(world: World, settings: Any) -> None:
    limit(settings, "sign_in", 1)
    limit(settings, "search", 1)
    client = visitor()
    with no_district():
        for path, body in (
            ("/sign-in/", {"handle": "nobody", "password": "wrong"}),
            (f"/d/{world.district.code}/report/hints/", {"content": "灯"}),
        ):
            answers = [client.post(path, body) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [200 if "hints" in path else 422, 429]
            assert "分钟再试" in answers[1].content.decode()
            assert int(answers[1]["Retry-After"]) > 0


def test_every_page_named_in_the_settings_exists_and_has_a_limit(settings: Any) -> None:
    from tests.test_permission_matrix import addresses

    known = addresses()
    for page, name in settings.THROTTLED_PAGES.items():
        assert page.split()[1] in known, page
        assert name in settings.THROTTLES
    assert settings.THROTTLES.keys() >= settings.THROTTLE_KEPT


def test_no_address_is_kept_readable(world: World, no_redis: None, settings: Any) -> None:
    address = fresh_address()
    say(visitor(address), world)
    row = ThrottleCount.objects.get()
    assert address not in row.caller
    assert re.fullmatch(r"address:[0-9a-f]{32}", row.caller)


def test_an_ipv6_household_is_one_caller() -> None:
    def caller(address: str) -> str:
        return throttle.caller_of(RequestFactory(REMOTE_ADDR=address).get("/"))

    assert caller("2001:db8:1:2::1") == caller("2001:db8:1:2:ffff::9")
    assert caller("2001:db8:1:2::1") != caller("2001:db8:1:3::1")
    assert caller("::ffff:192.0.2.1") == caller("192.0.2.1") != caller("192.0.2.2")


def test_counting_takes_no_statement(world: World, settings: Any) -> None:
    request = RequestFactory(REMOTE_ADDR=fresh_address()).post("/report/")
    with CaptureQueriesContext(connection) as statements:
        throttle.take(request, "report")
    assert len(statements) == 0


def test_without_redis_writing_is_counted_in_the_database(world: World, settings: Any, no_redis: None) -> None:
    limit(settings, "report", 2)
    client = visitor()
    assert [say(client, world).status_code for _ in range(3)] == [302, 302, 429]
    assert list(ThrottleCount.objects.values_list("limit", "count")) == [("report", 3)]


def test_without_redis_reading_goes_on(world: World, settings: Any, no_redis: None, api: ApiFactory) -> None:  # noqa: F811
    limit(settings, "api_read", 1)
    with no_district():
        client = api("worker")
        answers = [client.get("/api/v1/me/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "RateLimit" not in answers[0], "nothing is said that nobody knows"


def test_a_redis_that_does_not_answer_is_not_asked_for_a_while(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def hangs(key: str, seconds: int) -> int:
        asked.append(key)
        raise RedisConnectionError

    monkeypatch.setattr(throttle, "_count_in_redis", hangs)
    request = RequestFactory(REMOTE_ADDR=fresh_address()).post("/report/")
    for _ in range(3):
        throttle.take(request, "search")
    assert len(asked) == 1
    monkeypatch.setattr(throttle.redis, "away_until", 0.0)  # ten seconds later
    throttle.take(request, "search")
    assert len(asked) == 2


def test_counts_of_ended_spans_go_every_night(world: World, settings: Any, no_redis: None) -> None:
    request = RequestFactory(REMOTE_ADDR=fresh_address()).post("/report/")
    throttle.take(request, "report")
    assert throttle.forget_old() == 0
    ThrottleCount.objects.update(ends_at="2020-01-01T00:00Z")
    assert throttle.forget_old() == 1
    assert "governance.kernel.tasks.forget_throttle_counts" in settings.NIGHTLY_DISTRICT_TASKS


@pytest.mark.parametrize("value", ["120", "0/60", "60/0", "a/b", "-1/60", "1/2/3"])
def test_a_limit_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THROTTLE_REPORT", value)
    with pytest.raises(Exception, match="THROTTLE_REPORT"):
        env.rate("THROTTLE_REPORT", "1/1")
