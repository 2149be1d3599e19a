"""On behalf of another (S2-05): what is kept of the consent, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from requests_intake.models import Channel, Consent, Ticket

_HOW_BY_CHANNEL = {
    Channel.HOTLINE: Consent.How.PHONE,
    Channel.STATION_PHONE: Consent.How.PHONE,
    Channel.MAYOR_LINE: Consent.How.PHONE,
    Channel.CHAT: Consent.How.ONLINE,
    Channel.PARTY_GROUP: Consent.How.ONLINE,
    Channel.OFFICIAL_ACCOUNT: Consent.How.ONLINE,
    Channel.NETIZEN: Consent.How.ONLINE,
    Channel.MAYOR_MAILBOX: Consent.How.WRITING,
    Channel.DIGITAL_CITY: Consent.How.ONLINE,
    Channel.LETTER: Consent.How.WRITING,
    Channel.LETTER_BOX: Consent.How.WRITING,
    Channel.NOTICE_BOARD: Consent.How.WRITING,
}


@dataclass(frozen=True)
class Agreed:
    """How the person agreed, and what whoever reports for them is to them (``Consent.How``, ``Consent.Helper``)."""

    how: str
    helper: str

    def payload(self) -> dict[str, dict[str, str]]:
        """What the history of the ticket carries: no name, no number."""
        return {"behalf": {"how": self.how, "helper": self.helper}}


def how_by_channel(channel: str) -> str:
    """How somebody agreed where nobody said: the way the matter came, else face to face."""
    return str(
        _HOW_BY_CHANNEL.get(Channel(channel), Consent.How.FACE) if channel in Channel.values else Consent.How.FACE
    )


def check_agreed(agreed: Agreed | None, *, actor: Actor) -> None:
    """Raises ``Invalid`` for a way or a helper there is not. Only staff report as staff."""
    if agreed is None:
        return
    if agreed.how not in Consent.How.values:
        sentence = _("请选本人是怎么同意的。")
        raise Invalid("no_consent", sentence, fields={"consent_how": [sentence]})
    if agreed.helper not in Consent.Helper.values or (agreed.helper == Consent.Helper.STAFF) != actor.is_staff:
        sentence = _("请选您是本人的什么人。")
        raise Invalid("no_consent", sentence, fields={"helper": [sentence]})


def keep_consent(ticket: Ticket, agreed: Agreed | None, *, version: int | None, actor: Actor, at: datetime) -> None:
    """Write down who agreed, how and when; one statement, none where nobody reported for another."""
    if agreed is None or ticket.requester_id is None:
        return
    Consent.objects.create(
        ticket=ticket, how=agreed.how, helper=agreed.helper, recorded_by_id=actor.membership_id,
        text_version=version or 0, at=at,
    )  # fmt: skip


def inward(behalf: dict[str, str]) -> str:
    """家人替报，本人当面说的同意: for staff."""
    helper, how = _words(behalf)
    return _("{helper}替报，本人同意（{how}）").format(helper=helper, how=how) if helper else ""


def outward(behalf: dict[str, str]) -> str:
    """For the person themselves."""
    helper, how = _words(behalf)
    return _("{helper}替您报的，您同意过（{how}）").format(helper=helper, how=how) if helper else ""


def _words(behalf: dict[str, str]) -> tuple[str, str]:
    helper, how = behalf.get("helper", ""), behalf.get("how", "")
    if helper not in Consent.Helper.values or how not in Consent.How.values:
        return "", ""
    return str(Consent.Helper(helper).label), str(Consent.How(how).label)
