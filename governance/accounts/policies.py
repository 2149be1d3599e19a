"""Who may change people and posts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed


def require_administrator(actor: Actor) -> None:
    """The district's administrator, or the platform itself; raises ``NotAllowed`` for everybody else."""
    if not actor.is_system and "district_admin" not in actor.role_kinds:
        raise NotAllowed("administrator_only", _("只有区管理员可以做这件事。"))


REGISTER_KEEPERS = frozenset({"district_admin", "audit_admin"})


def require_register_keeper(actor: Actor) -> None:
    """Who keeps the registers of assessments and incidents; raises ``NotAllowed`` for everybody else."""
    if not actor.is_system and not REGISTER_KEEPERS & actor.role_kinds:
        raise NotAllowed("register_keepers_only", _("只有区管理员和审计管理员可以登记。"))
