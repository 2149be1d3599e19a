"""走访 on phone and desk: the list, three taps, the month by grid, opening words."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from governance.kernel import clock
from governance.kernel.models import AuditEvent
from governance.privacy.models import Disclosure
from grids.households.actions.tags import tag_household
from grids.visits.actions.outcomes import USUAL_OUTCOMES, set_outcomes
from grids.visits.models import Visit, VisitOutcome, VisitPlan
from tests.households.homes import tag
from tests.visits.helpers import homes, visit

SURFACES = ("/m/visits/", "/desk/home-visits/")


def key_of(page: str) -> str:
    return re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]


def test_a_visit_costs_three_taps_from_the_first_page(world, client):
    """people.md 5 ④: household, result, save."""
    row = homes(world, 1)[0]
    world.sign_in(client, "worker")
    home = client.get("/m/").content.decode()
    assert f'href="/m/visits/to/{row.pk}/"' in home  # the household
    page = client.get(f"/m/visits/to/{row.pk}/").content.decode()
    assert page.count('name="met"') == 4  # the result
    done = client.post(f"/m/visits/to/{row.pk}/", {"met": "yes", "idempotency_key": key_of(page)})  # save
    assert done.status_code == 302
    assert Visit.objects.get().met == "yes"


def test_a_form_sent_twice_is_one_visit(world, client):
    row = homes(world, 1)[0]
    world.sign_in(client, "worker")
    said = {"met": "no", "idempotency_key": "from-the-phone-1", "at": "2026-11-17T08:00:00Z"}
    for _twice in range(2):
        assert client.post(f"/m/visits/to/{row.pk}/", said).status_code == 302
    assert clock.local(Visit.objects.get().at).day == 17


def test_a_phone_whose_clock_is_ahead_is_taken_at_its_word_until_now(world, client):
    row = homes(world, 1)[0]
    world.sign_in(client, "worker")
    said = {"met": "yes", "idempotency_key": "k", "at": "2031-01-01T00:00:00Z"}
    assert client.post(f"/m/visits/to/{row.pk}/", said).status_code == 302
    assert Visit.objects.get().at <= clock.now()


@pytest.mark.parametrize("surface", SURFACES)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(world, client, surface):
    row = homes(world, 1)[0]
    set_outcomes(USUAL_OUTCOMES, actor=world.admin)
    world.sign_in(client, "worker")
    refused = client.post(f"{surface}to/{row.pk}/", {"findings": "想装扶手", "idempotency_key": "k"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "请选见到人没有。" in page
    assert "想装扶手" in page
    assert all(name in page for name, _offers in USUAL_OUTCOMES)
    outcome = VisitOutcome.objects.get(name="解决小问题")
    said = {"met": "yes", "findings": "想装扶手", "outcome": outcome.pk, "idempotency_key": "k2"}
    assert client.post(f"{surface}to/{row.pk}/", said).status_code == 302
    made = Visit.objects.get()
    assert (made.outcome, made.findings) == (outcome, "想装扶手")
    stigma = client.post(f"{surface}to/{row.pk}/", {"met": "yes", "findings": "钉子户", "idempotency_key": "k3"})
    assert "不能用" in stigma.content.decode()


def test_the_list_says_why_and_the_leader_is_at_key_households_in_two_taps(world, client):
    """people.md 4 ③: the menu leads to the list, a chip to the key households."""
    plain, key = homes(world, 2)
    tag_household(key, tag(world.admin, visit_every=7), reason="本人同意", actor=world.worker)
    visit(key, world.worker, days_ago=10)
    visit(plain, world.worker, "no")
    world.sign_in(client, "leader")
    desk = client.get("/desk/").content.decode()
    assert 'href="/desk/home-visits/"' in desk
    page = client.get("/desk/home-visits/").content.decode()
    assert "list=key" in page
    assert page.index(f"/to/{key.pk}/") < page.index(f"/to/{plain.pk}/")
    assert "重点，过了 3 天" in page
    assert "没人在家" in page
    only = client.get("/desk/home-visits/?list=key").content.decode()
    assert f"/to/{key.pk}/" in only
    assert f"/to/{plain.pk}/" not in only
    assert f"/to/{plain.pk}/" in client.get("/desk/home-visits/?list=tried").content.decode()


@pytest.mark.parametrize("surface", SURFACES)
def test_empty_lists_say_what_to_do_next(world, client, surface):
    world.sign_in(client, "worker")
    assert "还没有登记住户" in client.get(surface).content.decode()
    row = homes(world, 1)[0]
    visit(row, world.worker)
    assert "本月都走访到了" in client.get(surface).content.decode()
    assert "没有这样的户" in client.get(f"{surface}?list=tried").content.decode()
    assert "没有这样的户" in client.get(f"{surface}?q=不存在").content.decode()


def test_the_month_by_grid_and_its_target(world, client):
    """G planned, met, attempted, left; the community sets the number."""
    rows = homes(world, 4)
    homes(world, 2, building=2)
    visit(rows[0], world.worker)
    visit(rows[1], world.worker, "no")
    world.sign_in(client, "secretary")
    page = client.get("/desk/home-visits/grids/").content.decode()
    cells = [re.findall(r'class="num">(\d+)<', line) for line in re.findall(r"<tr>.*?</tr>", page)[1:]]
    assert cells == [["4", "4", "1", "1", "3", "3"], ["2", "2", "0", "0", "2", "2"]]
    address = f"/desk/home-visits/grids/{world.grid.pk}/target/"
    form = client.get(address).content.decode()
    assert client.post(address, {"target": "1", "idempotency_key": key_of(form)}).status_code == 302
    assert VisitPlan.objects.get().target == 1
    assert "达标" in client.get("/desk/home-visits/grids/").content.decode()
    next_month = (clock.today().replace(day=28) + timedelta(days=5)).strftime("%Y-%m")
    assert client.get(f"/desk/home-visits/grids/?month={next_month}").status_code == 200
    assert client.get("/desk/home-visits/grids/?month=nonsense").status_code == 200
    assert client.post(address, {"target": "0", "idempotency_key": "k"}).status_code == 422


def test_the_list_is_taken_along_without_a_name(world, client):
    homes(world, 3)
    world.sign_in(client, "staff")
    answer = client.get("/desk/home-visits/export/?list=month")
    lines = [[cell.value for cell in line] for line in load_workbook(BytesIO(answer.content)).active.rows]
    assert lines[0] == ["住处", "人数", "为什么", "上次走访", "标签"]
    assert len(lines) == 4
    assert "还没有走访过" in lines[1]
    assert AuditEvent.objects.filter(action="visit.export").exists()


@pytest.mark.parametrize("surface", SURFACES)
def test_a_households_page_shows_its_visits_and_words_of_others_stay_shut(world, client, surface):
    row = homes(world, 1)[0]
    made = visit(row, world.worker, findings="儿子在外地")
    register = surface.replace("home-visits", "households").replace("visits", "households")
    world.sign_in(client, "staff")
    page = client.get(f"{register}{row.pk}/").content.decode()
    assert "记一次走访" in page
    assert f"{surface}to/{row.pk}/" in page
    listed = client.get(f"{surface}of/{row.pk}/").content.decode()
    assert "周网格员" in listed
    assert "儿子在外地" not in page + listed
    address = f"{surface}{made.pk}/open/"
    assert client.post(address, {"reason": ""}).status_code == 422
    opened = client.post(address, {"reason": "home_visit", "idempotency_key": "k1"})
    assert "儿子在外地" in opened.content.decode()
    assert "no-store" in opened.headers["Cache-Control"]
    assert Disclosure.objects.get().field == "findings"
    world.sign_in(client, "worker")
    assert "儿子在外地" in client.get(f"{surface}of/{row.pk}/").content.decode()


def test_a_slip_is_taken_back_on_its_page(world, client):
    row = homes(world, 1)[0]
    made = visit(row, world.worker)
    world.sign_in(client, "staff")
    assert "/withdraw/" not in client.get(f"/desk/home-visits/of/{row.pk}/").content.decode()
    world.sign_in(client, "worker")
    assert f"/m/visits/{made.pk}/withdraw/" in client.get(f"/m/visits/of/{row.pk}/").content.decode()
    page = client.get(f"/m/visits/{made.pk}/withdraw/").content.decode()
    assert client.post(f"/m/visits/{made.pk}/withdraw/", {"idempotency_key": key_of(page)}).status_code == 302
    assert Visit.objects.get().withdrawn_at is not None
    assert "已撤回" in client.get(f"/m/visits/of/{row.pk}/").content.decode()


def test_the_administrator_words_the_outcomes(world, client):
    world.sign_in(client, "admin")
    page = client.get("/manage/visit-outcomes/").content.decode()
    assert "五小工作法" in page
    said = {"name_0": "送政策", "name_1": "化解小纠纷", "offers_1": "on", "idempotency_key": key_of(page)}
    assert client.post("/manage/visit-outcomes/", said).status_code == 302
    assert list(VisitOutcome.objects.order_by("position").values_list("name", "offers_mediation")) == [
        ("送政策", False),
        ("化解小纠纷", True),
    ]
    assert client.post("/manage/visit-outcomes/", {"name_0": "整治钉子户", "idempotency_key": "k"}).status_code == 422


def test_the_phone_may_keep_list_and_form_and_neither_says_more_than_a_place(world, client):
    row = homes(world, 1)[0]
    secret = tag(world.admin, name="常看望", mark="望", colour="plum", is_sensitive=True, readers=["grid_worker"])
    tag_household(row, secret, reason="本人同意", actor=world.worker)
    visit(row, world.worker, "no", findings="儿子在外地")
    world.sign_in(client, "worker")
    for address in ("/m/visits/", f"/m/visits/to/{row.pk}/"):
        page = client.get(address)
        assert page.headers["X-Offline-Keep"]
        for hidden in ("常看望", "儿子在外地"):
            assert hidden not in page.content.decode()
        desk = address.replace("/m/visits/", "/desk/home-visits/")
        assert "X-Offline-Keep" not in client.get(desk).headers
    assert "X-Offline-Keep" not in client.get(f"/m/visits/of/{row.pk}/").headers
