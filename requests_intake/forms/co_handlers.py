"""The forms of several hands on one matter: claiming, co-handlers (协办), giving it down (下沉)."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage
from grids.reference import territory
from requests_intake.actions.co_handlers import (
    add_handler,
    cancel_handler,
    delegate_down,
    organizations_below,
    resolve_co_order,
)
from requests_intake.actions.handle import claim_order, give_back_order
from requests_intake.actions.orders import open_co_orders
from requests_intake.forms.choices import organizations
from requests_intake.forms.move_form import MoveForm, note_field
from requests_intake.models import Ticket
from requests_intake.workflow import ORDER_OPEN


class ClaimForm(MoveForm):
    name = "claim"
    question = gettext_lazy("由您接这一单？")
    consequence = gettext_lazy("先点的人接走；接了就是签收，由您跟进。")

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return claim_order(ticket, actor=actor)


class GiveBackForm(MoveForm):
    name = "give_back"
    question = gettext_lazy("放回去，让别人接？")
    consequence = gettext_lazy("签收的时限照走，不会因为接过又放回而重新算。")
    note = note_field(gettext_lazy("为什么放回"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return give_back_order(ticket, note=self.cleaned_data["note"], actor=actor)


class AddHandlerForm(MoveForm):
    name = "add_handler"
    question = gettext_lazy("请哪个单位协办？")
    consequence = gettext_lazy("协办单位有自己的时限，不晚于主办；对居民的答复仍由主办单位负责。")
    organization = forms.TypedChoiceField(
        label=gettext_lazy("协办单位"), coerce=int,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages={
            "required": gettext_lazy("请选择协办单位。"),
            "invalid_choice": gettext_lazy("没有这个单位，或者它正在主办。"),
        },
    )  # fmt: skip
    note = note_field(gettext_lazy("请他们做什么"))

    def prepare(self) -> None:
        self.fields["organization"].choices = organizations(self.ticket)  # type: ignore[attr-defined]

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        return add_handler(ticket, organization_id=said["organization"], note=said["note"], actor=actor)


class CancelHandlerForm(MoveForm):
    name = "cancel_handler"
    question = gettext_lazy("不用哪个单位协办了？")
    organization = forms.TypedChoiceField(
        label=gettext_lazy("协办单位"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选择正在协办的单位。")),
    )  # fmt: skip
    note = note_field(gettext_lazy("为什么取消"), required=True)

    def prepare(self) -> None:
        rows = [order for order in open_co_orders(self.ticket) if order.state in ORDER_OPEN]
        self.fields["organization"].choices = [  # type: ignore[attr-defined]
            (order.organization_id, territory().organization_name(order.organization_id)) for order in rows
        ]
        if len(rows) == 1:
            self.fields["organization"].initial = rows[0].organization_id

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        return cancel_handler(ticket, organization_id=said["organization"], note=said["note"], actor=actor)


class CoResolveForm(MoveForm):
    name = "co_resolve"
    question = gettext_lazy("协办的部分办完了？")
    consequence = gettext_lazy("告诉主办单位做了什么；居民由主办单位答复。")
    note = note_field(gettext_lazy("做了什么"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return resolve_co_order(ticket, note=self.cleaned_data["note"], actor=actor)


class DelegateDownForm(MoveForm):
    name = "delegate_down"
    question = gettext_lazy("下沉给哪个单位？")
    consequence = gettext_lazy("只能给本地的下级单位，对居民的承诺时间不变。")
    organization = forms.TypedChoiceField(
        label=gettext_lazy("下级单位"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("只能下沉到本地的下级单位。")),
    )  # fmt: skip
    note = note_field(gettext_lazy("为什么由他们办"), required=True)

    def prepare(self) -> None:
        below = organizations_below(self.ticket)
        self.fields["organization"].choices = [  # type: ignore[attr-defined]
            (row.id, territory().organization_name(row.id)) for row in below
        ]
        own_grid = [row.id for row in below if row.area_id == self.ticket.grid_id]
        self.fields["organization"].initial = own_grid[0] if own_grid else None

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        return delegate_down(ticket, organization_id=said["organization"], note=said["note"], actor=actor)


CO_HANDLER_FORMS: Sequence[type[MoveForm]] = (
    ClaimForm, GiveBackForm, AddHandlerForm, CancelHandlerForm, CoResolveForm, DelegateDownForm,
)  # fmt: skip
