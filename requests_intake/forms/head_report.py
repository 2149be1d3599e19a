"""What the head of a building or unit (楼栋长、单元长) reports: as a resident, of the own building."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.crypto import normal_phone
from governance.kernel.masking import refuse_masked
from governance.kernel.storage import StoredImage
from grids.heads import Head
from grids.patrols.models import BuildingRound
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.forms.moves import fresh_key
from requests_intake.forms.places import building_name
from requests_intake.models import Channel


class HeadReportForm(forms.Form):
    """The building stands there already; a photo or a few words are enough."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)
    round = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**63 - 1)
    place = forms.TypedChoiceField(
        label=gettext_lazy("哪栋楼"), coerce=int, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选哪栋楼。"), "invalid_choice": gettext_lazy("这不是您的楼。")},
    )  # fmt: skip
    content = forms.CharField(
        label=gettext_lazy("怎么了"),
        required=False,
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": gettext_lazy("比如：2 单元门口的灯不亮了")}),
    )
    phone = forms.CharField(
        label=gettext_lazy("您的电话"),
        max_length=30,
        validators=[refuse_masked],
        help_text=gettext_lazy("办理人打给您，您也凭它查进度。"),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": gettext_lazy("请填电话，不然没法回您。")},
    )

    def __init__(
        self,
        heads: Sequence[Head],
        data: Any = None,
        *,
        known_phone: str = "",
        photo_count: int = 0,
        walked: BuildingRound | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.use_required_attribute = False
        self.known_phone, self.photo_count = known_phone, photo_count
        places = own_buildings(heads)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["place"].initial = places[0][0] if places else None
        if walked is not None:
            # Found on a round: the building and what was wrong stand there already.
            self.fields["round"].initial, self.fields["place"].initial = walked.pk, walked.building_id
            words = _("巡楼时发现：{problems}有问题。").format(problems="、".join(walked.problems))
            self.fields["content"].initial = words if walked.problems else ""
        if len(places) == 1:
            self.fields["place"].widget = forms.HiddenInput()
        if known_phone:
            # Known from the register: it is neither asked again nor shown.
            del self.fields["phone"]

    def clean_phone(self) -> str:
        said: str = self.cleaned_data["phone"]
        if not 7 <= len(normal_phone(said)) <= 13:
            raise forms.ValidationError(_("电话号码不对，请检查。"))
        return said

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.photo_count and not given.get("content", "").strip():
            self.add_error("content", _("请拍一张，或者说一句。"))
        return given

    def report(self, photos: Sequence[StoredImage], *, name: str) -> Report:
        given = self.cleaned_data
        return Report(
            content=given["content"].strip() or _("楼里的事，请看照片。"),
            channel=Channel.WEB,
            building_id=given["place"],
            name=name,
            phone=self.known_phone or given["phone"],
            photos=tuple(photos),
        )


def own_buildings(heads: Sequence[Head]) -> list[tuple[int, str]]:
    """Id and name of the buildings headed, each once; no statement."""
    names = {head.building_id: building_name(head.building_id) for head in heads}
    return [(pk, named.label) for pk, named in names.items() if named is not None]
