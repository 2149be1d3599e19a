"""Texts with versions, feedback about the platform, and the two registers: rules and pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client

from governance.accounts.actions.offices import (
    answer_feedback,
    give_feedback,
    publish_legal_text,
    save_register_entry,
)
from governance.accounts.legal import current
from governance.accounts.models import ImpactAssessment, LegalText, PlatformFeedback, SecurityIncident
from governance.accounts.models.office import years_after
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from requests_intake.models import Ticket, TicketTransition
from tests.world import World

pytestmark = pytest.mark.django_db
KEY = "7b0c4b50-6a43-4a11-8a35-0f5f3f6f6a01"


def page(world: World, path: str) -> str:
    return f"/d/{world.district.code}{path}"


def text(world: World, words: str, *, kind: str = "privacy", days: int = 0) -> LegalText:
    return publish_legal_text(kind, text=words, valid_from=clock.today() + timedelta(days=days), actor=world.admin)


def assessment() -> ImpactAssessment:
    return ImpactAssessment(
        title="关爱对象登记", trigger="sensitive", assessed_on=clock.today(), assessors="朱管理", data_kinds="健康状况",
        purpose="上门帮扶", impact="泄露会伤害尊严", measures="加密、留痕", conclusion="with_measures",
    )  # fmt: skip


def incident(**changes: Any) -> SecurityIncident:
    said = {
        "title": "导出表格误发", "discovered_at": clock.now() - timedelta(hours=1), "data_kinds": "电话",
        "cause": "发错群", "harm": "骚扰电话", "measures": "已撤回", "contact": "12345",
    }  # fmt: skip
    return SecurityIncident(**{**said, **changes})


def test_a_published_text_is_shown_from_its_day_on_and_the_old_one_stays_readable(world: World) -> None:
    assert "收集什么" in Client().get(page(world, "/privacy/")).content.decode()
    text(world, "第一版的话")
    text(world, "第二版的话", days=3)
    assert "第一版的话" in Client().get(page(world, "/privacy/")).content.decode()
    with time_machine.travel(clock.now() + timedelta(days=3)):
        assert current("privacy").number == 2
        assert "第二版的话" in Client().get(page(world, "/privacy/")).content.decode()
        assert "第一版的话" in Client().get(page(world, "/privacy/?version=1")).content.decode()


def test_a_version_that_is_still_to_come_is_not_shown(world: World) -> None:
    text(world, "以后的话", days=3)
    assert "以后的话" not in Client().get(page(world, "/privacy/?version=1")).content.decode()


@pytest.mark.parametrize(
    ("words", "days", "field"),
    [("", 2, "text"), ("已有的话", 5, "text"), ("新的话", -1, "valid_from"), ("新的话", 1, "valid_from")],
)
def test_a_wrong_text_is_refused_with_its_reason(world: World, words: str, days: int, field: str) -> None:
    text(world, "已有的话", days=2)
    with pytest.raises(Invalid) as refusal:
        text(world, words, days=days)
    assert list(refusal.value.fields) == [field]


def test_a_published_text_can_neither_be_changed_nor_deleted(world: World) -> None:
    row = text(world, "不能改")
    for act in (LegalText.objects.filter(pk=row.pk).delete, lambda: LegalText.objects.update(text="改了")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_only_the_administrator_publishes_and_answers(world: World) -> None:
    with pytest.raises(NotAllowed):
        publish_legal_text("privacy", text="x", valid_from=clock.today(), actor=world.auditor)
    row, _code = give_feedback(kind="suggestion", content="字太小", contact="", actor=Actor.public())
    with pytest.raises(NotAllowed):
        answer_feedback(row, answer="好", actor=world.secretary)


def test_a_report_remembers_the_notice_that_was_shown(world: World) -> None:
    text(world, "我们的规则")
    client = Client()
    assert 'name="privacy_version" value="1"' in client.get(page(world, "/report/")).content.decode()
    for said, kept in (("1", 1), ("0", 0), ("7", None)):
        form = {"content": "楼道灯不亮", "building": world.building.pk, "privacy_version": said}
        client.post(page(world, "/report/"), {**form, "idempotency_key": KEY[:-1] + said})
        submitted = TicketTransition.objects.get(ticket=Ticket.objects.latest("pk"), move="submit")
        assert submitted.payload.get("privacy_version") == kept


def test_the_desk_remembers_the_consent_that_was_read_out(world: World) -> None:
    text(world, "本人同意", kind="consent")
    client = world.sign_in(Client(), "staff")
    assert "/consent/" in client.get("/desk/new/").content.decode()
    form = {"channel": "hotline", "content": "楼道灯不亮", "building": world.building.pk, "name": "李小明"}
    assert client.post("/desk/new/", {**form, "has_consented": "on"}).status_code == 302
    assert TicketTransition.objects.get(move="submit").payload["consent_version"] == 1


def test_the_filing_number_stands_at_the_foot_of_public_pages(world: World) -> None:
    client = Client()
    assert "备990001" not in client.get(page(world, "/")).content.decode()
    text(world, "演示备990001号", kind="filing")
    for path in ("/", "/report/", "/track/", "/privacy/", "/consent/", "/feedback/", "/sign-in/"):
        assert "演示备990001号" in client.get(page(world, path)).content.decode(), path


def test_feedback_is_received_once_answered_once_and_read_with_its_code(world: World) -> None:
    client, form = Client(), {"kind": "complaint", "content": "字太小", "contact": "a@b.cn", "idempotency_key": KEY}
    codes = {client.post(page(world, "/feedback/"), form).context["code"] for _twice in range(2)}
    assert len(codes) == PlatformFeedback.objects.count() == 1
    row, code = PlatformFeedback.objects.get(), codes.pop()
    assert code not in row.code_hash
    looked = client.post(page(world, "/feedback/answer/"), {"code": code.lower()}).content.decode()
    assert "待答复" in looked
    admin = world.sign_in(Client(), "admin")
    assert "字太小" in admin.get("/manage/feedback/").content.decode()
    assert admin.post(f"/manage/feedback/{row.pk}/", {"answer": "", "idempotency_key": KEY}).status_code == 422
    assert admin.post(f"/manage/feedback/{row.pk}/", {"answer": "放大了", "idempotency_key": KEY}).status_code == 302
    assert "放大了" in client.post(page(world, "/feedback/answer/"), {"code": code}).content.decode()
    assert "字太小" not in admin.get("/manage/feedback/").content.decode()
    assert "字太小" in admin.get("/manage/feedback/?state=answered").content.decode()
    with pytest.raises(DomainError):
        answer_feedback(row, answer="又答", actor=world.admin)


@pytest.mark.parametrize("form", [{"kind": "suggestion"}, {"content": "x"}, {"kind": "praise", "content": "x"}])
def test_feedback_without_its_parts_is_refused_and_keeps_what_was_typed(world: World, form: dict[str, str]) -> None:
    response = Client().post(page(world, "/feedback/"), {**form, "idempotency_key": KEY})
    assert (response.status_code, PlatformFeedback.objects.count()) == (422, 0)


def test_an_unknown_code_and_a_program_get_nothing(world: World) -> None:
    assert Client().post(page(world, "/feedback/answer/"), {"code": "ABCDEFGHJK"}).status_code == 422
    form = {"kind": "suggestion", "content": "x", "website": "spam", "idempotency_key": KEY}
    assert Client().post(page(world, "/feedback/"), form).status_code == 422


def test_the_registers_keep_three_years_and_refuse_deletion(world: World) -> None:
    kept = save_register_entry(assessment(), actor=world.security)
    happened = save_register_entry(incident(), actor=world.admin)
    assert kept.keep_until == years_after(kept.assessed_on)
    assert years_after(date(2024, 2, 29)) == date(2027, 3, 1)
    for row in (kept, happened):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).delete()
    done = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"record_impact_assessment", "record_security_incident"} <= done
    with pytest.raises(NotAllowed):
        save_register_entry(assessment(), actor=world.official)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"discovered_at": timedelta(hours=1)}, "discovered_at"),
        ({"occurred_at": timedelta(minutes=-5)}, "occurred_at"),
        ({"closed_at": timedelta(0)}, "closed_at"),
    ],
)
def test_an_incident_with_impossible_moments_is_refused(
    world: World, changes: dict[str, timedelta], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        save_register_entry(incident(**{name: clock.now() + by for name, by in changes.items()}), actor=world.admin)
    assert list(refusal.value.fields) == [field]


def test_an_incident_closes_once_people_are_told_or_a_reason_is_given(world: World) -> None:
    row = save_register_entry(incident(), actor=world.admin)
    row.closed_at, row.not_told_reason = clock.now(), "已有效避免危害"
    save_register_entry(row, actor=world.admin)
    assert AuditEvent.objects.filter(action="change_security_incident", object_id=row.pk).count() == 1


def test_the_pages_of_the_registers_record_change_and_draft_the_notice(world: World) -> None:
    client = world.sign_in(Client(), "security")
    assert "还没有登记" in client.get("/manage/registers/").content.decode()
    assert client.post("/manage/registers/incidents/new/", {"idempotency_key": KEY}).status_code == 422
    form = {
        "title": "导出表格误发", "discovered_at": "2026-01-05T09:30", "data_kinds": "电话",
        "cause": "发错群", "harm": "骚扰电话", "measures": "已撤回", "contact": "12345", "idempotency_key": KEY,
    }  # fmt: skip
    for _twice in range(2):
        assert client.post("/manage/registers/incidents/new/", form).status_code == 302
    row = SecurityIncident.objects.get()
    assert clock.local(row.discovered_at).hour == 9
    shown = client.get(f"/manage/registers/incidents/{row.pk}/").content.decode()
    assert "可能造成的危害：骚扰电话" in shown
    changed = {**form, "people_count": "12", "idempotency_key": KEY[:-1] + "9"}
    assert client.post(f"/manage/registers/incidents/{row.pk}/", changed).status_code == 302
    row.refresh_from_db()
    assert (row.people_count, SecurityIncident.objects.count()) == (12, 1)
    assert "导出表格误发" in client.get("/manage/registers/incidents/").content.decode()
    assert client.get("/manage/registers/others/").status_code == 404


def test_texts_are_published_from_their_page(world: World) -> None:
    client = world.sign_in(Client(), "admin")
    assert "平台自带的文本" in client.get("/manage/texts/").content.decode()
    form = {"text": "我们的规则", "valid_from": clock.today().isoformat(), "idempotency_key": KEY}
    for _twice in range(2):
        assert client.post("/manage/texts/privacy/", form).status_code == 302
    assert LegalText.objects.get().version == 1
    assert client.post("/manage/texts/privacy/", {**form, "idempotency_key": KEY[:-1] + "9"}).status_code == 422
    assert "我们的规则" in client.get("/manage/texts/privacy/").content.decode()
    assert client.get("/manage/texts/other/").status_code == 404


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("texts/", {"admin": 200, "auditor": 403, "secretary": 403}),
        ("feedback/", {"admin": 200, "auditor": 403, "secretary": 403}),
        ("registers/assessments/", {"admin": 200, "security": 200, "auditor": 403, "secretary": 403}),
    ],
)
def test_who_may_open_the_offices(world: World, path: str, statuses: dict[str, int]) -> None:
    got = {name: world.sign_in(Client(), name).get(f"/manage/{path}").status_code for name in statuses}
    assert got == statuses
