"""Writes about the platform itself: texts and their versions, suggestions and complaints, the two registers."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.legal import versions
from governance.accounts.models import ImpactAssessment, LegalText, PlatformFeedback, SecurityIncident
from governance.accounts.policies import require_administrator, require_register_keeper
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, keyed_hashes
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.masking import looks_masked, masked_words
from governance.kernel.reference import bump_reference

TEXT_LENGTH, FILING_LENGTH, FEEDBACK_LENGTH, CONTACT_LENGTH, ANSWER_LENGTH = 20_000, 80, 2_000, 100, 2_000
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

Entry = TypeVar("Entry", ImpactAssessment, SecurityIncident)


def publish_legal_text(kind: str, *, text: str, valid_from: date, actor: Actor) -> LegalText:
    """The next version of a text, in force from a day that is not past and not before the version before it.

    Raises ``Invalid`` with a sentence per field.
    """
    require_administrator(actor)
    if kind not in LegalText.Kind.values:
        raise Invalid("unknown_text", _("没有这种文本。"))
    text, known = text.strip(), versions(kind)
    limit = FILING_LENGTH if kind == LegalText.Kind.FILING else TEXT_LENGTH
    fields: dict[str, list[str]] = {}
    if not text:
        fields["text"] = [_("请填写内容。")]
    elif len(text) > limit:
        fields["text"] = [_("最多 {limit} 字，现在 {length} 字。").format(limit=limit, length=len(text))]
    elif known and known[-1].text == text:
        fields["text"] = [_("和第 {n} 版一样，没有改动。").format(n=known[-1].number)]
    last = known[-1].valid_from if known else None
    if valid_from < clock.today():
        fields["valid_from"] = [_("生效日期不能早于今天。")]
    elif last is not None and valid_from < last:
        fields["valid_from"] = [_("上一版 {day} 才生效，不能比它早。").format(day=last)]
    if fields:
        raise Invalid("invalid_text", _("有些内容需要修改。"), fields=fields)
    row = LegalText.objects.create(
        kind=kind,
        version=known[-1].number + 1 if known else 1,
        text=text,
        valid_from=valid_from,
        created_by_id=actor.membership_id,
        created_at=clock.now(),
    )
    audit.record(
        "publish_legal_text", actor=actor, object_kind="legal_text", object_id=row.pk, kind=kind, version=row.version
    )
    bump_reference()
    return row


def give_feedback(*, kind: str, content: str, contact: str, actor: Actor) -> tuple[PlatformFeedback, str]:
    """What anybody says about the platform, and the code that opens the answer (kept as a hash only)."""
    content, contact = content.strip(), contact.strip()
    fields: dict[str, list[str]] = {}
    if kind not in PlatformFeedback.Kind.values:
        fields["kind"] = [_("请选建议或投诉。")]
    if not content:
        fields["content"] = [_("请写下您想说的。")]
    elif len(content) > FEEDBACK_LENGTH:
        fields["content"] = [_("最多 {limit} 字。").format(limit=FEEDBACK_LENGTH)]
    if looks_masked(contact):
        fields["contact"] = [masked_words()]
    if len(contact) > CONTACT_LENGTH:
        fields["contact"] = [_("最多 {limit} 字。").format(limit=CONTACT_LENGTH)]
    if fields:
        raise Invalid("invalid_feedback", _("有些内容需要修改。"), fields=fields)
    code = "".join(secrets.choice(_CODE_ALPHABET) for _i in range(10))
    row = PlatformFeedback.objects.create(
        kind=kind, content=content, contact=contact, code_hash=hash_of_code(code), created_at=clock.now()
    )
    audit.record("give_feedback", actor=actor, object_kind="feedback", object_id=row.pk, kind=kind)
    return row, code


def hash_of_code(code: str) -> str:
    return keyed_hash(_said_code(code))


def hashes_of_code(code: str) -> list[str]:
    """Of a code as a person types it (small letters and spaces do not matter): what may be stored."""
    return keyed_hashes(_said_code(code))


def _said_code(code: str) -> str:
    return "feedback:" + "".join(code.split()).upper()


@transaction.atomic
def answer_feedback(feedback: PlatformFeedback, *, answer: str, actor: Actor) -> PlatformFeedback:
    """Answer once; who asked reads it with their code."""
    require_administrator(actor)
    answer = answer.strip()
    if not answer or len(answer) > ANSWER_LENGTH:
        said = _("请写答复。") if not answer else _("最多 {limit} 字。").format(limit=ANSWER_LENGTH)
        raise Invalid("invalid_answer", said, fields={"answer": [said]})
    row = PlatformFeedback.objects.select_for_update().get(pk=feedback.pk)
    if row.state != PlatformFeedback.State.OPEN:
        raise DomainError("answered_already", _("这一条已经答复过了。"))
    row.state, row.answer = PlatformFeedback.State.ANSWERED, answer
    row.answered_at, row.answered_by_id = clock.now(), actor.membership_id
    row.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    audit.record("answer_feedback", actor=actor, object_kind="feedback", object_id=row.pk)
    return row


def save_register_entry(entry: Entry, *, actor: Actor) -> Entry:
    """Write a new or changed entry of a register. Nothing is ever deleted there; every change is audited."""
    require_register_keeper(actor)
    is_new, moment = entry.pk is None, clock.now()
    fields = _wrong_dates(entry)
    if fields:
        raise Invalid("invalid_entry", _("有些内容需要修改。"), fields=fields)
    if is_new:
        entry.created_at, entry.created_by_id = moment, actor.membership_id
    entry.changed_at = moment
    entry.save()
    verb = "record" if is_new else "change"
    kind = "impact_assessment" if isinstance(entry, ImpactAssessment) else "security_incident"
    audit.record(f"{verb}_{kind}", actor=actor, object_kind=kind, object_id=entry.pk)
    return entry


def _wrong_dates(entry: ImpactAssessment | SecurityIncident) -> dict[str, list[str]]:
    moment, fields = clock.now(), {}
    if isinstance(entry, ImpactAssessment):
        if entry.assessed_on > clock.today():
            fields["assessed_on"] = [_("评估日期不能晚于今天。")]
        return fields
    for name in ("occurred_at", "discovered_at", "authority_told_at", "people_told_at", "closed_at"):
        given = getattr(entry, name)
        if given is not None and given > moment:
            fields[name] = [_("不能是将来的时间。")]
    if entry.occurred_at and entry.occurred_at > entry.discovered_at:
        fields["occurred_at"] = [_("发生不会晚于发现。")]
    if entry.closed_at and not (entry.people_told_at or entry.not_told_reason.strip()):
        fields["closed_at"] = [_("处置完毕前，要么通知个人，要么写明不通知的理由（个人信息保护法第五十七条）。")]
    return fields
