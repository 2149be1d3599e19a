"""Signing in to the demo: the people on connected posts get one known password, and only in a demo."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.accounts.models import User
from governance.kernel.errors import NotAllowed
from governance.kernel.models import District
from grids.generation import CODES
from grids.generation.staffing import HEAD_ROLES, MEDIATOR_ROLES, ROLES, handle_of

PASSWORD = "yanshi-2026"  # noqa: S105 - printed by the launcher and in the README


@dataclass(frozen=True)
class DemoAccount:
    district: District
    post: str
    handle: str


def demo_accounts() -> list[DemoAccount]:
    """The accounts of the model districts that are loaded, by district and from the ground up."""
    _require_demo()
    labels = {role: label for role, (_kind, _name, label) in ROLES.items()}
    labels |= {role: label for role, (_name, label) in (HEAD_ROLES | MEDIATOR_ROLES).items()}
    return [
        DemoAccount(district, label, handle_of(district, role))
        for district in District.objects.filter(code__in=CODES).order_by("id")
        for role, label in labels.items()
    ]


def set_demo_passwords() -> int:
    """Give the password to the demo accounts nobody can sign in to yet. Returns how many.

    It is hashed once for all of them: a hash costs half a second on purpose, and these are no secrets.
    """
    waiting = User.objects.filter(
        handle__in=[account.handle for account in demo_accounts()], password__startswith=UNUSABLE_PASSWORD_PREFIX
    )
    if not waiting.exists():
        return 0
    return waiting.update(password=make_password(PASSWORD), password_changed_at=timezone.now())


def _require_demo() -> None:
    if not settings.DEMO:
        raise NotAllowed("demo_only", _("这不是演示环境。"))
