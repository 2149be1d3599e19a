"""The components of the design system, rendered from plain values; no database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from governance.kernel import clock, modes
from governance.kernel.gallery import SampleForm, sample
from governance.kernel.templatetags import ui

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 2, 24, tzinfo=UTC)  # Friday 10:24 in Shanghai
EVERY_TEMPLATE = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html"))
OURS = [name for name in EVERY_TEMPLATE if name.startswith(("components/", "shells/")) or "/" not in name]


@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def part(name: str, request=None, **context) -> str:
    return render_to_string(f"components/{name}.html", context, request=request)


@pytest.mark.parametrize("name", OURS)
def test_every_template_compiles_names_its_context_and_keeps_the_content_policy(name):
    get_template(name)
    source = (ROOT / "templates" / name).read_text(encoding="utf-8")
    assert "{% comment %}" in source.split("\n")[0], "the head comment names the context"
    body = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", source, flags=re.S)
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", body)
    assert not re.search(r"<script(?![^>]*\ssrc=)", body)


@pytest.mark.parametrize(("state", "word"), list(ui.STATES.items()))
def test_a_lamp_carries_its_word_and_its_shape(state, word):
    assert part("lamp", state=state) == f'<i class="lamp {state}" role="img" aria-label="{word}"></i>'
    shown = part("lamp", state=state, show=True)
    assert f'<i class="lamp {state}" aria-hidden="true">' in shown
    assert f"</i>{word}</span>" in shown


def test_a_lamp_may_have_another_word():
    assert 'aria-label="挂账"' in part("lamp", state="hold", word="挂账")


def test_an_unknown_state_or_icon_is_an_error_and_not_an_empty_place():
    with pytest.raises(KeyError):
        ui.state_word("late")
    with pytest.raises(KeyError):
        ui.icon("no-such-icon")


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in ui.icon("bell")
    assert 'role="img" aria-label="消息"' in ui.icon("bell", "消息")
    assert "&lt;b&gt;" in ui.icon("bell", "<b>")


@pytest.mark.parametrize(("value", "css"), [(None, "p0"), (-3, "p0"), (65.9, "p65"), (99.99, "p99"), (250, "p116")])
def test_a_percentage_becomes_a_class(value, css):
    assert ui.percent_class(value) == css


def test_every_percent_class_exists_in_the_css():
    css = (ROOT / "static/src/css/parts/percent.css").read_text(encoding="utf-8")
    assert {int(n) for n in re.findall(r"\.p(\d+) ", css)} == set(range(ui.CLOCK_END + 1))
    assert {int(n) for n in re.findall(r"\.w(\d+) ", css)} == set(range(1, 101))


@pytest.mark.parametrize(
    ("number", "shown"),
    [("18612345521", "186****5521"), ("027-8123 4567", "****4567"), ("12345", "****"), ("", ""), (None, "")],
)
def test_a_telephone_number_is_masked(number, shown):
    assert ui.masked_phone(number) == shown


@pytest.mark.parametrize(
    ("moment", "short", "spoken"),
    [
        (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "今天 17:30", "今天 下午五点半"),
        (datetime(2026, 11, 19, 8, 40, tzinfo=UTC), "昨天 16:40", "昨天 下午四点40 分"),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "明天 00:00", "明天 凌晨零点"),
        (datetime(2026, 11, 23, 4, 15, tzinfo=UTC), "11月23日 12:15", "11月23日 中午十二点一刻"),
        (datetime(2025, 12, 31, 3, 0, tzinfo=UTC), "2025年12月31日 11:00", "2025年12月31日 上午十一点"),
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), "11月23日 14:00", "11月23日 下午两点"),
    ],
)
def test_times_are_said_the_local_way(frozen, moment, short, spoken):
    assert ui.local_time(moment) == short
    assert ui.spoken_time(moment) == spoken


def test_a_clock_says_in_words_what_the_bar_shows():
    late = sample()["clocks"][2]
    html = part("clock_bar", clock=late)
    assert 'class="clock over"' in html
    assert "部门工单·区城市管理局：已用 112%，超期 1 天" in html
    assert '<div class="fill p112">' in html
    assert html.count("tk p100 late") == 1, "the deadline is the one red tick"
    assert '<i class="pz p16 w14">' in html


def test_a_row_opens_the_ticket_and_its_tick_is_a_target_of_its_own():
    row = sample()["rows"][0]
    html = part("ticket_row", row=row, tick=True)
    assert f'<a class="t" href="{row["url"]}"' in html
    assert '<input type="checkbox" name="ticket" value="1">' in html
    assert 'aria-label="超期"' in html
    assert '<span class="pill urgent">紧急</span>' in html
    assert "checkbox" not in part("ticket_row", row=row, tick=False)


def test_what_residents_wrote_is_escaped():
    row = {**sample()["rows"][0], "title": "<script>alert(1)</script>"}
    assert "<script>" not in part("ticket_row", row=row, tick=True)
    assert "<script>" not in part("timeline", steps=[{"title": "受理", "at": "今天", "say": "<script>"}])


def test_the_ladder_follows_the_districts_own_levels():
    rungs = [rung for rung in sample()["rungs"] if rung["name"] != "社区"]
    html = part("ladder", rungs=rungs)
    assert 'class="ladder n3"' in html
    assert "社区上报" not in html
    assert html.count('aria-current="step"') == 1


def test_a_suggestion_never_shows_a_bare_percentage():
    html = part("suggestion", suggestion=sample()["suggestion"])
    assert "把握较大" in html
    assert "%" not in html
    assert re.search(r'<input type="radio" name="organization" value="7" checked>', html)
    assert "把握不大" in part("suggestion", suggestion={**sample()["suggestion"], "sure": False})


def test_the_batch_bar_posts_without_scripts():
    html = part("batch_bar", actions=sample()["batch"])
    assert '<button type="submit" formaction="#" class="main">一起派单</button>' in html


def test_faces_can_be_pressed_once_and_taken_back():
    fresh = part("faces", action="/rate/")
    assert [word for word in ("满意", "还行", "没解决") if word in fresh] == ["满意", "还行", "没解决"]
    assert "disabled" not in fresh
    assert "撤回" not in fresh
    given = part("faces", action="/rate/", chosen="so_so", undo_url="/undo/")
    assert given.count('aria-pressed="true"') == 1
    assert 'action="/undo/" data-countdown="10"' in given
    assert part("faces", action="/rate/", disabled=True).count("disabled") == 3


@pytest.mark.parametrize(
    ("current", "css"),
    [("received", ["nw", "", "", ""]), ("checking", ["ok", "ok", "nw", ""]), ("finished", ["ok"] * 4)],
)
def test_the_resident_sees_four_steps(current, css):
    assert [step["css"] for step in ui.resident_steps(current)] == css


def test_an_error_stands_at_its_field_in_words():
    form = SampleForm({"said": "", "phone": "", "urgency": "normal"})
    html = part("form_fields", form=form)
    phone = html[html.index('for="id_phone"') : html.index("哪栋楼")]
    assert 'aria-invalid="true"' in phone
    assert 'id="id_phone_error"' in phone
    assert phone.count('class="err"') == 1
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in phone
    assert html.count('type="radio"') == 3
    assert "<legend>紧急程度</legend>" in html


def test_a_message_becomes_a_toast_with_its_way_back():
    done = ui.toast_of(Message(constants.SUCCESS, "已派给区排水管护中心", extra_tags="undo=/desk/undo/7/"))
    assert done == {
        "text": "已派给区排水管护中心",
        "kind": "ok",
        "undo_url": "/desk/undo/7/",
        "undo_label": "撤回",
    }
    html = part("toast", **done)
    assert '<form method="post" action="/desk/undo/7/">' in html
    failed = ui.toast_of(Message(constants.ERROR, "没派成：该单位今天停用", extra_tags="go=/desk/1/ 换一个"))
    assert failed["kind"] == "fail"
    assert (failed["go_url"], failed["go_label"]) == ("/desk/1/", "换一个")


def test_pages_keep_the_filters_of_the_address():
    request = RequestFactory().get("/desk/", {"state": "over", "page": "7"})
    html = part("pagination", request=request, page=sample()["page"])
    assert 'href="?state=over&amp;page=8" rel="next"' in html
    assert 'aria-current="page">7<' in html
    only = part("pagination", request=request, next_url="?cursor=abc")
    assert 'href="?cursor=abc" rel="next"' in only
    assert "上一页" not in only


def test_a_confirmation_is_a_plain_form_with_a_way_out():
    html = part(
        "confirm",
        title="退回社区？",
        what="社区会收到原因。",
        action="/x/",
        verb="退回社区",
        cancel="先不退",
        cancel_url="/y/",
    )
    assert '<form class="form" method="post" action="/x/">' in html
    assert 'href="/y/" data-dialog-close>先不退</a>' in html
    assert "确定" not in html


@pytest.mark.parametrize(
    ("cookies", "query", "expected"),
    [
        ({"elder": "22"}, {}, ' data-elder="22"'),
        ({"elder": "99"}, {}, ""),
        ({"elder": '22" onload="x'}, {}, ""),
        ({"theme": "dark", "sun": "0"}, {}, ' data-theme="dark"'),
        ({}, {"elder": "30"}, ' data-elder="30"'),
    ],
)
def test_the_page_takes_its_mode_from_the_cookie(cookies, query, expected):
    request = RequestFactory().get("/", query)
    request.COOKIES.update(cookies)
    assert ui.html_modes({"request": request}, "elder theme") == expected


def test_a_mode_is_remembered_and_the_way_back_stays_on_this_site():
    response = modes.remember_mode(RequestFactory().get("/ui/mode/", {"elder": "26", "next": "/d/s0/"}))
    assert (response.status_code, response["Location"]) == (302, "/d/s0/")
    assert response.cookies["elder"].value == "26"
    away = modes.remember_mode(RequestFactory().get("/ui/mode/", {"elder": "", "next": "https://example.org/"}))
    assert away["Location"] == "/"
    assert away.cookies["elder"]["max-age"] == 0


@pytest.mark.parametrize("theme", ["", "dark"])
def test_the_gallery_shows_every_component(theme):
    request = RequestFactory().get("/ui/gallery/")
    request.COOKIES["theme"] = theme
    html = render_to_string("gallery.html", sample(), request=request)
    assert ('data-theme="dark"' in html) == (theme == "dark")
    assert 'href="#main">跳到正文' in html
    assert '<html lang="zh-Hans"' in html
    for state in ui.STATES:
        assert f'class="lamp {state}"' in html


def test_every_tap_on_an_appearance_switch_works_without_scripts():
    request = RequestFactory().get("/d/s0/")
    html = part("elder_switch", request=request, sizes=False)
    assert "elder=22" in html
    assert "next=%2Fd%2Fs0%2F" in html or "ui/mode" not in html
