"""Who may change people and posts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed


def require_administrator(actor: Actor) -> None:
    """The district's administrator, or the platform itself; raises ``NotAllowed`` for everybody else."""
    if not actor.is_system and "district_admin" not in actor.role_kinds:
        raise NotAllowed("administrator_only", _("只有区管理员可以做这件事。"))
