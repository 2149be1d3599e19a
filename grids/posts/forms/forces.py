"""The form of a force. A number is never prefilled: nobody sees it whole without a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.keyed import KeyedForm
from grids.households.forms.households import DayField, NameField, PhoneField
from grids.people import find_member
from grids.posts import skills
from grids.posts.actions.forces import MOST_PEOPLE, ForceDetails
from grids.posts.models import Force


class ForceForm(KeyedForm):
    """``places``: (id, name) of the lists it may be taken into; asked only where there are several."""

    kind = forms.ChoiceField(label=_("类别"), choices=Force.Kind.choices, widget=forms.RadioSelect)
    name = NameField(label=_("姓名或队伍名称"))
    role = forms.CharField(label=_("身份"), max_length=30, help_text=_("居民看得懂的，如“社区民警”“水电维修队”。"))
    headcount = forms.IntegerField(label=_("几个人"), min_value=1, max_value=MOST_PEOPLE, initial=1)
    skills = forms.CharField(
        label=_("会什么"), required=False, max_length=100,
        help_text=_("用顿号隔开，如：{some}。派单吹哨时按这个找人。").format(some="、".join(list(skills.shipped())[:8])),
    )  # fmt: skip
    availability = forms.CharField(
        label=_("什么时候能来"), required=False, max_length=60, help_text=_("如“工作日晚上和周末”。")
    )
    contact = NameField(label=_("联系人"), required=False, help_text=_("队伍、单位填，个人不用填。"))
    phone = PhoneField(label=_("电话"))
    account = forms.CharField(
        label=_("账号"), required=False, max_length=40, help_text=_("有平台账号的填，请他帮忙时会收到消息。")
    )
    is_public = forms.BooleanField(label=_("本人同意让居民看到姓名和身份"), required=False)
    publishes_phone = forms.BooleanField(label=_("本人同意公开电话"), required=False)
    agreed_on = DayField(label=_("哪天同意的"), required=False, help_text=_("不填就是今天。"))

    def __init__(
        self, *args: Any, places: list[tuple[int, str]], known: Force | None = None, account: str = "",
        words: list[str] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if known is not None:
            names = ("kind", "role", "headcount", "availability", "is_public", "publishes_phone", "agreed_on")
            kwargs["initial"] = {
                **{name: getattr(known, name) for name in names},
                "name": known.name, "contact": known.contact, "skills": "、".join(words or []), "account": account,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.known, self.only = known, places[0][0] if places else 0
        if known is not None and known.phone:
            self.fields["phone"].help_text = _("空着就不改。")
            self.fields["forget"] = forms.BooleanField(label=_("删掉登记的电话"), required=False)
        if known is None and len(places) > 1:
            self.fields["place"] = forms.ChoiceField(
                label=_("进哪一级的清单"), choices=places, widget=forms.Select(attrs={"data-combo": _("输名称")})
            )
            self.order_fields(["place"])

    def area_id(self) -> int:
        return int(self.cleaned_data["place"]) if "place" in self.fields else self.only

    def details(self) -> ForceDetails:
        """Raises ``Invalid`` at ``account`` where nobody has it."""
        said, known = self.cleaned_data, self.known
        kept = known.phone if known is not None and not said.get("forget") else ""
        member: Membership | None = find_member(said["account"], "account") if said["account"].strip() else None
        return ForceDetails(
            kind=said["kind"], name=said["name"], role=said["role"], headcount=said["headcount"],
            contact=said["contact"], phone=said["phone"] or kept, skills=skills.split(said["skills"]),
            availability=said["availability"], is_public=said["is_public"], publishes_phone=said["publishes_phone"],
            agreed_on=said["agreed_on"], membership=member,
        )  # fmt: skip
