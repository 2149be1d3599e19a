"""The form of the district's channels: one line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from governance.kernel.keyed import KeyedForm
from requests_intake.actions.settings_channels import NAME_LENGTH, ChannelLine
from requests_intake.channels import ChannelRef, channels


class ChannelsForm(KeyedForm):
    """``on_<code>``, ``name_<code>`` and ``at_<code>`` for each channel that people choose."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.known: tuple[ChannelRef, ...] = channels()
        for place, ref in enumerate(self.known, start=1):
            own = "" if ref.name == ref.usual else ref.name
            self.fields[f"on_{ref.code}"] = forms.BooleanField(
                label=_("收{name}来的事").format(name=ref.usual), required=False, initial=ref.is_on
            )
            self.fields[f"name_{ref.code}"] = forms.CharField(
                label=_("{name}的本区叫法").format(name=ref.usual), required=False, max_length=NAME_LENGTH, initial=own,
                widget=forms.TextInput(attrs={"placeholder": ref.usual}),
            )  # fmt: skip
            self.fields[f"at_{ref.code}"] = forms.IntegerField(
                label=_("{name}排第几").format(name=ref.usual), min_value=1, max_value=99, initial=place
            )

    def rows(self) -> Iterator[dict[str, Any]]:
        """The lines of the table, with their three fields."""
        for ref in self.known:
            yield {
                "ref": ref,
                "on": self[f"on_{ref.code}"],
                "name": self[f"name_{ref.code}"],
                "at": self[f"at_{ref.code}"],
            }

    def lines(self) -> list[ChannelLine]:
        given = self.cleaned_data
        return [
            ChannelLine(ref.code, given[f"name_{ref.code}"], given[f"on_{ref.code}"], given[f"at_{ref.code}"])
            for ref in self.known
        ]
