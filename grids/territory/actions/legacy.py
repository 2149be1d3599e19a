"""Taking a reference from an older system's grid away; references are made by the import (S3-19)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from grids.territory.models import LegacyGridRef


@transaction.atomic
def remove_reference(pk: int, *, actor: Actor) -> None:
    """Take a reference away. Raises ``NotAllowed`` and ``NotFound``."""
    require_administrator(actor)
    found = LegacyGridRef.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound("no_reference", _("没有这条对照。"))
    audit.record(
        "legacy_grid.remove", actor=actor, object_kind="area", object_id=found.grid_id, system=found.system,
        code=found.code,
    )  # fmt: skip
    found.delete()
