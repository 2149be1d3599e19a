"""Reading: who sees which tickets, filters, pages, and what a ticket tells."""

from __future__ import annotations

from typing import Any

import pytest

from requests_intake.actions.submit import Report, submit_ticket
from tests.api.conftest import Client
from tests.cases import PHONE, report, ticket_in
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
LIST = "/api/v1/tickets/"


def numbers(response: Any) -> list[str]:
    assert response.status_code == 200, response.json()
    return [row["number"] for row in response.json()["results"]]


@pytest.mark.parametrize("path", ["tickets", "categories", "areas", "organizations", "buildings", "me"])
def test_without_credentials_nothing_is_read(world: World, public: Any, path: str) -> None:
    response = public.get(f"/api/v1/{path}/")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("token", ["", "gk1.1.x", f"gk1.1.{'a' * 43}", f"gk1.999999.{'a' * 43}", f"gk1.0.{'é' * 43}"])
def test_a_token_that_is_none_is_401(world: World, client: Any, token: str) -> None:
    assert client.get(LIST, HTTP_AUTHORIZATION=f"Token {token}").status_code == 401


def test_a_session_reads_like_a_token(world: World, client: Any) -> None:
    ticket = report(world)
    assert numbers(world.sign_in(client, "worker").get(LIST)) == [ticket.number]


def test_a_session_writes_only_with_its_csrf_token(world: World) -> None:
    from django.test import Client as DjangoClient

    strict = world.sign_in(DjangoClient(enforce_csrf_checks=True), "center")
    response = strict.post(LIST, {"content": "x"}, content_type="application/json")
    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("worker", True), ("leader", True), ("staff", True), ("dispatcher", True), ("center", True), ("official", True),
        ("other_worker", False), ("other_secretary", False), ("other_dispatcher", False), ("handler", False),
        ("auditor", False),
    ],
)  # fmt: skip
def test_a_ticket_is_seen_in_its_own_territory_alone(world: World, api: Client, who: str, sees: bool) -> None:
    ticket = report(world)
    client = api(who)
    assert numbers(client.get(LIST)) == ([ticket.number] if sees else [])
    assert client.get(f"{LIST}{ticket.number}/").status_code == (200 if sees else 404)


def test_a_member_of_another_district_sees_nothing_of_this_one(world: World, api: Client) -> None:
    from governance.accounts.tokens import create_token
    from governance.kernel.tenancy.context import district_scope
    from tests.api.conftest import PathClient

    ticket = report(world)
    stranger = make_district("t2", 2)
    with district_scope(stranger.district):
        token = create_token(stranger.members["center"], name="test")
    client = PathClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert numbers(client.get(LIST)) == []
    assert client.get(f"{LIST}{ticket.number}/").status_code == 404
    client.prefix = f"/d/{world.district.code}"
    assert client.get(LIST).status_code == 401


def test_filters_narrow_the_list(world: World, api: Client) -> None:
    light = report(world)
    water = submit_ticket(
        Report(
            content="自来水管爆裂，路面都是水",
            community_id=world.other_community.pk,
            urgency="urgent",
            channel="hotline",
        ),
        actor=world.center,
    ).ticket
    lost = report(world, building_id=None, content="想问一下老年证怎么办理", request_type="consult")
    center = api("center")
    expected: dict[str, set[str]] = {
        "": {light.number, water.number, lost.number},
        f"street={world.street.pk}": {light.number},
        f"community={world.other_community.pk}": {water.number},
        f"grid={world.grid.pk}": {light.number},
        f"organization={world.grid_team.pk}": {light.number},
        "organization=9223372036854775807": set(),
        "state=submitted": {lost.number},
        "state=submitted&state=handling": {light.number, water.number, lost.number},
        "level=grid": {light.number},
        "urgency=urgent": {water.number},
        "channel=hotline": {water.number},
        "request_type=consult": {lost.number},
        "lamp=over": set(),
        "open=true": {light.number, water.number, lost.number},
        "open=false": set(),
        "submitted_from=2100-01-01T00:00:00Z": set(),
        "submitted_to=2100-01-01T00:00:00Z": {light.number, water.number, lost.number},
        "q=楼道灯": {light.number},
        "q=爆裂 路面": {water.number},
        f"q={water.number}": {water.number},
        "category=none": set(),
    }
    found = {query: set(numbers(center.get(f"{LIST}?{query}"))) for query in expected}
    assert found == expected
    category = center.get(f"{LIST}{light.number}/").json()["category"]["code"]
    assert light.number in numbers(center.get(f"{LIST}?category={category}"))
    parent = next(row["parent"] for row in center.get("/api/v1/categories/").json() if row["code"] == category)
    assert light.number in numbers(center.get(f"{LIST}?category={parent}"))


