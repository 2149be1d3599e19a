"""What the foot of every public page says of the platform."""

from __future__ import annotations

from django import template

from governance.accounts.legal import current
from governance.kernel.tenancy.context import current_scope

register = template.Library()


@register.simple_tag
def filing_number() -> str:
    """The district's filing number (备案号); empty where none is entered or no district is addressed."""
    scope = current_scope()
    return "" if scope is None else current("filing").text
