"""Forms of the register's pages."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy

from governance.kernel.errors import DomainError


def fresh_key() -> str:
    return str(uuid.uuid4())


class UploadForm(forms.Form):
    """A workbook or a file of borders."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)
    file = forms.FileField(
        label=gettext_lazy("文件"),
        allow_empty_file=True,  # the reader says what is wrong with it
        help_text=gettext_lazy("填好的 .xlsx 表格、一张表的 .csv，或 .geojson 边界文件；最多 20 MB、10 万行。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.geojson,.json"}),
        error_messages={"required": gettext_lazy("请选一个文件。")},
    )

    def refused(self, error: DomainError) -> None:
        """Show a refusal beside the field it is about."""
        if error.fields.get("file"):
            for message in error.fields["file"]:
                self.add_error("file", message)
        else:
            self.add_error(None, error.message)
