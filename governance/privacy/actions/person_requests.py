"""What a person asks for about their own data, and how it is done: a copy, a correction, an erasure."""

from __future__ import annotations

from collections import Counter

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.accounts.policies import require_security_admin
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.crypto import keyed_hash, keyed_hashes, normal_phone
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.masking import looks_masked, masked_words
from governance.kernel.tenancy.context import current_district_id
from governance.privacy.archive import build_archive
from governance.privacy.basics import clear_requests
from governance.privacy.certificates import certify
from governance.privacy.holders import HOLDERS, Erased, Section
from governance.privacy.models import Certificate, PersonRequest

WORKING_DAYS = 15
NAME_LENGTH, WORDS_LENGTH = 40, 1_000
Wish, State, Proof = PersonRequest.Wish, PersonRequest.State, PersonRequest.Proof


def make_request(
    *, wish: str, phone: str, name: str, words: str, proof: str, actor: Actor, ticket_id: int | None = None
) -> PersonRequest:
    """Record a request. A resident proves a ticket (``ticket_id``); staff say how they checked the identity.

    Raises ``NotAllowed`` for staff who are not the security administrator, and ``Invalid``.
    """
    if ticket_id is None:
        require_security_admin(actor)
    digits = normal_phone(phone)
    fields = _wrong(wish, phone, digits, name, words, proof, by_ticket=ticket_id is not None)
    if fields:
        raise Invalid("invalid_request", _("有些内容需要修改。"), fields=fields)
    number = _next_number()
    same = PersonRequest.objects.filter(phone_hash__in=keyed_hashes(digits), wish=wish, state=State.OPEN)
    if same.exists():
        raise DomainError("asked_already", _("这个号码已经有一份同样的申请在办理。"))
    today = clock.today()
    row = PersonRequest.objects.create(
        number=number,
        wish=wish,
        proof=proof,
        phone=digits,
        phone_hash=keyed_hash(digits),
        name=name.strip(),
        words=words.strip(),
        proved_ticket=ticket_id,
        recorded_by_id=actor.membership_id,
        created_at=clock.now(),
        due_on=work_calendar().add_working_days(today, WORKING_DAYS),
    )
    audit.record("person_request", actor=actor, object_kind="person_request", object_id=row.pk, wish=wish, proof=proof)
    return row


