"""The lists of mediation clinics among a desk's ledgers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from requests_intake.clinics import waiting
from requests_intake.ledgers import Ledger, register
from requests_intake.workflow import READERS

GROUP = _("调解")
KINDS = READERS - {"grid_worker"} | {"mediator"}

register(
    Ledger(
        code="clinics",
        title=_("调解坐诊"),
        about=_("哪天谁坐诊、还有几个号，代居民预约；值守的人看今天谁来"),
        url_name="desk:clinics",
        kinds=KINDS,
        group=GROUP,
        waiting=waiting,
        icon="cal",
    )
)
register(
    Ledger(
        code="committees",
        title=_("调解委员会名册"),
        about=_("各街道、社区、行业的调委会：在哪儿、几点开门、有谁"),
        url_name="desk:committees",
        kinds=KINDS,
        group=GROUP,
        icon="bld",
    )
)
