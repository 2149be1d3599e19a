"""Forms of the offices: texts, answers to feedback, the two registers. They parse; the actions decide."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from governance.accounts.actions.offices import ANSWER_LENGTH, TEXT_LENGTH
from governance.accounts.models import ImpactAssessment, SecurityIncident
from governance.kernel import clock
from governance.kernel.errors import DomainError


class _Keyed(forms.Form):
    """A form that arrives at most once and takes a refusal of its action."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    def refused(self, error: DomainError) -> None:
        """Put what the action says beside the fields it is about, else above the form."""
        for field, sentences in error.fields.items():
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)
        if not error.fields:
            self.add_error(None, error.message)


class LegalTextForm(_Keyed):
    """The next version of a text."""

    text = forms.CharField(
        label=gettext_lazy("正文"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": gettext_lazy("请填写内容。")},
    )
    valid_from = forms.DateField(
        label=gettext_lazy("从哪天起生效"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=clock.today,
        error_messages={"required": gettext_lazy("请选生效日期。"), "invalid": gettext_lazy("日期不对。")},
    )


class AnswerForm(_Keyed):
    """The answer to a suggestion or complaint."""

    answer = forms.CharField(
        label=gettext_lazy("答复"),
        max_length=ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("请写答复。")},
    )


class _EntryForm(_Keyed, forms.ModelForm):
    """An entry of a register. Moments are entered in local time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.DateTimeField):
                field.widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            elif isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            elif isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 3
                field.max_length = 4_000  # type: ignore[attr-defined]


class AssessmentForm(_EntryForm):
    class Meta:
        model = ImpactAssessment
        fields = (
            "title", "trigger", "assessed_on", "assessors", "data_kinds", "purpose", "impact", "measures", "conclusion",
        )  # fmt: skip


class IncidentForm(_EntryForm):
    class Meta:
        model = SecurityIncident
        fields = (
            "title", "discovered_at", "occurred_at", "data_kinds", "people_count", "cause", "harm", "measures",
            "advice", "contact", "authority_told_at", "people_told_at", "not_told_reason", "closed_at",
        )  # fmt: skip
