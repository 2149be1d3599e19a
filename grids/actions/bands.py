"""The household bands of a district."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.models import District
from governance.kernel.tenancy.context import current_district
from grids.bands import KINDS, SHIPPED, Band, bands
from grids.models import HouseholdBand

MOST = 20_000  # households; more is a slip of the finger


def adopt_band(households: tuple[int, int]) -> None:
    """A new district takes the size of 基础网格 from the model it is made after."""
    HouseholdBand.objects.create(grid_kind=KINDS.BASIC, minimum=households[0], maximum=households[1])


@transaction.atomic
def set_household_bands(wanted: Mapping[str, Band], *, actor: Actor) -> dict[str, Band]:
    """Say how large grids of these kinds should be; the list of misfits follows at once, no grid is changed.

    Raises ``NotAllowed``, ``Invalid`` with fields ``<kind>_minimum`` and ``<kind>_maximum``, and ``DomainError``
    ``unchanged``.
    """
    require_administrator(actor)
    fields: dict[str, list[str]] = {}
    for kind, band in wanted.items():
        if kind not in SHIPPED:
            raise Invalid("no_such_kind", _("没有这种网格。"))
        if band.minimum < 0 or band.maximum < 0 or max(band.minimum, band.maximum) > MOST:
            fields[f"{kind}_maximum"] = [_("户数在 0 到 {most} 之间。").format(most=MOST)]
        elif band.maximum == 0 and band.minimum > 0:
            fields[f"{kind}_maximum"] = [_("填了“至少”，“至多”就不能是 0；两个都填 0 表示不看户数。")]
        elif band.minimum > band.maximum:
            fields[f"{kind}_maximum"] = [_("“至多”要不小于“至少”。")]
    if fields:
        raise Invalid("bad_band", _("请检查填写的内容。"), fields=fields)
    # The district's row is the lock: two administrators change the bands one after the other.
    District.objects.select_for_update().get(pk=current_district().pk)
    before = bands()
    changed = {kind: band for kind, band in wanted.items() if before[kind] != band}
    if not changed:
        raise DomainError("unchanged", _("和现在的一样，没有改动。"))
    for kind, band in changed.items():
        HouseholdBand.objects.update_or_create(
            grid_kind=kind, defaults={"minimum": band.minimum, "maximum": band.maximum}
        )
    audit.record(
        "settings.bands", actor=actor,
        before={kind: [before[kind].minimum, before[kind].maximum] for kind in changed},
        after={kind: [band.minimum, band.maximum] for kind, band in changed.items()},
    )  # fmt: skip
    return bands()