def _wrong(
    wish: str, phone: str, digits: str, name: str, words: str, proof: str, *, by_ticket: bool
) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    if wish not in Wish.values:
        fields["wish"] = [_("请选要办什么。")]
    if looks_masked(phone):
        fields["phone"] = [masked_words()]
    elif not 7 <= len(digits) <= 13:
        fields["phone"] = [_("电话号码不对，请检查。")]
    if looks_masked(name):
        fields["name"] = [masked_words()]
    elif len(name.strip()) > NAME_LENGTH:
        fields["name"] = [_("最多 {limit} 字。").format(limit=NAME_LENGTH)]
    if proof not in Proof.values or (proof == Proof.TICKET) != by_ticket:
        fields["proof"] = [_("请选怎样核对的身份。")]
    if len(words.strip()) > WORDS_LENGTH:
        fields["words"] = [_("最多 {limit} 字。").format(limit=WORDS_LENGTH)]
    elif wish == Wish.CORRECT and not words.strip():
        fields["words"] = [_("请写明哪里不对、应该是什么。")]
    return fields


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('privacy_request'), %s)", [current_district_id()])
    return (PersonRequest.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def held_on(phone: str) -> list[Section]:
    """All that the district in scope holds on a number."""
    return [section for holder in HOLDERS for section in holder.export(phone)]


def erasure_preview(phone: str) -> Erased:
    """What an erasure would free, and what it would have to leave."""
    result = Erased()
    for holder in HOLDERS:
        result += holder.preview(phone)
    return result


@transaction.atomic
def give_copy(request: PersonRequest, *, actor: Actor) -> bytes:
    """The copy as a ZIP, made for this answer and kept nowhere. The first one closes the request."""
    require_security_admin(actor)
    row = PersonRequest.objects.select_for_update().get(pk=request.pk)
    if row.wish != Wish.EXPORT or not row.phone or row.state == State.REFUSED:
        raise DomainError("no_copy", _("这份申请不是要副本，或者申请人的信息已经清除。"))
    sections = held_on(row.phone)
    if row.state == State.OPEN:
        certificate = certify(
            Certificate.Act.EXPORT,
            kind="person",
            objects=len(sections),
            removed=Counter(),
            person_request=row.number,
            made_by_id=actor.membership_id,
        )
        _end(row, State.DONE, "", certificate, actor)
    audit.record("export_person", actor=actor, object_kind="person_request", object_id=row.pk, sections=len(sections))
    return build_archive(row, sections)


@transaction.atomic
def correct_person(request: PersonRequest, *, name: str, new_phone: str, answer: str, actor: Actor) -> int:
    """Give the person's rows another name or number. Returns how many rows were changed."""
    require_security_admin(actor)
    row = _open(request, Wish.CORRECT)
    name, digits, answer = name.strip(), normal_phone(new_phone), answer.strip()
    fields: dict[str, list[str]] = {}
    for key, value in (("new_name", name), ("new_phone", new_phone)):
        if looks_masked(value):
            fields[key] = [masked_words()]
    if "new_phone" not in fields and new_phone.strip() and not 7 <= len(digits) <= 13:
        fields["new_phone"] = [_("电话号码不对，请检查。")]
    if not answer:
        fields["answer"] = [_("请写明改了什么，告诉申请人。")]
    if fields:
        raise Invalid("invalid_correction", _("有些内容需要修改。"), fields=fields)
    changed = sum(holder.correct(row.phone, name, digits) for holder in HOLDERS)
    certificate = certify(
        Certificate.Act.CORRECTION,
        kind="person",
        objects=changed,
        removed=Counter(),
        person_request=row.number,
        made_by_id=actor.membership_id,
    )
    _end(row, State.DONE, answer, certificate, actor)
    audit.record("correct_person", actor=actor, object_kind="person_request", object_id=row.pk, count=changed)
    return changed


@transaction.atomic
def erase_person(request: PersonRequest, *, confirmed: bool, actor: Actor) -> Certificate:
    """Free everything that need not stay, for good. The request keeps neither name nor number after it."""
    require_security_admin(actor)
    row = _open(request, Wish.ERASE)
    if not confirmed:
        said = _("请确认：删除以后不能恢复。")
        raise Invalid("not_confirmed", said, fields={"confirmed": [said]})
    phone, result = row.phone, Erased()
    for holder in HOLDERS:
        result += holder.erase(phone)
    certificate = certify(
        Certificate.Act.ERASURE,
        kind="person",
        objects=result.objects,
        removed=result.removed,
        kept=result.kept,
        person_request=row.number,
        made_by_id=actor.membership_id,
    )
    _end(row, State.DONE, "", certificate, actor)
    if not result.kept:
        clear_requests([row.pk])
    audit.record("erase_person", actor=actor, object_kind="person_request", object_id=row.pk, count=result.objects)
    return certificate


@transaction.atomic
def refuse_request(request: PersonRequest, *, answer: str, actor: Actor) -> PersonRequest:
    """Say no, and why: the law wants the reason to be told (art. 50)."""
    require_security_admin(actor)
    row, answer = _open(request, request.wish), answer.strip()
    if not answer:
        said = _("不予办理要写明理由，申请人会看到。")
        raise Invalid("no_answer", said, fields={"answer": [said]})
    _end(row, State.REFUSED, answer[:WORDS_LENGTH], None, actor)
    audit.record("refuse_person_request", actor=actor, object_kind="person_request", object_id=row.pk)
    return row


def _open(request: PersonRequest, wish: str) -> PersonRequest:
    row = PersonRequest.objects.select_for_update().get(pk=request.pk)
    if row.state != State.OPEN or row.wish != wish:
        raise DomainError("ended_already", _("这份申请已经办完，或者不是这个事项。"))
    return row


def _end(row: PersonRequest, state: str, answer: str, certificate: Certificate | None, actor: Actor) -> None:
    row.state, row.answer, row.certificate = state, answer, certificate
    row.ended_at, row.ended_by_id = clock.now(), actor.membership_id
    row.save(update_fields=["state", "answer", "certificate", "ended_at", "ended_by"])
