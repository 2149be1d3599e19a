"""Forms of what a desk keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm
from grids.reference import territory
from requests_intake import workflow
from requests_intake.desks.actions.keep import PHRASE_MOVES, PhraseSaid, ViewSaid
from requests_intake.desks.models import NAME_LENGTH, TEXT_LENGTH, Kept, SavedPhrase, SavedView
from requests_intake.desks.policies import own_organizations


class KeptForm(KeyedForm):
    organization = forms.TypedChoiceField(
        label=gettext_lazy("给谁用"), required=False, coerce=int, empty_value=None, widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("只能给自己，或者给自己任职的单位。")},
    )  # fmt: skip
    is_default = forms.BooleanField(label=gettext_lazy("默认"), required=False)

    def __init__(self, actor: Actor, *args: Any, kept: Kept | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        names = territory().organization_name
        shared = [(pk, _("{name}共用").format(name=names(pk))) for pk in own_organizations(actor)]
        field = self.fields["organization"]
        field.choices = [("", _("只有我")), *shared]  # type: ignore[attr-defined]
        field.sometimes = True  # type: ignore[attr-defined]
        if kept is not None:
            self.initial.setdefault("organization", kept.organization_id or "")
            self.initial.setdefault("is_default", kept.is_default)
        else:
            self.initial.setdefault("organization", "")
        self.order_fields([name for name in self.fields if name not in ("organization", "is_default")])


class ViewForm(KeptForm):
    name = forms.CharField(
        label=gettext_lazy("名字"), max_length=NAME_LENGTH, help_text=gettext_lazy("比如：排水·雨后三天"),
        error_messages={"required": gettext_lazy("请给视图起个名字。")},
    )  # fmt: skip

    def __init__(self, actor: Actor, *args: Any, kept: SavedView | None = None, **kwargs: Any) -> None:
        if kept is not None:
            kwargs["initial"] = {"name": kept.name, **kwargs.get("initial", {})}
        super().__init__(actor, *args, kept=kept, **kwargs)
        self.fields["is_default"].label = _("进工作台先看这个")

    def said(self, query: Mapping[str, str]) -> ViewSaid:
        given = self.cleaned_data
        return ViewSaid(
            name=given["name"], query=query, organization_id=given["organization"], is_default=given["is_default"]
        )


class PhraseForm(KeptForm):
    move = forms.ChoiceField(
        label=gettext_lazy("哪一步用"), error_messages={"required": gettext_lazy("请选哪一步用。")},
        choices=[(name, workflow.MOVES[name].label) for name in PHRASE_MOVES],
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("怎么说"), max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("请写一句话。")},
    )  # fmt: skip

    def __init__(self, actor: Actor, *args: Any, kept: SavedPhrase | None = None, **kwargs: Any) -> None:
        if kept is not None:
            kwargs["initial"] = {"move": kept.move, "text": kept.text, **kwargs.get("initial", {})}
        super().__init__(actor, *args, kept=kept, **kwargs)
        self.fields["is_default"].label = _("打开这一步时先填好")

    def said(self) -> PhraseSaid:
        given = self.cleaned_data
        return PhraseSaid(
            move=given["move"], text=given["text"], organization_id=given["organization"],
            is_default=given["is_default"],
        )  # fmt: skip
