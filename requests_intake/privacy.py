"""What tickets hold of people: their term, copies, corrections and erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.crypto import KeyedHashField, keyed_hashes
from governance.privacy.actions.retention import BATCH
from governance.privacy.holders import Erased, Holder, Kind, Section, register_holder, register_kind, register_labels
from governance.privacy.holds import held
from governance.privacy.models import Disclosure
from requests_intake.actions.anonymize import OBJECT_KIND, anonymize_tickets, due_tickets
from requests_intake.channels import channel_name
from requests_intake.models import Attachment, Note, Rating, Requester, ReturnVisit, Ticket, TicketTransition
from requests_intake.presentation.rows import place_text
from requests_intake.reference import rules
from requests_intake.workflow import FINISHED, MOVES


def _due(before: datetime) -> list[int]:
    return list(due_tickets().filter(closed_at__lt=before).order_by("closed_at").values_list("pk", flat=True))


def tickets_of_phone(phone: str) -> QuerySet[Ticket]:
    """The tickets that somebody with this number brought."""
    return Ticket.objects.filter(requester__phone_hash__in=keyed_hashes(phone))


def _export(phone: str) -> list[Section]:
    tickets = tickets_of_phone(phone).select_related("requester", "building", "compound").order_by("submitted_at")
    return [_ticket_section(ticket) for ticket in tickets]


def _ticket_section(ticket: Ticket) -> Section:
    person = ticket.requester
    rows = [
        {
            _("编号"): ticket.number,
            _("提交时间"): _time(ticket.submitted_at),
            _("渠道"): channel_name(ticket.channel),
            _("来件编号"): ticket.external_number,
            _("称呼"): person.name if person else "",
            _("手机号"): person.phone if person else "",
            _("标题"): ticket.title,
            _("内容"): ticket.content,
            _("地点"): place_text(ticket),
            _("地址"): ticket.address_text,
            _("坐标（WGS-84）"): f"{ticket.lng}, {ticket.lat}" if ticket.lng is not None else "",
            _("分类"): rules().category_name(ticket.category_id),
            _("状态"): ticket.get_state_display(),
            _("结案时间"): _time(ticket.closed_at),
        }
    ]
    moves = TicketTransition.objects.filter(ticket=ticket).exclude(move="stage").order_by("id")
    rows += [{_("时间"): _time(row.at), _("经过"): str(MOVES[row.move].label)} for row in moves if row.move in MOVES]
    public = Note.objects.filter(ticket=ticket, audience=Note.Audience.PUBLIC).order_by("id")
    rows += [{_("时间"): _time(row.created_at), _("答复"): row.text} for row in public]
    rows += [
        {_("时间"): _time(row.at), _("您的评价"): row.get_face_display()}
        for row in Rating.objects.filter(ticket=ticket).order_by("id")
    ]
    rows += [
        {_("时间"): _time(row.at), _("回访"): row.get_answer_display()}
        for row in ReturnVisit.objects.filter(ticket=ticket).order_by("id")
    ]
    rows += [
        {_("时间"): _time(row.at), _("查看过号码"): row.office, _("原因"): row.get_reason_display()}
        for row in Disclosure.objects.filter(object_kind=OBJECT_KIND, object_id=ticket.pk).order_by("id")
    ]
    # What staff photographed may show others; what the requester sent is theirs.
    brought = (Attachment.Purpose.REPORT, Attachment.Purpose.PAPER)
    own = Attachment.objects.filter(ticket=ticket, purpose__in=brought).order_by("id")
    files = tuple(
        (f"{ticket.number}-{place}.{photo.file.rsplit('.', 1)[-1]}", photo.file)
        for place, photo in enumerate(own, start=1)
    )
    return Section(_("诉求 {number}").format(number=ticket.number), rows, files)


def _time(moment: datetime | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""


def _preview(phone: str) -> Erased:
    tickets = list(tickets_of_phone(phone).values_list("pk", "state"))
    finished = {pk for pk, state in tickets if state in FINISHED}
    stays = held(OBJECT_KIND, [pk for pk, _state in tickets])
    kept = Counter(held=len(stays), open=len({pk for pk, _state in tickets} - finished - stays))
    return Erased(len(finished - stays), Counter(), kept)


def _erase(phone: str) -> Erased:
    """Finished matters are freed at once; open and held ones stay, and are said."""
    result = Erased(kept=_preview(phone).kept)
    ids = list(tickets_of_phone(phone).filter(state__in=FINISHED).order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), BATCH):
        objects, removed = anonymize_tickets(ids[first : first + BATCH])
        result += Erased(objects, removed)
    return result


def _correct(phone: str, name: str, new_phone: str) -> int:
    people = Requester.objects.filter(phone_hash__in=keyed_hashes(phone)).select_for_update().order_by("pk")
    changed = 0
    for person in people:
        if name:
            person.name = name
        if new_phone:
            person.phone = new_phone
            for field in Requester._meta.local_fields:
                if isinstance(field, KeyedHashField):
                    setattr(person, field.name, field.hash_of(new_phone))
        person.save(update_fields=["name", "phone", "phone_hash", "tail_hash"])
        changed += 1
    return changed


def _find(number: str) -> tuple[int, str] | None:
    """Locked, so that no term reaches it while it is put on hold."""
    ticket = Ticket.objects.filter(number=number).select_for_update(of=("self",)).first()
    return None if ticket is None else (ticket.pk, ticket.number)


def _labels(ids: Iterable[int]) -> dict[int, str]:
    return dict(Ticket.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


register_kind(
    Kind(
        code="ticket",
        label=gettext_lazy("诉求"),
        begins=gettext_lazy("结案"),
        what=gettext_lazy(
            "清除标题、内容、地址、精确位置、诉求人、办理说明、照片文件、检索词和站内消息；"
            "保留分类、所在网格、办理时间和评价，统计不变。"
        ),
        months=60,
        least=36,
        most=120,
        why=gettext_lazy("诉求结案后至少保存三年（一般诉讼时效）"),
        due=_due,
        scrub=anonymize_tickets,
        object_kind=OBJECT_KIND,
        find=_find,
    )
)
register_holder(Holder(export=_export, erase=_erase, preview=_preview, correct=_correct))
register_labels(OBJECT_KIND, _labels)
