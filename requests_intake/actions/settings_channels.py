"""Which channels a district uses, what it calls them, in which order it offers them (S3-13, S3-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from governance.kernel.reference import bump_reference
from requests_intake.channels import channels
from requests_intake.models import ChannelSetting
from requests_intake.models.ticket import OFFLINE_CHANNELS, ONLINE_CHANNELS

NAME_LENGTH = 20


@dataclass(frozen=True)
class ChannelLine:
    """``name`` is the district's own, empty where the usual one will do; ``position`` counts from 1."""

    code: str
    name: str
    is_on: bool
    position: int


@transaction.atomic
def set_channels(wanted: Sequence[ChannelLine], *, actor: Actor) -> None:
    """What is recorded from now on follows it; tickets keep the channel they came by, under its present name.

    Raises ``NotAllowed`` and ``Invalid`` with ``on_<code>`` or ``name_<code>`` as the field.
    """
    require_administrator(actor)
    known = {ref.code: ref for ref in channels()}
    lines = {line.code: line for line in wanted}
    if lines.keys() != known.keys():
        raise Invalid("no_such_channel", _("渠道对不上，请刷新页面再试。"))
    fields: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for code, line in lines.items():
        name = line.name.strip() or known[code].usual
        if len(name) > NAME_LENGTH:
            fields[f"name_{code}"] = [_("最多 {limit} 个字。").format(limit=NAME_LENGTH)]
        elif name in names:
            fields[f"name_{code}"] = [_("“{name}”已经用在另一个渠道上了。").format(name=name)]
        names[name] = code
    for group, sentence in (
        (OFFLINE_CHANNELS, _("线下渠道至少留一个，网格员替居民报事要用。")),
        (ONLINE_CHANNELS, _("线上渠道至少留一个，网络联络员登记要用。")),
    ):
        there = [line for line in lines.values() if line.code in group]
        if not any(line.is_on for line in there):
            fields[f"on_{there[0].code}"] = [sentence]
    if fields:
        raise Invalid("channels_invalid", _("请检查填写的内容。"), fields=fields)
    ChannelSetting.objects.all().delete()
    ChannelSetting.objects.bulk_create(
        ChannelSetting(channel=line.code, name=line.name.strip(), is_on=line.is_on, position=line.position)
        for line in lines.values()
    )
    audit.record("settings.channels", actor=actor, off=sorted(line.code for line in lines.values() if not line.is_on))
    bump_reference()
