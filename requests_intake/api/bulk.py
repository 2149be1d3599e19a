"""连续登记 for programs: several notes at once; good ones are recorded, the others come back with why (S2-05)."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.actors import Actor
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.idempotency import once
from governance.kernel.masking import refuse_masked
from grids.middleware import actor_of
from requests_intake.actions.bulk import record_note
from requests_intake.forms.bulk import BULK_KINDS, MOST_ROWS, TEXT_LENGTH, BulkForm, BulkRow, grids_of, own_places
from requests_intake.models import Channel

_NAMES = {"text": "content", "place": "place", "__all__": "row", "non_field_errors": "row"}
_PLACES = ("building", "compound", "grid")


class BulkRowInput(StrictSerializer):
    """One note. What is wrong with it is said of this row alone."""

    content = serializers.CharField(
        max_length=TEXT_LENGTH, required=False, allow_blank=True, default="", help_text=_("什么事")
    )
    building = IdField(required=False, allow_null=True, default=None, help_text=_("楼栋编号，见 /buildings/"))
    compound = IdField(required=False, allow_null=True, default=None, help_text=_("小区编号；三样地点给一样"))
    grid = IdField(required=False, allow_null=True, default=None, help_text=_("网格编号：公共区域，见 /areas/"))
    name = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text=_("称呼"), validators=[refuse_masked]
    )
    phone = serializers.CharField(
        max_length=30, required=False, allow_blank=True, default="", help_text=_("电话"), validators=[refuse_masked]
    )
    has_consented = serializers.BooleanField(
        required=False, default=False, help_text=_("本人同意登记称呼和电话；留了称呼或电话就必须是 true")
    )
    key = serializers.RegexField(
        r"^[\x21-\x7e]{1,80}$", required=False, default="", allow_blank=True,
        help_text=_("这一行自己的编号：整批重发时，登记过的行不会再登记一次"),
    )  # fmt: skip


class _AnyRowsInput(StrictSerializer):
    """The frame alone: each row is checked by itself, so that a bad one refuses no other."""

    channel = serializers.ChoiceField(
        Channel.choices, required=False, default=Channel.MORNING_WALK, help_text=_("怎么来的，默认晨步")
    )
    rows = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MOST_ROWS)


class BulkInput(_AnyRowsInput):
    rows = serializers.ListField(child=BulkRowInput(), min_length=1, max_length=MOST_ROWS, help_text=_("一行一件"))


class RecordedRowSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text=_("第几行，从 0 起"))
    number = serializers.CharField()
    follow_code = serializers.CharField(help_text=_("没有留电话的给居民的查询码，只出现这一次"))


class RefusedRowSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text=_("第几行，从 0 起"))
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), help_text=_("哪一项、为什么；row 说的是整行")
    )


class BulkSerializer(serializers.Serializer):
    recorded = RecordedRowSerializer(many=True)
    refused = RefusedRowSerializer(many=True)


class BulkView(WriteView):
    """The same rows, the same places and the same action as the page. Where no row is good nothing is kept, not even
    the key: 422 with the rows in ``errors``."""

    input_class = _AnyRowsInput

    @extend_schema(
        operation_id="tickets_create_bulk",
        summary=_("连续登记：一次几件，写好的登记，写错的退回说明"),
        tags=["诉求"],
        request=BulkInput,
        responses=BulkSerializer,
    )
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        if not actor.role_kinds & BULK_KINDS:
            raise NotAllowed("not_allowed", _t("连续登记由网格和社区的人用，您的岗位请一件一件登记。"))
        data = self.read(request)

        def act() -> dict[str, Any]:
            return _record(data, actor)

        # Rows are not checked yet: as JSON in ASCII they can be compared whatever is in them.
        body = {"channel": data["channel"], "rows": json.dumps(data["rows"], sort_keys=True)}
        return self.answer_once(request, principal=actor.principal, body=body, act=act)


def _record(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
    form = BulkForm({"channel": data["channel"]}, actor=actor)
    if not form.is_valid():
        raise Invalid("bad_channel", _t("这个渠道现在不能选，请选别的。"), fields=_said_of(form.errors))
    grids = grids_of(actor)
    places, by_id = own_places(grids), {area.id: area for area in grids}
    recorded: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for place, sent in enumerate(data["rows"]):
        checked = BulkRowInput(data=sent)
        if not checked.is_valid():
            refused.append({"row": place, "errors": _said_of(checked.errors)})
            continue
        said = checked.validated_data
        row = BulkRow(_as_form(said), places=places, grids=by_id)
        if row.is_valid():
            try:
                recorded.append({"row": place, **_once(row, said["key"], data["channel"], actor)})
                continue
            except DomainError as error:
                if error.status == 403:
                    raise
                row.refused(error)
        refused.append({"row": place, "errors": _said_of(row.errors)})
    if not recorded:
        fields = {f"rows.{row['row']}.{name}": told for row in refused for name, told in row["errors"].items()}
        raise Invalid("no_good_row", _t("没有一行能登记，请改好再交。"), fields=fields)
    return {"recorded": recorded, "refused": refused}


def _as_form(said: dict[str, Any]) -> dict[str, Any]:
    place = next((f"{kind}-{said[kind]}" for kind in _PLACES if said[kind] is not None), "")
    same = {name: said[name] for name in ("name", "phone", "has_consented")}
    return {**same, "text": said["content"], "place": place, "key": ""}


def _once(row: BulkRow, key: str, channel: str, actor: Actor) -> dict[str, Any]:
    """By its own key if it has one, as the page does it."""

    def act() -> dict[str, Any]:
        done = record_note(row.report(channel), has_consented=row.cleaned_data["has_consented"], actor=actor)
        # The code opens the resident's page: in the stored answer it is never in the clear.
        code = encrypt(done.follow_code) if done.follow_code else ""
        return {"number": done.ticket.number, "code": code}

    body = {"path": "bulk", "channel": channel, "said": row.said()}
    found = once(principal=actor.principal, key=key, body=body, act=act).result
    return {"number": found["number"], "follow_code": decrypt(found["code"]) if found["code"] else ""}


def _said_of(errors: Any) -> dict[str, list[str]]:
    """Names as they were sent, as far as they can be written."""
    return {
        _NAMES.get(name, name).encode(errors="replace").decode(): [str(sentence) for sentence in told]
        for name, told in errors.items()
    }
