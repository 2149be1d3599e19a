"""What pages need to know of residents' sign-in."""

from django import template

from governance.accounts.sms import gateway

register = template.Library()


@register.simple_tag
def resident_sign_in() -> bool:
    """Whether residents can sign in here at all; where not, no page speaks of it."""
    return gateway() is not None
