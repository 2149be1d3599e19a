"""Who may see which whistles, and who may make which move. One policy answers both."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from governance.kernel.actors import Actor, Role
from governance.kernel.errors import NotAllowed, NotFound
from grids.models import Organization
from grids.reference import OrganizationRef, territory
from requests_intake import whistle_workflow as workflow
from requests_intake.models import Whistle, WhistleTarget

CALLABLE = frozenset({Organization.Kind.DEPARTMENT, Organization.Kind.PROPERTY_COMPANY, Organization.Kind.PARTNER_UNIT})
"""Kinds of organization a whistle may call."""
READERS = frozenset({*workflow.STREET, *workflow.COMMUNITY, *workflow.RESPONDERS, *workflow.OVERSEERS})
"""Kinds of post that see whistles at all."""


def organizations_of(actor: Actor, *kinds: str) -> list[int]:
    """Organizations in which the actor holds a post of these kinds, the first first."""
    found = (role.organization_id for role in actor.roles if role.kind in kinds)
    return list(dict.fromkeys(pk for pk in found if pk is not None))


def offices_of(actor: Actor) -> list[OrganizationRef]:
    """The street offices in whose name the actor may blow."""
    places = territory()
    ids = list(organizations_of(actor, *workflow.STREET))
    # A grant on a street names its area and no organization.
    areas = [role.area_id for role in actor.roles if role.kind in workflow.STREET and role.organization_id is None]
    ids += [places.own[pk] for pk in areas if pk is not None and pk in places.own]
    return [places.organizations[pk] for pk in dict.fromkeys(ids) if pk in places.organizations]


def committees_of(actor: Actor) -> list[OrganizationRef]:
    """The communities in whose name the actor may ask their street."""
    places = territory()
    found = (places.organizations.get(pk) for pk in organizations_of(actor, *workflow.COMMUNITY))
    return [row for row in found if row is not None and row.level == "community"]


def callable_organizations(street_id: int) -> list[OrganizationRef]:
    """Whom a street may call: its stationed teams first, then those of the street, then those of the district."""
    places = territory()
    found = []
    for row in places.organizations.values():
        area = places.areas.get(row.area_id)
        if row.kind not in CALLABLE or area is None:
            continue
        stationed = row.stationed_street_id
        if stationed == street_id:
            found.append((0, row))
        elif stationed is None and (area.level == "district" or area.street_id == street_id):
            found.append((1 if area.level != "district" else 2, row))
    return [row for _rank, row in sorted(found, key=lambda pair: (pair[0], pair[1].id))]


class WhistlePolicy:
    @staticmethod
    def visible(actor: Actor) -> QuerySet[Whistle]:
        """The street's own, what one's community asked for, what one's organization was called to, and for the
        district everything that was blown. Outside is 404."""
        whistles: QuerySet[Whistle] = Whistle.objects.all()
        if actor.is_system:
            return whistles
        found = Q(pk__in=[])
        offices = [row.id for row in offices_of(actor)]
        committees = [row.id for row in committees_of(actor)]
        called = organizations_of(actor, *workflow.RESPONDERS)
        if offices:
            found |= Q(caller_id__in=offices)
        if committees:
            found |= Q(asker_id__in=committees)
        if called:
            targets = WhistleTarget.objects.filter(organization_id__in=called, called_at__isnull=False)
            found |= Q(pk__in=targets.values("whistle_id"))
        if any(_oversees(role) for role in actor.roles):
            found |= Q(blown_at__isnull=False)
        return whistles.filter(found)

    @classmethod
    def allows(cls, actor: Actor, move: str, whistle: Whistle, target: WhistleTarget | None = None) -> bool:
        """Whether the table gives the actor this move (its state is another question)."""
        allowed = workflow.ALLOWED[move]
        if actor.is_system:
            return (workflow.SYSTEM, workflow.SYSTEM) in allowed
        return any(
            (role.kind, relation) in allowed for role in actor.roles for relation in _relations(role, whistle, target)
        )

    @classmethod
    def require(cls, actor: Actor, move: str, whistle: Whistle, target: WhistleTarget | None = None) -> None:
        """Raise ``NotAllowed`` with a sentence that says why."""
        if not cls.allows(actor, move, whistle, target):
            label = workflow.MOVES[move].label
            whom = _WHOM.get(_first(workflow.ALLOWED[move]), "")
            sentence = _("您的岗位不能对这次吹哨“{move}”，{whom}可以。") if whom else _("您的岗位不能“{move}”。")
            raise NotAllowed("not_allowed", sentence.format(move=label, whom=_(whom) if whom else ""), move=move)


_WHOM = {
    workflow.CALLER: gettext_noop("吹哨的街道"),
    workflow.ASKER: gettext_noop("请求吹哨的社区"),
    workflow.RESPONDER: gettext_noop("被叫的单位"),
    workflow.DISTRICT: gettext_noop("区调度员"),
}


def _first(allowed: frozenset[tuple[str, str]]) -> str:
    relations = {relation for _kind, relation in allowed}
    return next((name for name in _WHOM if name in relations), "")


def _relations(role: Role, whistle: Whistle, target: WhistleTarget | None) -> list[str]:
    found = []
    if role.organization_id == whistle.caller_id or (role.level == "street" and role.area_id == whistle.street_id):
        found.append(workflow.CALLER)
    if whistle.asker_id is not None and role.organization_id == whistle.asker_id:
        found.append(workflow.ASKER)
    if target is not None and role.organization_id == target.organization_id:
        found.append(workflow.RESPONDER)
    if role.level == "district" and role.area_id is not None:
        found.append(workflow.DISTRICT)
    return found


def _oversees(role: Role) -> bool:
    return role.kind in workflow.OVERSEERS and role.level == "district" and role.area_id is not None


def find_whistle(actor: Actor, number: int) -> Whistle:
    """The whistle of that number if the actor may see it; ``NotFound`` otherwise."""
    found = WhistlePolicy.visible(actor).filter(number=number).first()
    if found is None:
        raise NotFound("no_whistle", _("没有这个编号的哨，或者不在您的范围内。"))
    return found


def find_target(actor: Actor, number: int, pk: int) -> tuple[Whistle, WhistleTarget]:
    """The whistle of that number and its part of that id, if the actor may see it; ``NotFound`` otherwise."""
    found = find_whistle(actor, number)
    target = WhistleTarget.objects.filter(whistle=found, pk=pk).first()
    if target is None:
        raise NotFound("no_target", _("这次吹哨没有叫这个单位。"))
    return found, target
