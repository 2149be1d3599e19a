"""The forms of 通报: which drafts go into the next issue with which sentence, and why one is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.keyed import KeyedForm
from requests_intake.actions.circulars import Line
from requests_intake.circulars import Draft
from requests_intake.forms.move_form import note_field
from requests_intake.presentation.circulars import draft_row

_LENGTH = 300


class CircularForm(KeyedForm):
    """A tick, a sentence and the state it was looked at in for each draft. ``chosen``: what is ticked; before anything
    was said, everything that may be published in a batch."""

    for_all = forms.CharField(
        label=gettext_lazy("给所有打勾的换成同一句"), required=False, max_length=_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("填好点“换成这一句”，打勾的每一行都换掉，再单独改也行。"),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, drafts: Sequence[Draft], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.drafts = [draft for draft in drafts if not draft.row.ticket.is_restricted]
        self.restricted = [draft for draft in drafts if draft.row.ticket.is_restricted]
        known = {draft.row.pk for draft in self.drafts}
        said = data.getlist("line") if data is not None else [str(pk) for pk in known]
        self.gone = [text for text in said if text.isascii() and text.isdigit() and int(text) not in known]
        self.chosen = {int(text) for text in said if text.isascii() and text.isdigit()} & known
        for draft in self.drafts:
            self.fields[f"note-{draft.row.pk}"] = forms.CharField(
                label=_("通报意见"), required=False, max_length=_LENGTH, initial=draft.sentence,
                widget=forms.Textarea(attrs={"rows": 2, "aria-label": _("通报意见 {number}").format(
                    number=draft.row.ticket.number
                )}),
            )  # fmt: skip

    def apply_to_all(self) -> None:
        """The same sentence on every ticked row; the others keep theirs."""
        sentence = str(self.data.get("for_all", "")).strip()
        if sentence:
            self.data = {**self.data.dict(), **{f"note-{pk}": sentence for pk in self.chosen}}  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.chosen:
            self.add_error(None, _("还没有选要通报的，请先打勾。"))
        for pk in self.chosen:
            name = f"note-{pk}"
            if name not in self.errors and not (data.get(name) or "").strip():
                self.add_error(name, _("请写一句通报意见，或者把这一行的勾去掉。"))
        return data

    def lines(self) -> list[Line]:
        """What is to be published; after ``is_valid()``. What is no draft any more goes along, so that it is named."""
        kept = [
            Line(draft.row.pk, self.cleaned_data[f"note-{draft.row.pk}"], self.seen(draft))
            for draft in self.drafts
            if draft.row.pk in self.chosen
        ]
        return [*kept, *(Line(int(text), "-") for text in self.gone if int(text) < 2**63)]

    def seen(self, draft: Draft) -> str:
        """The state at the first look; a preview does not renew it."""
        return str(self.data.get(f"seen-{draft.row.pk}", "")) if self.is_bound else draft.row.ticket.state

    # What the templates walk through.
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                **draft_row(draft), "field": self[f"note-{draft.row.pk}"], "ticked": draft.row.pk in self.chosen,
                "seen": self.seen(draft) or draft.row.ticket.state,
            }
            for draft in self.drafts
        ]  # fmt: skip

    def chosen_rows(self) -> list[dict[str, Any]]:
        return [row | {"said": row["field"].value()} for row in self.rows() if row["ticked"]]


class WithdrawForm(KeyedForm):
    note = note_field(
        gettext_lazy("撤回的理由"), required=True, help_text=gettext_lazy("和通报一起留着，点到的单位都会看到。")
    )
