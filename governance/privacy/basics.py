"""What the apps below hold of people: colleagues, notices, feedback, journals, and what this app itself keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.models import Membership, Notice, NotificationPreference, PlatformFeedback, Staff
from governance.kernel import clock
from governance.kernel.crypto import keyed_hashes, normal_phone
from governance.kernel.reference import bump_reference
from governance.privacy.holders import (
    Erased,
    Holder,
    Kind,
    Removed,
    Section,
    register_holder,
    register_kind,
    register_labels,
)
from governance.privacy.models import Disclosure, PersonRequest
from grids.models import Absence, PostAssignment, RegisterImportChange

# Stored, and compared with what is stored: the same in every language.
CLEARED = "内容已按规定清除。"
FORMER = "离任人员"


def _with_words(rows: QuerySet, column: str) -> QuerySet:
    """Rows whose encrypted column holds anything; the model's own filters refuse to look into it."""
    return rows.annotate(written=Length(column)).filter(written__gt=0)


# ---------------------------------------------------------------- feedback on the platform
def _feedback_due(before: datetime) -> list[int]:
    rows = PlatformFeedback.objects.exclude(content=CLEARED)
    ended = Q(answered_at__lt=before) | Q(answered_at=None, created_at__lt=before)
    return list(rows.filter(ended).order_by("pk").values_list("pk", flat=True))


def _clear_feedback(ids: Sequence[int]) -> tuple[int, Removed]:
    rows = PlatformFeedback.objects.filter(pk__in=ids).exclude(content=CLEARED)
    count = rows.update(content=CLEARED, contact="", answer="")
    return count, Counter(feedback=count)


def _feedback_of(phone: str) -> list[PlatformFeedback]:
    """By what was left as a contact; free text, so every one is read. There are few."""
    rows = _with_words(PlatformFeedback.objects.order_by("pk"), "contact")
    return [row for row in rows if normal_phone(row.contact) == phone]


# ---------------------------------------------------------------- notices
def _notices_due(before: datetime) -> list[int]:
    return list(Notice.objects.filter(created_at__lt=before).order_by("pk").values_list("pk", flat=True))


def _delete_notices(ids: Sequence[int]) -> tuple[int, Removed]:
    count = Notice.objects.filter(pk__in=ids).delete()[0]
    return count, Counter(notices=count)


# ---------------------------------------------------------------- why somebody was away
def _absences_due(before: datetime) -> list[int]:
    day = clock.local(before).date()
    rows = _with_words(Absence.objects.filter(until__lt=day), "reason")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _clear_absences(ids: Sequence[int]) -> tuple[int, Removed]:
    count = Absence.objects.filter(pk__in=ids).update(reason="")
    return count, Counter(absence_reasons=count)


# ---------------------------------------------------------------- colleagues who have left
def _staff_due(before: datetime) -> list[int]:
    day = clock.local(before).date()
    serving = PostAssignment.objects.filter(Q(until=None) | Q(until__gte=day)).values("membership_id")
    left = Membership.objects.filter(is_active=False, kind=Membership.Kind.STAFF, joined_at__lt=before)
    rows = Staff.objects.filter(membership__in=left).exclude(membership__in=serving).order_by("pk")
    return [row.pk for row in rows if row.name != FORMER]


def _clear_staff(ids: Sequence[int]) -> tuple[int, Removed]:
    members = Staff.objects.filter(pk__in=ids).values("membership_id")
    NotificationPreference.objects.filter(membership_id__in=members).delete()  # with the e-mail address
    count = Staff.objects.filter(pk__in=ids).update(name=FORMER, phone="", phone_hash="")
    bump_reference()  # names of those who hold or held posts are cached
    return count, Counter(staff=count)


# ---------------------------------------------------------------- the journal of register imports
def _journal_due(before: datetime) -> list[int]:
    # Sheets of apps above change people too; what is of this app's lower neighbour are places, posts and offices.
    rows = RegisterImportChange.objects.filter(is_new=False).exclude(model__startswith="grids.")
    old = rows.filter(register_import__uploaded_at__lt=before)
    return list(old.order_by("pk").values_list("pk", flat=True))


def _delete_journal(ids: Sequence[int]) -> tuple[int, Removed]:
    """Undoing an import after that leaves colleagues' names and numbers as they are."""
    count = RegisterImportChange.objects.filter(pk__in=ids).delete()[0]
    return count, Counter(import_files=count)


# ---------------------------------------------------------------- what this app keeps
def _disclosures_due(before: datetime) -> list[int]:
    rows = _with_words(Disclosure.objects.filter(at__lt=before), "words")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _clear_disclosures(ids: Sequence[int]) -> tuple[int, Removed]:
    count = Disclosure.objects.filter(pk__in=ids).update(words="")
    return count, Counter(disclosure_words=count)


def _requests_due(before: datetime) -> list[int]:
    rows = PersonRequest.objects.filter(ended_at__lt=before).exclude(phone_hash="")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def clear_requests(ids: Sequence[int]) -> tuple[int, Removed]:
    """Who asked goes; that somebody asked, when, and what was done stays."""
    rows = PersonRequest.objects.filter(pk__in=ids, ended_at__isnull=False)
    count = rows.update(phone="", phone_hash="", name="", words="", answer="")
    return count, Counter(person_requests=count)


