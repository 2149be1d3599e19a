"""The district's channels: which are in use, what they are called here, in which order they are offered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from governance.kernel.actors import Actor
from governance.kernel.reference import per_district
from requests_intake.models import Channel, ChannelSetting
from requests_intake.models.ticket import OFFLINE_CHANNELS, ONLINE_CHANNELS
from requests_intake.workflow import ONLINE_ONLY, RECORDERS

WRITTEN_BY_US = (Channel.WEB, Channel.GRID_MESSAGE, Channel.PATROL, Channel.API, Channel.IMPORT, Channel.TO_SECRETARY)
"""Channels nobody chooses: the product writes them itself, so no district can switch them off."""


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """A channel as the district has it; ``usual`` is its name everywhere else."""

    code: str
    name: str
    usual: str
    is_on: bool
    is_online: bool


@per_district
def channels() -> tuple[ChannelRef, ...]:
    """Channels a member of staff may name for a matter, in the district's order, also those not in use."""
    rows = {row.channel: row for row in ChannelSetting.objects.all()}
    order = [Channel(code) for code in Channel.values if code not in WRITTEN_BY_US]
    found = []
    for place, channel in enumerate(order):
        row, usual = rows.get(channel.value), str(channel.label)
        ref = ChannelRef(
            channel.value, row.name if row and row.name else usual, usual,
            row.is_on if row else True, channel.value in ONLINE_CHANNELS,
        )  # fmt: skip
        found.append((row.position if row else place, place, ref))
    return tuple(ref for _position, _place, ref in sorted(found, key=lambda item: item[:2]))


def channel_name(code: str) -> str:
    """What the district calls a channel; the code itself where it is none of ours."""
    own = next((ref.name for ref in channels() if ref.code == code), None)
    return own or (str(Channel(code).label) if code in Channel.values else code)


def channel_choices() -> list[tuple[str, str]]:
    """Every channel by the district's name, also those not in use: for filters and reports."""
    names = {ref.code: ref.name for ref in channels()}
    rest = [(channel.value, str(channel.label)) for channel in Channel if channel.value not in names]
    return [*names.items(), *rest]


def only_online(actor: Actor) -> bool:
    """Whether somebody records by no other post than one that is there for online voices alone."""
    recording = actor.role_kinds & RECORDERS
    return bool(recording) and recording <= ONLINE_ONLY


def entry_channels(actor: Actor | None = None, *, among: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Channels in use that may be chosen for a matter (by an actor), as choices; ``among`` narrows them."""
    wanted = frozenset(among) or ONLINE_CHANNELS | OFFLINE_CHANNELS
    if actor is not None and only_online(actor):
        wanted &= ONLINE_CHANNELS
    return [(ref.code, ref.name) for ref in channels() if ref.is_on and ref.code in wanted]


def is_closed(code: str) -> bool:
    """Whether the district does not take matters by this channel."""
    return any(ref.code == code and not ref.is_on for ref in channels())
