"""What the phone's scripts need to know of the page they run in."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from governance.accounts.offline import member_mark

register = template.Library()


@register.simple_tag(takes_context=True)
def phone_mark(context: dict[str, Any]) -> str:
    """Whose page this is (``member_mark``); empty on pages of nobody."""
    request = context.get("request")
    return member_mark(request) if request is not None else ""


@register.simple_tag
def phone_scope() -> str:
    """The address below which the phone's pages lie, with the district's prefix."""
    return f"{reverse('worker:manifest').rsplit('/', 1)[0]}/"
