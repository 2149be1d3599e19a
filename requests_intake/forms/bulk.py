"""连续登记 (S2-05): several short notes on one screen, each a matter of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.legal import current
from governance.kernel.actors import Actor
from governance.kernel.crypto import normal_phone
from governance.kernel.errors import DomainError
from governance.kernel.masking import refuse_masked
from grids.models import Building
from grids.reference import AreaRef, territory
from requests_intake.actions.consents import Agreed, how_by_channel
from requests_intake.actions.submit import Report
from requests_intake.channels import entry_channels
from requests_intake.forms.moves import fresh_key
from requests_intake.models import Channel, Consent

BULK_KINDS = frozenset({"grid_worker", "grid_leader", "community_secretary", "community_staff", "network_liaison"})
"""Who enters several notes at once: those with buildings of their own."""
FIRST_ROWS, MOST_ROWS = 5, 20
TEXT_LENGTH = 500
Choices = list[tuple[str, Any]]


def grids_of(actor: Actor) -> list[AreaRef]:
    """The grids in which somebody on the ground or of a community works, in the order of their codes."""
    places = territory()
    own = {role.area_id for role in actor.roles if role.level in ("grid", "community")}
    found = [area for area in places.at_level("grid") if area.id in own or area.community_id in own]
    return sorted(found, key=lambda area: area.path)


def own_places(grids: Sequence[AreaRef]) -> Choices:
    """The public ground of each grid, the compounds, the buildings; one statement for however many rows."""
    choices: Choices = [("", _("选地点"))]
    choices.append((_("公共区域"), [(f"grid-{area.id}", area.name) for area in grids]))
    compounds: dict[int, str] = {}
    groups: dict[int, list[tuple[str, str]]] = {area.id: [] for area in grids}
    rows = Building.objects.filter(grid_id__in=groups, ended_on=None).order_by("compound_id", "number", "pk")
    for pk, name, compound_id, compound, grid_id in rows.values_list(
        "pk", "name", "compound_id", "compound__name", "grid_id"
    ):
        if compound_id and compound:
            compounds[compound_id] = compound
        label = name if not compound or compound in name else f"{compound}{name}"
        groups[grid_id].append((f"building-{pk}", label))
    if compounds:
        choices.append((_("小区"), [(f"compound-{pk}", name) for pk, name in compounds.items()]))
    return choices + [(area.name, groups[area.id]) for area in grids if groups[area.id]]


class BulkRow(forms.Form):
    """One note: the words, where, and who if they agreed to be written down."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)
    text = forms.CharField(
        label=gettext_lazy("什么事"), required=False, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )
    place = forms.ChoiceField(
        label=gettext_lazy("在哪儿"), required=False, widget=forms.Select(attrs={"data-combo": gettext_lazy("找地点")}),
        error_messages={"invalid_choice": gettext_lazy("这里不在您的范围内。")},
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("怎么称呼"), required=False, max_length=40, validators=[refuse_masked])
    phone = forms.CharField(
        label=gettext_lazy("电话"), required=False, max_length=30, validators=[refuse_masked],
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    has_consented = forms.BooleanField(label=gettext_lazy("本人同意登记称呼和电话"), required=False)

    def __init__(self, *args: Any, places: Choices, grids: Mapping[int, AreaRef], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.grids = grids
        # Needed as soon as a row is begun; a row left empty is none.
        for name in ("text", "place"):
            self.fields[name].sometimes = True  # type: ignore[attr-defined]
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        """Nothing was written: such a row is no mistake."""
        return not any(str(self[name].value() or "").strip() for name in ("text", "name", "phone"))

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].strip()
        if not text:
            raise forms.ValidationError(_("请写是什么事。"))
        return text

    def clean_phone(self) -> str:
        said: str = self.cleaned_data["phone"]
        if said.strip() and not 7 <= len(normal_phone(said)) <= 13:
            raise forms.ValidationError(_("电话号码不对，请检查。"))
        return said

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not given.get("place") and "place" not in self.errors:
            self.add_error("place", _("请选在哪儿。"))
        named = bool(given.get("name", "").strip() or given.get("phone", "").strip())
        if named and not given.get("has_consented"):
            self.add_error("has_consented", _("留称呼或电话要先问过本人；不同意就都空着。"))
        return given

    def said(self) -> dict[str, Any]:
        """What the row says, for ``idempotency.once``."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}

    def report(self, channel: str) -> Report:
        given = self.cleaned_data
        building, address, community = self._place()
        return Report(
            content=given["text"],
            channel=channel,
            building_id=building,
            address=address,
            community_id=community,
            name=given["name"].strip(),
            phone=given["phone"],
            consent_version=current("consent").number if given["has_consented"] else None,
            agreed=Agreed(how_by_channel(channel), Consent.Helper.STAFF) if given["has_consented"] else None,
        )

    def _place(self) -> tuple[int | None, str, int | None]:
        kind, _sep, number = self.cleaned_data["place"].partition("-")
        if kind == "building":
            return int(number), "", None
        if kind == "grid":
            grid = self.grids[int(number)]
            return None, grid.name, grid.community_id
        choices = self.fields["place"].choices  # type: ignore[attr-defined]
        names = {value: label for _group, rows in choices if isinstance(rows, list) for value, label in rows}
        communities = {area.community_id for area in self.grids.values()}
        only = communities.pop() if len(communities) == 1 else None
        return None, str(names[self.cleaned_data["place"]]), only

    def refused(self, error: DomainError) -> None:
        """Put what the action says beside the fields it is about, else above the row."""
        names = {"content": "text", "building": "place", "address": "place"}
        for field, sentences in error.fields.items():
            name = names.get(field, field)
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)
        if not error.fields:
            self.add_error(None, error.message)


class BulkForm(forms.Form):
    """How all of them came, and the rows. ``count``: how many rows are on the screen."""

    channel = forms.ChoiceField(
        label=gettext_lazy("怎么来的"),
        error_messages={"invalid_choice": gettext_lazy("这个渠道现在不能选，请选别的。")},
    )
    batch = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    count = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_ROWS, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = entry_channels(actor)
        codes = [code for code, _name in offered]
        self.fields["channel"].choices = offered  # type: ignore[attr-defined]
        usual = Channel.MORNING_WALK.value
        self.fields["channel"].initial = usual if usual in codes else next(iter(codes), None)
