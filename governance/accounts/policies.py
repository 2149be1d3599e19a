"""Who may change people and posts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed

ADMINISTRATION = frozenset({"district_admin", "security_admin", "audit_admin"})
"""The three administrators, each a person of their own (``grids.models.SEPARATED``)."""


def require_administrator(actor: Actor) -> None:
    """The district's administrator, or the platform itself; raises ``NotAllowed`` for everybody else."""
    if not actor.is_system and "district_admin" not in actor.role_kinds:
        raise NotAllowed("administrator_only", _("只有区管理员可以做这件事。"))


def require_security_admin(actor: Actor) -> None:
    """Who unlocks accounts, ends sessions, revokes keys and decides on people's data; raises ``NotAllowed``."""
    if not actor.is_system and "security_admin" not in actor.role_kinds:
        raise NotAllowed("security_admin_only", _("只有安全管理员可以做这件事。"))


def require_auditor(actor: Actor) -> None:
    """Who reads the audit log, which the two other administrators may not; raises ``NotAllowed``."""
    if not actor.is_system and "audit_admin" not in actor.role_kinds:
        raise NotAllowed("auditor_only", _("只有审计员可以查看审计记录。"))


REGISTER_KEEPERS = frozenset({"district_admin", "security_admin"})


def require_register_keeper(actor: Actor) -> None:
    """Who keeps the registers of assessments and incidents; raises ``NotAllowed`` for everybody else."""
    if not actor.is_system and not REGISTER_KEEPERS & actor.role_kinds:
        raise NotAllowed("register_keepers_only", _("只有区管理员和安全管理员可以登记。"))
