"""Compounds (小区): founding, correcting, ending."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.models import Area, Building, Compound, Level, Organization
from grids.stamps import require_unchanged

EDITED = ("name", "kind", "management", "address", "property_company_id")


@transaction.atomic
def create_compound(
    *,
    community: Area,
    name: str,
    management: str,
    kind: str = "",
    address: str = "",
    property_company: Organization | None = None,
    actor: Actor,
) -> Compound:
    """A compound of a community; it may lie over several of its grids.

    Raises ``NotAllowed``, ``Invalid`` (no living community, no name, wrong company) and ``DomainError``
    ``compound_name_taken``.
    """
    require_administrator(actor)
    place = Area.objects.select_for_update().get(pk=community.pk)
    if place.level != Level.COMMUNITY or place.ended_on is not None:
        words = _("请选择社区。")
        raise Invalid("wrong_community", words, fields={"community": [words]})
    row = Compound(community=place)
    _fill(row, name, kind, management, address, property_company)
    row.save()
    _told("compound.create", row, actor)
    return row


@transaction.atomic
def update_compound(
    compound: Compound,
    *,
    name: str,
    management: str,
    kind: str = "",
    address: str = "",
    property_company: Organization | None = None,
    stamp: str = "",
    actor: Actor,
) -> Compound:
    """Correct the facts of a compound; it stays in its community. Raises as creating does; ``changed_meanwhile``."""
    require_administrator(actor)
    found = _living(compound)
    require_unchanged(found, EDITED, stamp)
    old = found.name
    _fill(found, name, kind, management, address, property_company)
    found.save()
    _told("compound.update", found, actor, **({"name": [old, found.name]} if old != found.name else {}))
    return found


@transaction.atomic
def end_compound(compound: Compound, *, actor: Actor) -> Compound:
    """Abolish a compound that has no building any more. Raises ``NotAllowed`` and ``DomainError``:
    ``compound_ended``, ``compound_in_use``."""
    require_administrator(actor)
    found = _living(compound)
    count = Building.objects.filter(compound=found, ended_on=None).count()
    if count:
        words = _("小区里还有 {count} 栋楼，请先把楼移走或停用。").format(count=count)
        raise DomainError("compound_in_use", words, count=count)
    found.ended_on = clock.today()
    found.save(update_fields=["ended_on"])
    _told("compound.end", found, actor)
    return found


def _living(compound: Compound) -> Compound:
    found = Compound.objects.select_for_update().get(pk=compound.pk)
    if found.ended_on is not None:
        raise DomainError("compound_ended", _("这个小区已停用。"))
    return found


def _fill(
    row: Compound, name: str, kind: str, management: str, address: str, property_company: Organization | None
) -> None:
    name = name.strip()
    if not name:
        raise Invalid("name_missing", _("请填小区名称。"), fields={"name": [_("请填小区名称。")]})
    if Compound.objects.filter(community_id=row.community_id, name=name).exclude(pk=row.pk).exists():
        words = _("本社区已有（或有过）同名小区。")
        raise DomainError("compound_name_taken", words, fields={"name": [words]})
    if property_company is not None and (
        property_company.kind != Organization.Kind.PROPERTY_COMPANY or property_company.ended_on is not None
    ):
        words = _("请选择物业公司。")
        raise Invalid("wrong_company", words, fields={"property_company": [words]})
    row.name, row.kind, row.management, row.address = name, kind.strip(), management, address.strip()
    row.property_company = property_company


def _told(action: str, row: Compound, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind="compound", object_id=row.pk, community=row.community_id, **detail)
    bump_reference()
