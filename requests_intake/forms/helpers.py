"""请人帮忙: the picker of helpers (S3-28)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage
from requests_intake.actions.helpers import call_helper
from requests_intake.forms.move_form import MoveForm, note_field
from requests_intake.helpers import offered, words_of
from requests_intake.models import Ticket


class CallHelperForm(MoveForm):
    name = "call_helper"
    question = gettext_lazy("请谁来帮忙？")
    force = forms.TypedChoiceField(
        label=gettext_lazy("力量清单"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("请从本网格、社区和街道的清单里选一个。")
        ),
    )  # fmt: skip
    note = note_field(gettext_lazy("请他做什么"))

    def prepare(self) -> None:
        self.skills, rows = offered(self.ticket)
        self.fields["force"].choices = [(row.pk, words_of(row, skills)) for row, skills in rows]  # type: ignore[attr-defined]
        if not rows:
            self.fields["force"].help_text = _("这里的网格、社区和街道还没有登记力量，请先到“力量清单”里登记。")

    @property
    def consequence(self) -> Any:
        told = _("平台账号的会收到消息，没有账号的请打电话。主办单位和时限都不变。")
        if not self.skills:
            return told
        first = _("这件事像是要会{skills}的，他们排在前面：先网格，再社区、街道。")
        return first.format(skills="、".join(self.skills)) + told

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return call_helper(ticket, force_id=self.cleaned_data["force"], note=self.cleaned_data["note"], actor=actor)
