"""The district's limits for whistles. Whoever was called before keeps theirs."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from requests_intake import whistle_limits
from requests_intake.models import WhistleLimits


@transaction.atomic
def set_whistle_limits(document: dict[str, Any], *, actor: Actor) -> WhistleLimits:
    """A new version, for whoever is called from now on. Raises ``NotAllowed``, ``Invalid`` with the limit as the field
    (``emergency.accept``) and ``DomainError`` ``unchanged``."""
    require_administrator(actor)
    try:
        whistle_limits.read(document)
    except whistle_limits.LimitsError as error:
        sentence = {
            "bad_limit": _("请填整数和单位。"),
            "out_of_range": _("最短 1，最长：分钟 720、小时 72、工作小时 56、工作日 10。"),
            "accept_after_arrive": _("应哨时限不能比到场时限长。"),
        }[error.code]
        raise Invalid("bad_limits", sentence, fields={error.place: [sentence]}) from error
    # The district's row is the lock: two administrators must not make the same version.
    District.objects.select_for_update().get(pk=current_district().pk)
    newest = WhistleLimits.objects.order_by("-version").first()
    if document == (newest.document if newest else whistle_limits.DEFAULT):
        raise DomainError("unchanged", _("和现在的时限一样，没有改动。"))
    made = WhistleLimits.objects.create(
        version=newest.version + 1 if newest else 1, document=document, made_at=clock.now()
    )
    audit.record("settings.whistle", actor=actor, object_kind="whistle_limits", object_id=made.pk, version=made.version)
    bump_reference()
    return made
