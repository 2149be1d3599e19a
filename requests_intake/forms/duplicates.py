"""Forms of merging, taking out again and splitting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.storage import StoredImage
from requests_intake.actions.merge import merge_ticket, unmerge_ticket
from requests_intake.actions.split import MOST, Part
from requests_intake.actions.submit import CONTENT_LENGTH
from requests_intake.forms.choices import categories, communities
from requests_intake.forms.move_form import MoveForm, fresh_key, note_field
from requests_intake.models import Ticket
from requests_intake.numbering import NumberError, parse_number
from requests_intake.policies import TicketPolicy


class MergeForm(MoveForm):
    """Into a ticket whose number one knows; what is suggested stands on the ticket's page."""

    name = "merge"
    question = gettext_lazy("并入另一件诉求？")
    consequence = gettext_lazy("本件的工单取消，由主件一起办；给居民的承诺时间不变，主件每一步都会告诉居民。")
    into = forms.CharField(
        label=gettext_lazy("主件的编号"), max_length=30, error_messages={"required": gettext_lazy("请写主件的编号。")}
    )
    note = note_field(gettext_lazy("内部备注"))

    def clean_into(self) -> Ticket:
        try:
            number = str(parse_number(self.cleaned_data["into"]))
        except NumberError as error:
            raise forms.ValidationError(_("编号不对，请检查。")) from error
        found = TicketPolicy.visible(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("没有这个编号的诉求，或者不在您的范围内。"))
        return found

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return merge_ticket(ticket, into=wanted["into"], actor=actor, note=wanted["note"])


class UnmergeForm(MoveForm):
    name = "unmerge"
    question = gettext_lazy("把这件移出来，单独办理？")
    consequence = gettext_lazy("交回合并前的承办单位，重新派一张工单；给居民的承诺时间不变。")
    note = note_field(gettext_lazy("为什么移出"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return unmerge_ticket(ticket, actor=actor, note=self.cleaned_data["note"])


class MergeManyForm(forms.Form):
    """What the preview of a batch sends: the rows ticked are read by the view."""

    note = note_field(gettext_lazy("内部备注"))
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)


class SplitForm(forms.Form):
    """The whole page: how many parts, a note, the key."""

    count = forms.IntegerField(min_value=1, max_value=MOST, widget=forms.HiddenInput, initial=1)
    note = note_field(gettext_lazy("内部备注"))
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)

    def refused(self, error: DomainError) -> None:
        self.add_error(None, error.message)


class PartForm(forms.Form):
    """One matter to take out. The place is the original's unless another address is written."""

    content = forms.CharField(
        label=gettext_lazy("这一件是什么事"), max_length=CONTENT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请写出这一件是什么事。")},
    )  # fmt: skip
    category = forms.ChoiceField(
        label=gettext_lazy("分类"), required=False,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找分类")}),
        help_text=gettext_lazy("空着就按这里的字自动判断。"),
        error_messages={"invalid_choice": gettext_lazy("没有这个分类。")},
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("地址"), required=False, max_length=200, help_text=gettext_lazy("不改就和原来的地点一样。")
    )
    community = forms.TypedChoiceField(
        label=gettext_lazy("社区"), required=False, coerce=int, empty_value=None,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找社区")}),
        error_messages={"invalid_choice": gettext_lazy("没有这个社区。")},
    )  # fmt: skip

    def __init__(self, original: Ticket, place: int, data: Any = None, **options: Any) -> None:
        super().__init__(data, prefix=f"part_{place}", **options)
        self.original = original
        self.use_required_attribute = False
        self.fields["category"].choices = [("", _("自动判断")), *categories()[1:]]  # type: ignore[attr-defined]
        self.fields["community"].choices = [("", _("没有选")), *communities()]  # type: ignore[attr-defined]
        building = original.building if original.building_id else None
        self.was_at = original.address_text or (building.name if building else "")
        self.fields["address"].initial = self.was_at
        self.fields["community"].initial = original.community_id
        if place == 0:
            self.fields["content"].initial = original.content

    def part(self) -> Part:
        said = self.cleaned_data
        same = said["address"].strip() == self.was_at.strip()
        return Part(
            content=said["content"],
            category_code=said["category"],
            address=said["address"],
            building_id=self.original.building_id if same else None,
            community_id=said["community"],
        )


DUPLICATE_FORMS = (MergeForm, UnmergeForm)
