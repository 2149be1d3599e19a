"""The form that names somebody into the circle of a restricted ticket."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm
from grids.models.organization import PostKind
from grids.reference import territory
from requests_intake.actions.restricted import REASON_LENGTH, add_case_member
from requests_intake.models import CaseMember, Ticket


class CaseMemberForm(KeyedForm):
    """Who is to know of a restricted ticket, as what, and why."""

    member = forms.TypedChoiceField(
        label=gettext_lazy("谁"), coerce=int,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输姓名或单位")}),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选择在岗的工作人员。")),
    )  # fmt: skip
    role = forms.ChoiceField(label=gettext_lazy("身份"), choices=CaseMember.Role.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("为什么要让他知道"), max_length=REASON_LENGTH,
        error_messages={"required": gettext_lazy("请写明为什么要让他知道。")},
    )  # fmt: skip

    def __init__(self, ticket: Ticket, data: Any = None) -> None:
        super().__init__(data)
        self.use_required_attribute = False
        self.ticket = ticket
        self.fields["member"].choices = [("", _("请选择")), *people(ticket)]  # type: ignore[attr-defined]

    def perform(self, actor: Actor) -> dict[str, Any]:
        given = self.cleaned_data
        row = add_case_member(
            self.ticket, membership_id=given["member"], role=given["role"], reason=given["reason"], actor=actor
        )
        return {"member": row.pk}


def people(ticket: Ticket) -> list[tuple[int, str]]:
    """Everybody in post, but nobody of the organization it is about: name, post, organization."""
    places = territory()
    about = {row.membership_id for row in places.serving(ticket.about_id)} if ticket.about_id is not None else set()
    heads = {PostKind.BUILDING_HEAD.value, PostKind.UNIT_HEAD.value}
    found: dict[int, str] = {}
    for organization in places.organizations.values():
        for row in places.serving(organization.id):
            if row.membership_id not in about and row.kind not in heads:
                found.setdefault(row.membership_id, f"{row.name}·{row.post_name}·{organization.name}")
    return list(found.items())
