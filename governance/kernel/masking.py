"""A masked value (138****1234, 张*三) that comes back in a form, a request or a file is not the value."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from governance.kernel.errors import Invalid

# The signs with which we, other systems and people cover digits and names.
# A run of x is looked at once and whole, else a long one takes quadratic time.
_COVER = re.compile(r"[*＊∗﹡✱•●■█]|(?<![xXｘＸ×])[xXｘＸ×]{2,}+(?=\d|$)|(?<=\d)[xXｘＸ×]{2}")


def looks_masked(value: Any) -> bool:
    """Whether part of a name or number is covered. An identity number that ends in X is whole."""
    return bool(value) and _COVER.search(str(value)) is not None


def masked_words() -> str:
    return _("带星号的是遮住的姓名或号码，不是原文。请填完整的；不改就空着或不动。")


def refuse_masked(value: Any) -> None:
    """Validator of form and API fields that take a name or number of a person."""
    if looks_masked(value):
        raise ValidationError(masked_words(), code="masked_value")


def check_unmasked(**values: str) -> None:
    """For actions: raises ``Invalid`` with the sentence beside each value that is masked."""
    fields = {name: [masked_words()] for name, value in values.items() if looks_masked(value)}
    if fields:
        raise Invalid("masked_value", masked_words(), fields=fields)


def mask_contact(value: str) -> str:
    """What is shown of a contact that may be a number or an address: 138****1234, a***@x.cn, else its first sign."""
    value = value.strip()
    name, at, domain = value.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7:
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-4:]}"
    return f"{value[:1]}***" if value else ""