@pytest.mark.parametrize(
    "query",
    ["ordering=content", "sate=closed", "state=nothing", "street=x", "street=0", "street=9223372036854775808",
     "submitted_from=yesterday", "q=a%00b"],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused(world: World, api: Client, query: str) -> None:
    response = api("center").get(f"{LIST}?{query}")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [query.split("=")[0]]


def test_pages_are_capped_and_stable_while_rows_are_added(world: World, api: Client) -> None:
    made = [report(world).number for _n in range(5)]
    worker = api("worker")
    first = worker.get(f"{LIST}?page_size=2").json()
    report(world)
    second = worker.get(first["next"]).json()
    third = worker.get(second["next"]).json()
    seen = [row["number"] for page in (first, second, third) for row in page["results"]]
    assert seen == made[::-1]
    assert third["next"] is None
    assert len(numbers(worker.get(f"{LIST}?page_size=100000"))) == 6


@pytest.mark.parametrize("cursor", ["x", "cD1ub3doZXJl", "cD0lMDA=", "bz0tMQ==", "cj0xJnA9MDAwMC0wMC0wMA=="])
def test_a_made_up_cursor_is_404(world: World, api: Client, cursor: str) -> None:
    report(world)
    response = api("worker").get(LIST, {"cursor": cursor})
    assert response.status_code in (200, 404)
    assert cursor == "bz0tMQ==" or response.status_code == 404


def test_a_ticket_tells_everything_but_who(world: World, api: Client) -> None:
    ticket = ticket_in(world, "closed")
    found = api("dispatcher").get(f"{LIST}{ticket.number}/").json()
    assert found["requester"] == {"name": "李**", "phone": "138****1234", "note": ""}
    assert PHONE not in str(found)
    assert found["content"] == ticket.content
    assert found["street"] == {"id": world.street.pk, "name": "东湖街道"}
    assert [order["state"] for order in found["work_orders"]] == ["verified"]
    assert found["work_orders"][0]["assignee"]["name"] == "周网格员"
    assert {clock["kind"] for clock in found["clocks"]} == {"promise", "sign", "contact", "resolve", "on_site"}
    moves = [step["move"] for step in found["timeline"]]
    assert moves == ["submit", "accept", "dispatch", "sign", "resolve", "verify", "rate", "close"]
    resolved = found["timeline"][4]
    assert (resolved["note"], resolved["audience"], resolved["by"]["name"]) == ("灯换好了", "public", "周网格员")
    assert found["moves"] == ["reopen", "archive"]


def test_a_confidential_requester_is_nobody_to_the_handler(world: World, api: Client) -> None:
    ticket = report(world, is_confidential=True)
    found = api("worker").get(f"{LIST}{ticket.number}/").json()
    assert found["requester"]["phone"] == ""
    assert "李" not in found["requester"]["name"]


def test_buildings_are_found_by_words(world: World, api: Client) -> None:
    rows = api("worker").get("/api/v1/buildings/?q=春晓 2号").json()["results"]
    assert [row["name"] for row in rows] == ["春晓花园2号楼"]
    assert rows[0]["grid"] == {"id": world.grid.pk, "name": world.grid.name}


def test_areas_and_organizations_are_filtered(world: World, api: Client) -> None:
    worker = api("worker")
    areas = worker.get(f"/api/v1/areas/?level=community&parent={world.street.pk}").json()["results"]
    assert [row["name"] for row in areas] == ["春晓社区", "夏荷社区"]
    assert [row["id"] for row in worker.get(f"/api/v1/areas/?code={world.grid.code}").json()["results"]] == [
        world.grid.pk
    ]
    departments = worker.get("/api/v1/organizations/?level=department").json()["results"]
    assert {row["name"] for row in departments} == {"区自来水公司", "区城市管理局"}
    own = worker.get(f"/api/v1/organizations/?area={world.community.pk}&kind=residents_committee").json()["results"]
    assert [row["id"] for row in own] == [world.committee.pk]


def test_me_names_district_and_posts(world: World, api: Client) -> None:
    found = api("worker").get("/api/v1/me/").json()
    assert found["district"] == {"id": 1, "code": "t1", "name": "t1 演示区"}
    assert (found["name"], found["handle"], found["kind"]) == ("周网格员", "t1-worker", "staff")
    assert [(post["kind"], post["label"], post["area"]["id"]) for post in found["posts"]] == [
        ("grid_worker", "网格员", world.grid.pk)
    ]


def test_staff_without_a_post_see_no_ticket_and_record_none(world: World, api: Client) -> None:
    from grids.models import PostAssignment

    report(world)
    PostAssignment.objects.filter(membership=world.members["worker"]).delete()
    from governance.kernel.reference import bump_reference

    bump_reference()
    worker = api("worker")
    assert numbers(worker.get(LIST)) == []
    assert worker.post(LIST, {"content": "路灯坏了"}).status_code == 403
