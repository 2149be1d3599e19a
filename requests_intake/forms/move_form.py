"""What the form of every move has in common."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from governance.kernel import features
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.storage import StoredImage
from requests_intake import workflow
from requests_intake.forms.photos import PhotoBag
from requests_intake.models import Ticket
from requests_intake.restricted import WORK_PHOTOS


def note_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=1000, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": gettext_lazy("请写一句说明。")},
    )  # fmt: skip


def fresh_key() -> str:
    return str(uuid.uuid4())


class MoveForm(forms.Form):
    """A move as a form. ``question`` heads it, ``consequence`` says what follows, ``verb`` is on the button.

    ``asks_photos``: photos may be sent along, in a file field named ``photos`` that the page adds.
    """

    name: str
    question: Any = ""
    consequence: Any = ""
    asks_photos = False

    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)

    def __init__(self, ticket: Ticket, actor: Actor, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.ticket = ticket
        self.actor = actor
        self.use_required_attribute = False
        self.photos = PhotoBag()
        self.is_overtaken = False  # others were there first: the ticket is not where this form thought it was
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the ticket."""

    @property
    def needs_photo(self) -> bool:
        """Whether the district has recorded a ground for asking one every time."""
        return self.asks_photos and features.is_on(WORK_PHOTOS)

    @property
    def move(self) -> workflow.Move:
        return workflow.MOVES[self.name]

    @property
    def verb(self) -> str:
        """On the button."""
        return self.move.label

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        """Make the move; call only after ``is_valid()``. Raises ``DomainError``."""
        raise NotImplementedError

    def refused(self, error: DomainError) -> None:
        """Show a refused act in the form, beside the fields it names."""
        self.is_overtaken = error.status == 409
        for field, messages in error.fields.items():
            for message in messages:
                self.add_error(field if field in self.fields else None, message)
        if not error.fields:
            self.add_error(None, error.message)
