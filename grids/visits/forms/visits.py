"""Forms of visits. One key each and no state between steps: a phone may keep such a form and send it later."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.kernel import clock
from governance.kernel.keyed import KeyedForm, StampField
from grids.households.forms.households import DayField
from grids.visits.actions.outcomes import MOST_OUTCOMES, USUAL_OUTCOMES
from grids.visits.actions.plans import MOST
from grids.visits.actions.visits import WORDS, VisitDetails
from grids.visits.models import Visit
from grids.visits.reference import outcomes, outcomes_in_use


class VisitForm(KeyedForm):
    """Result, what came of it, a few words. Only the result must be said."""

    met = forms.ChoiceField(
        label=_("见到人没有"), choices=Visit.Met.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请选见到人没有。")},
    )  # fmt: skip
    outcome = forms.TypedChoiceField(
        label=_("做了哪一件"), required=False, widget=forms.RadioSelect, coerce=int, empty_value=None
    )
    findings = forms.CharField(
        label=_("说了什么"), required=False, max_length=WORDS, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("家里有什么难处、要什么帮助。不写病名、证件号、银行卡。"),
    )  # fmt: skip
    next_visit_on = DayField(label=_("约好哪天再去"), required=False)
    purpose = forms.ChoiceField(
        label=_("为什么去"), choices=Visit.Purpose.choices, required=False, widget=forms.RadioSelect
    )
    # When it was written down: a phone without a network sends it later.
    at = StampField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(row.pk), row.name) for row in outcomes_in_use()]
        self.fields["outcome"].choices = offered  # type: ignore[attr-defined]
        self.fields["purpose"].initial = Visit.Purpose.ROUTINE
        if not offered:
            del self.fields["outcome"]

    def details(self) -> VisitDetails:
        said, at = self.cleaned_data, self.cleaned_data["at"]
        return VisitDetails(
            met=said["met"], purpose=said["purpose"] or Visit.Purpose.ROUTINE,
            outcome=outcomes().get(said.get("outcome") or 0), findings=said["findings"],
            next_visit_on=said["next_visit_on"],
            # A phone's own clock may be ahead: then it is now.
            at=min(at, clock.now()) if at else None,
        )  # fmt: skip


class TargetForm(KeyedForm):
    """How many households a grid means to reach in a month."""

    target = forms.IntegerField(
        label=_("这个月走访多少户"),
        min_value=1,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class OutcomesForm(KeyedForm):
    """The district's words, one a row, and which of them offers a mediation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(row.name, row.offers_mediation) for row in outcomes_in_use()] or list(USUAL_OUTCOMES)
        for place in range(MOST_OUTCOMES):
            name, offers = known[place] if place < len(known) else ("", False)
            self.fields[f"name_{place}"] = forms.CharField(
                label=_("第 {n} 种").format(n=place + 1), required=False, max_length=12, initial=name
            )
            self.fields[f"offers_{place}"] = forms.BooleanField(label=_("可以转调解"), required=False, initial=offers)

    def pairs(self) -> list[tuple[Any, Any]]:
        return [(self[f"name_{place}"], self[f"offers_{place}"]) for place in range(MOST_OUTCOMES)]

    def wanted(self) -> list[tuple[str, bool]]:
        said = self.cleaned_data
        return [(said[f"name_{place}"], said[f"offers_{place}"]) for place in range(MOST_OUTCOMES)]
