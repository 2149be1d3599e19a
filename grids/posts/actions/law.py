"""Going through the checklist of a 法治楼栋."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from grids.households.policies import find_building
from grids.models import Building
from grids.posts.law import checklist, state_after
from grids.posts.models import LawBuilding, LawCheck


@transaction.atomic
def check_law_building(building: Building, passed: Collection[str], *, actor: Actor) -> LawBuilding:
    """Write down which of the eight hold today; the title follows from that alone (S2-13).

    Raises ``NotAllowed``, ``NotFound`` (not the actor's building), ``Invalid`` for an unknown item.
    """
    found = find_building(actor, building.pk)
    unknown = set(passed) - checklist().keys()
    if unknown:
        raise Invalid("unknown_item", _("清单里没有这一项。"), fields={"passed": [_("清单里没有这一项。")]})
    Building.objects.select_for_update().get(pk=found.pk)
    row = LawBuilding.objects.filter(building=found).first()
    failed = [code for code in checklist() if code not in passed]
    state = state_after(row.state if row else "", failed)
    if row is None:
        row = LawBuilding.objects.create(building=found, state=state, since=clock.today())
    elif row.state != state:
        row.state, row.since = state, clock.today()
        row.save(update_fields=["state", "since"])
    LawCheck.objects.create(row=row, at=clock.now(), by_id=actor.membership_id, failed=failed, state=state)
    audit.record(
        "law_building.check", actor=actor, object_kind="law_building", object_id=row.pk, building=found.pk,
        state=str(state), unmet=len(failed),
    )  # fmt: skip
    return row
