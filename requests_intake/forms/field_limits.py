"""Forms of what danger and difficult matters owe besides their promise (SLA D.2)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.keyed import StampField
from governance.kernel.storage import StoredImage
from requests_intake.actions.field_limits import arrive, control_danger, report_danger, tell_plan
from requests_intake.forms.move_form import MoveForm, note_field
from requests_intake.models import Ticket

_INSIDE = gettext_lazy("只有工作人员看得到。")


class _FieldForm(MoveForm):
    # What was tapped on the spot without a network counts from then, not from when it came in.
    at = StampField()


class ArriveForm(_FieldForm):
    name = "arrive"
    question = gettext_lazy("已经到现场了？")
    consequence = gettext_lazy("记下到场时间，到场时限停下。居民会看到有人到了。")
    note = note_field(gettext_lazy("现场什么情况"), help_text=_INSIDE)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return arrive(ticket, actor=actor, note=self.cleaned_data["note"], at=self.cleaned_data["at"])


class ControlDangerForm(_FieldForm):
    name = "control_danger"
    question = gettext_lazy("险情控制住了？")
    consequence = gettext_lazy("控制险情的时限停下，不用再两小时一报；事情还要接着办完。")
    note = note_field(gettext_lazy("怎么控制的"), required=True, help_text=_INSIDE)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return control_danger(ticket, actor=actor, note=self.cleaned_data["note"], at=self.cleaned_data["at"])


class ReportDangerForm(_FieldForm):
    name = "report_danger"
    question = gettext_lazy("险情现在怎么样？")
    consequence = gettext_lazy("报给本单位负责人、上级和区值班。没控制住以前，两小时报一次。")
    note = note_field(gettext_lazy("进展"), required=True, help_text=_INSIDE)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return report_danger(ticket, actor=actor, note=self.cleaned_data["note"], at=self.cleaned_data["at"])


class TellPlanForm(_FieldForm):
    name = "tell_plan"
    question = gettext_lazy("把办理方案告诉居民")
    consequence = gettext_lazy("居民会看到这段话，告知方案的时限停下。")
    note = note_field(gettext_lazy("怎么办、谁来办、什么时候办好"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return tell_plan(ticket, actor=actor, note=self.cleaned_data["note"], at=self.cleaned_data["at"])


FIELD_LIMIT_FORMS: tuple[type[MoveForm], ...] = (ArriveForm, ControlDangerForm, ReportDangerForm, TellPlanForm)
