"""What the write endpoints accept. Shape is checked here (400); what the district's rules say, in the actions (422)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from governance.kernel.api.writes import IdField, StrictSerializer
from governance.kernel.masking import refuse_masked
from governance.kernel.storage import MAX_PHOTOS
from requests_intake.actions.consents import Agreed
from requests_intake.actions.desk import REJECT_REASONS
from requests_intake.actions.rate import CLOSE_REASONS
from requests_intake.actions.submit import CONTENT_LENGTH, EXTERNAL_LENGTH, Report
from requests_intake.actions.visits import CHANNELS
from requests_intake.models import Channel, Consent, RequestType, ReturnVisit, Satisfaction, Solved, Urgency

NOTE_LENGTH = 2_000


def _text(label: Any, length: int = NOTE_LENGTH, *, required: bool = False, **more: Any) -> serializers.CharField:
    if required:
        return serializers.CharField(max_length=length, help_text=label)
    return serializers.CharField(
        max_length=length, required=False, allow_blank=True, default="", help_text=label, **more
    )


class _Photos(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        child = serializers.FileField(allow_empty_file=False, max_length=200)
        kwargs |= {"child": child, "max_length": MAX_PHOTOS, "required": False, "default": list}
        super().__init__(help_text=_("照片"), **kwargs)


class PlaceInput(StrictSerializer):
    """Where it is. Any of these may be missing; ``lng`` and ``lat`` come together (WGS-84)."""

    building = IdField(required=False, allow_null=True, default=None, help_text=_("楼栋编号，见 /buildings/"))
    address = _text(_("地址"), 200)
    lng = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=-180, max_value=180, help_text=_("经度 WGS-84")
    )
    lat = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=-90, max_value=90, help_text=_("纬度 WGS-84")
    )
    community = IdField(required=False, allow_null=True, default=None, help_text=_("社区编号，见 /areas/"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("lng") is None) != (attrs.get("lat") is None):
            raise serializers.ValidationError({"lat": [_("经度和纬度要一起给。")]})
        return attrs


def place_of(data: dict[str, Any]) -> dict[str, Any]:
    """The place of a checked body, as ``locate`` and ``Report`` name it."""
    point = None if data.get("lng") is None else (data["lng"], data["lat"])
    return {
        "building_id": data.get("building"),
        "address": data.get("address", ""),
        "point": point,
        "community_id": data.get("community"),
    }


class PublicReportInput(PlaceInput):
    """What somebody without an account says."""

    content = serializers.CharField(max_length=CONTENT_LENGTH, help_text=_("发生了什么"))
    title = _text(_("标题，可不填"), 120)
    request_type = serializers.ChoiceField(
        RequestType.choices, required=False, default="", help_text=_("不填则系统判断")
    )
    category = _text(_("事项分类代码，见 /categories/；不填则由系统建议"), 8)
    name = _text(_("称呼"), 40, validators=[refuse_masked])
    phone = _text(_("电话；不留电话则给一个查询码"), 30, validators=[refuse_masked])
    is_anonymous = serializers.BooleanField(required=False, default=False, help_text=_("匿名：不保存称呼和电话"))
    is_confidential = serializers.BooleanField(required=False, default=False, help_text=_("保密：承办人看不到是谁"))
    occurred_at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text=_("发生时间"))
    about = IdField(
        required=False, allow_null=True, default=None,
        help_text=_("举报（report）反映的单位编号，见 /organizations/；这个单位看不到也办不了"),
    )  # fmt: skip

    helper = serializers.ChoiceField(
        [row for row in Consent.Helper.choices if row[0] != Consent.Helper.STAFF], required=False, default="",
        help_text=_("替别人报时，您是本人的什么人；称呼和电话填本人的"),
    )  # fmt: skip
    consent_how = serializers.ChoiceField(
        Consent.How.choices, required=False, default="", help_text=_("本人怎么同意登记的")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("helper") and not attrs.get("consent_how"):
            raise serializers.ValidationError({"consent_how": [_("替别人报要写明本人是怎么同意的。")]})
        if attrs.get("about") is not None and attrs.get("request_type") != RequestType.REPORT:
            raise serializers.ValidationError({"about": [_("只有举报才填反映的单位，请把诉求类型写成 report。")]})
        return super().validate(attrs)


class PublicReportPhotosInput(PublicReportInput):
    photos = _Photos()
    recording = serializers.FileField(
        required=False, allow_empty_file=False, max_length=200,
        help_text=_("一段录音或录像：MP4、M4A、MP3、WebM，最长 3 分钟，最多 20 MB"),
    )  # fmt: skip


class StaffReportInput(PublicReportInput):
    """What a member of staff records for a resident, or finds on patrol."""

    helper = None  # type: ignore[assignment]  # whoever records it is staff

    channel = serializers.ChoiceField(Channel.choices, required=False, default=Channel.API, help_text=_("渠道"))
    urgency = serializers.ChoiceField(Urgency.choices, required=False, default="", help_text=_("不填则由系统判断"))
    is_proactive = serializers.BooleanField(required=False, default=False, help_text=_("主动发现，没有诉求人"))
    campaigns = serializers.ListField(
        child=IdField(), required=False, default=list, max_length=20, help_text=_("专项编号，见 /campaigns/")
    )
    external_number = _text(_("来件编号：来的系统给的，同一渠道只登记一次"), EXTERNAL_LENGTH)
    external_due_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text=_("来件要求办结的时间；比本区时限早就按它承诺")
    )


class StaffReportPhotosInput(StaffReportInput):
    photos = _Photos()


class LetterInput(StrictSerializer):
    """A letter to the secretary of a community (书记直通车, S2-12)."""

    community = IdField(help_text=_("社区编号，见 /areas/"))
    content = serializers.CharField(max_length=CONTENT_LENGTH, help_text=_("想说什么"))
    name = _text(_("称呼"), 40, validators=[refuse_masked])
    phone = _text(_("电话；不留电话则给一个查询码"), 30, validators=[refuse_masked])
    is_anonymous = serializers.BooleanField(required=False, default=False, help_text=_("匿名：不保存称呼和电话"))


class LetterPhotosInput(LetterInput):
    photos = _Photos()


def report_of(data: dict[str, Any], **more: Any) -> Report:
    """The report a checked body makes; ``more`` overrides."""
    same = (
        "content", "title", "request_type", "name", "phone", "is_anonymous", "is_confidential", "occurred_at",
        "channel", "urgency", "is_proactive", "external_number", "external_due_at",
    )  # fmt: skip
    values = {name: data[name] for name in same if name in data} | place_of(data)
    values |= {"category_code": data.get("category", ""), "about_id": data.get("about")}
    if data.get("consent_how"):
        values["agreed"] = Agreed(data["consent_how"], data.get("helper") or Consent.Helper.STAFF)
    if "campaigns" in data:
        values["campaign_ids"] = tuple(data["campaigns"])
    return Report(**(values | more))


class NoteInput(StrictSerializer):
    note = _text(_("说明（内部）"))


class NeededNoteInput(StrictSerializer):
    note = _text(_("说明"), required=True)


class _InTheField(StrictSerializer):
    at = serializers.DateTimeField(
        required=False, allow_null=True, default=None,
        help_text=_("什么时候的事：没有网络时先记下的，三天以内的算数；不写就是现在"),
    )  # fmt: skip


class FieldNoteInput(_InTheField, NoteInput):
    """What was done on the spot, with or without a word."""


class NeededFieldNoteInput(_InTheField, NeededNoteInput):
    """What was done on the spot, in a sentence."""


class EmptyInput(StrictSerializer):
    """Nothing but the move itself."""


class RejectInput(NeededNoteInput):
    reason = serializers.ChoiceField(list(REJECT_REASONS.items()), help_text=_("不予受理的原因"))


class DispatchInput(NoteInput):
    organization = IdField(help_text=_("承办单位编号，见 /organizations/"))


class AssignInput(NoteInput):
    assignee = IdField(help_text=_("承办人的成员编号"))


class ReplyInput(StrictSerializer):
    reply = _text(_("办理结果，居民会看到"), required=True)


class ReplyPhotosInput(ReplyInput):
    photos = _Photos()


class PhotosNoteInput(NoteInput):
    photos = _Photos()


class PhotosNeededNoteInput(NeededNoteInput):
    photos = _Photos()


class ReturnVisitInput(NoteInput):
    answer = serializers.ChoiceField(ReturnVisit.Answer.choices, help_text=_("回访结果"))
    solved = serializers.ChoiceField(
        Solved.choices, required=False, allow_blank=True, default="", help_text=_("解决了没有，另外问的；没有问就不填")
    )
    channel = serializers.ChoiceField(
        [(way.value, way.label) for way in CHANNELS], required=False, default="phone", help_text=_("怎么回访的")
    )


class CloseInput(NeededNoteInput):
    reason = serializers.ChoiceField([(code, code) for code in CLOSE_REASONS], help_text=_("结案原因"))


class JudgeInput(NeededNoteInput):
    granted = serializers.BooleanField(help_text=_("是否认定为不合理诉求"))


class ClassifyInput(NoteInput):
    category = serializers.CharField(max_length=8, help_text=_("事项分类代码"))
    urgency = serializers.ChoiceField(Urgency.choices, required=False, default="", help_text=_("紧急程度，不填则不变"))


class FollowInput(StrictSerializer):
    """The proof that a ticket is one's own. It stands in the body: an address ends up in logs."""

    secret = serializers.CharField(max_length=40, help_text=_("电话后四位，或查询码"), write_only=True)


class FollowNoteInput(FollowInput):
    note = _text(_("说明"))


class FollowNeededNoteInput(FollowInput):
    note = _text(_("说明"), required=True)


class RateInput(FollowInput):
    face = serializers.ChoiceField(Satisfaction.choices, help_text=_("满意、还行、没解决"))
    comment = _text(_("想说的话"))