def _requests_of(phone: str) -> QuerySet[PersonRequest]:
    return PersonRequest.objects.filter(phone_hash__in=keyed_hashes(phone)).order_by("pk")


# ---------------------------------------------------------------- copies and erasure
def _export(phone: str) -> list[Section]:
    feedback = [
        {
            _("时间"): f"{clock.local(row.created_at):%Y-%m-%d %H:%M}",
            _("类型"): row.get_kind_display(),
            _("内容"): row.content,
            _("联系方式"): row.contact,
            _("答复"): row.answer,
        }
        for row in _feedback_of(phone)
    ]
    colleagues = list(Staff.objects.filter(phone_hash__in=keyed_hashes(phone)).select_related("membership__user"))
    wishes = NotificationPreference.objects.filter(membership_id__in=[row.membership_id for row in colleagues])
    emails = {row.membership_id: row.email for row in wishes}
    staff = [
        {
            _("姓名"): row.name,
            _("手机号"): row.phone,
            _("账号"): row.membership.user.handle,
            _("邮箱"): emails.get(row.membership_id, ""),
        }
        for row in colleagues
    ]
    requests = [
        {
            _("申请编号"): str(row.number),
            _("申请事项"): row.get_wish_display(),
            _("提出时间"): f"{clock.local(row.created_at):%Y-%m-%d %H:%M}",
            _("身份核对"): row.get_proof_display(),
            _("称呼"): row.name,
            _("手机号"): row.phone,
            _("说明"): row.words,
            _("状态"): row.get_state_display(),
            _("答复"): row.answer,
        }
        for row in _requests_of(phone)
    ]
    named = ((_("对平台的意见"), feedback), (_("工作人员登记"), staff), (_("个人信息申请"), requests))
    return [Section(title, rows) for title, rows in named if rows]


def _preview(phone: str) -> Erased:
    staff = Staff.objects.filter(phone_hash__in=keyed_hashes(phone)).count()
    count = len(_feedback_of(phone)) + _requests_of(phone).filter(ended_at__isnull=False).count()
    return Erased(count, kept=Counter(staff=staff))


def _erase(phone: str) -> Erased:
    result = Erased(kept=_preview(phone).kept)
    for objects, removed in (
        _clear_feedback([row.pk for row in _feedback_of(phone)]),
        clear_requests([row.pk for row in _requests_of(phone)]),
    ):
        result += Erased(objects, removed)
    return result


for _kind in (
    Kind(
        "feedback", gettext_lazy("对平台的意见"), gettext_lazy("答复"), gettext_lazy("清除内容、联系方式和答复。"),
        24, 6, 60, gettext_lazy("答复后至少留半年，便于追问"), _feedback_due, _clear_feedback,
    ),
    Kind(
        "notice", gettext_lazy("站内消息"), gettext_lazy("发出"), gettext_lazy("删除消息，它重复诉求的标题。"),
        12, 1, 24, gettext_lazy("消息只是提醒，诉求本身另有期限"), _notices_due, _delete_notices,
    ),
    Kind(
        "absence", gettext_lazy("请假原因"), gettext_lazy("请假结束"), gettext_lazy("清除原因，保留日期和代理人。"),
        6, 1, 24, gettext_lazy("原因可能涉及健康，用完就应清除"), _absences_due, _clear_absences,
    ),
    Kind(
        "import", gettext_lazy("登记导入的改动记录"), gettext_lazy("导入"),
        gettext_lazy("删除人员姓名、号码的改动前后值；此后撤销导入不再改回这些。"),
        3, 1, 12, gettext_lazy("只为撤销导入而留"), _journal_due, _delete_journal,
    ),
    Kind(
        "staff", gettext_lazy("离任人员"), gettext_lazy("停用且全部离任"),
        gettext_lazy("姓名改为“离任人员”，清除号码；办过的事和审计仍对得上编号。"),
        60, 36, 120, gettext_lazy("办过的事可能被复查，至少保存三年"), _staff_due, _clear_staff,
    ),
    Kind(
        "disclosure", gettext_lazy("查看号码的说明"), gettext_lazy("查看"),
        gettext_lazy("清除自由填写的说明；谁在什么时候因什么类原因看过，一直保留。"),
        36, 6, 60, gettext_lazy("网络日志至少保存六个月（网络安全法第二十三条）"), _disclosures_due, _clear_disclosures,
    ),
    Kind(
        "person_request", gettext_lazy("个人信息申请"), gettext_lazy("办完"),
        gettext_lazy("清除申请人的称呼、号码、说明和答复；保留办理时间和证明。"),
        36, 12, 60, gettext_lazy("要能证明申请是怎样办的"), _requests_due, clear_requests,
    ),
):  # fmt: skip
    register_kind(_kind)
register_holder(Holder(export=_export, erase=_erase, preview=_preview))
register_labels(
    "person_request",
    lambda ids: {
        pk: _("申请 {number}").format(number=number)
        for pk, number in (PersonRequest.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
    },
)
register_labels("feedback", lambda ids: {pk: _("意见 {number}").format(number=pk) for pk in ids})
