"""Organizations that are not an area's own: departments, property companies, partner units; and facts of all."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.actions.posts import create_post, end_post
from grids.models import Area, Level, Organization, Post, PostKind
from grids.reference import territory

FREE_KINDS = (Organization.Kind.DEPARTMENT, Organization.Kind.PROPERTY_COMPANY, Organization.Kind.PARTNER_UNIT)
"""Founded and ended by hand; every other organization comes and goes with its area."""
SERVED = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)
"""Levels of area such an organization may serve."""
_FIRST_POSTS = ((PostKind.DEPARTMENT_HANDLER, False), (PostKind.DEPARTMENT_LEADER, True))


@transaction.atomic
def create_organization(
    *,
    name: str,
    kind: str,
    area: Area,
    department_kind: str = "",
    phone: str = "",
    stationed_street: Area | None = None,
    actor: Actor,
) -> Organization:
    """Found one, with an empty handler's and leader's post, under the organization that answers for its area.

    Raises ``NotAllowed``, ``Invalid`` (kind of an area's own organization, area too small, no trade, no name) and
    ``DomainError`` ``organization_name_taken``.
    """
    require_administrator(actor)
    if kind not in FREE_KINDS:
        raise Invalid("own_organization", _("这类单位随区划设立，不能单独新建。"))
    row = Organization(kind=kind, level=Level.DEPARTMENT)
    _fill(row, name=name, area=area, department_kind=department_kind, phone=phone, stationed_street=stationed_street)
    row.save()
    _told("organization.create", row, actor)
    for post_kind, is_leader in _FIRST_POSTS:
        create_post(row, kind=post_kind, name=str(post_kind.label), is_leader=is_leader, actor=actor)
    return row


@transaction.atomic
def update_organization(
    organization: Organization,
    *,
    name: str,
    phone: str = "",
    area: Area | None = None,
    department_kind: str = "",
    stationed_street: Area | None = None,
    actor: Actor,
) -> Organization:
    """Change the facts of an organization. An area's own keeps its area, whatever is said. Raises as creating does."""
    require_administrator(actor)
    found: Organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if found.ended_on is not None:
        raise DomainError("organization_ended", _("这个单位已撤销。"))
    if found.kind not in FREE_KINDS:
        found.name, found.phone = _free_name(name, besides=found.pk), phone.strip()
    else:
        place = area or Area.objects.get(pk=found.area_id)
        _fill(
            found, name=name, area=place, department_kind=department_kind, phone=phone,
            stationed_street=stationed_street,
        )  # fmt: skip
    found.save()
    _told("organization.update", found, actor)
    return found


@transaction.atomic
def end_organization(organization: Organization, *, actor: Actor) -> Organization:
    """Abolish it and its empty posts from today.

    Whether work is open there only the layers above know: pages go through ``requests_intake.actions.handover``.
    Raises ``NotAllowed``, ``Invalid`` ``own_organization`` and ``DomainError`` (``organization_ended``, ``post_held``).
    """
    require_administrator(actor)
    found: Organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if found.kind not in FREE_KINDS:
        raise Invalid("own_organization", _("这类单位随区划撤并，不能单独撤销。"))
    if found.ended_on is not None:
        raise DomainError("organization_ended", _("这个单位已撤销。"))
    for post in Post.objects.filter(organization=found, ended_on=None):
        end_post(post, actor=actor)
    found.ended_on = clock.today()
    found.save(update_fields=["ended_on"])
    _told("organization.end", found, actor)
    return found


def _fill(
    row: Organization, *, name: str, area: Area, department_kind: str, phone: str, stationed_street: Area | None
) -> None:
    if area.level not in SERVED or area.ended_on is not None:
        words = _("请选择区、街道或社区。")
        raise Invalid("wrong_area", words, fields={"area": [words]})
    if row.kind == Organization.Kind.DEPARTMENT and not department_kind:
        words = _("请选择部门职能，派单时按它推荐。")
        raise Invalid("trade_missing", words, fields={"department_kind": [words]})
    if stationed_street is not None and (
        stationed_street.level != Level.STREET
        or stationed_street.ended_on is not None
        or row.kind != Organization.Kind.DEPARTMENT
    ):
        words = _("派驻只能是部门的队伍派到一个街道。")
        raise Invalid("wrong_station", words, fields={"stationed_street": [words]})
    row.stationed_street = stationed_street
    trades = {
        Organization.Kind.DEPARTMENT: department_kind,
        Organization.Kind.PROPERTY_COMPANY: "property_company",
        Organization.Kind.PARTNER_UNIT: "",
    }
    row.name = _free_name(name, besides=row.pk)
    row.area, row.department_kind, row.phone = area, trades[Organization.Kind(row.kind)], phone.strip()
    row.parent_id = territory().own.get(area.pk)


def _free_name(name: str, besides: int | None = None) -> str:
    name = name.strip()
    if not name:
        raise Invalid("name_missing", _("请填单位名称。"), fields={"name": [_("请填单位名称。")]})
    if Organization.objects.filter(name=name).exclude(pk=besides).exists():
        words = _("本区已有（或有过）同名单位。")
        raise DomainError("organization_name_taken", words, fields={"name": [words]})
    return name


def _told(action: str, row: Organization, actor: Actor) -> None:
    audit.record(action, actor=actor, object_kind="organization", object_id=row.pk, kind=row.kind, area=row.area_id)
    bump_reference()
