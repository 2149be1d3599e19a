"""Whom a move of a whistle, or a limit of one, is told to: a line in the in-app inbox of everybody who has to act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import clock, outbox
from grids.reference import Holder, Territory, territory
from requests_intake import whistle_workflow as workflow
from requests_intake.models import Whistle, WhistleKind, WhistleTarget, WhistleTransition

SOURCE = "whistle-transition"
_Telling = tuple[Iterable[Holder], str]


@outbox.after_commit(WhistleTransition)
def tell_people(transitions: Sequence[WhistleTransition]) -> None:
    """One notice per member and transition, however often it is told."""
    places = territory()
    whistles = Whistle.objects.in_bulk({row.whistle_id for row in transitions})
    targets: dict[int, list[WhistleTarget]] = {pk: [] for pk in whistles}
    for target in WhistleTarget.objects.filter(whistle__in=whistles):
        targets[target.whistle_id].append(target)
    notices = []
    for row in transitions:
        whistle = whistles[row.whistle_id]
        seen = {row.actor_id}  # nobody is told what they did themselves
        for holders, words in _tellings(row, whistle, targets[whistle.pk], places):
            for holder in holders:
                if holder.membership_id in seen:
                    continue
                seen.add(holder.membership_id)
                notices.append(
                    Notice(
                        membership_id=holder.membership_id,
                        source=f"{SOURCE}:{row.pk}",
                        kind=f"whistle_{row.stage or row.move}",
                        text=_("{words}：{place}").format(words=words, place=whistle.address_text)[:200],
                        brief=_("{words}：{number}").format(words=words, number=whistle.number)[:80],
                        path=f"/desk/whistles/{whistle.number}/",
                        is_critical=whistle.kind == WhistleKind.EMERGENCY,
                        created_at=clock.now(),
                    )
                )
    tell(notices)


def _tellings(
    row: WhistleTransition, whistle: Whistle, targets: Sequence[WhistleTarget], places: Territory
) -> Iterator[_Telling]:
    if row.move in ("stage", "lapse"):
        yield from _at_limit(row, whistle, places)
    elif "organization" in row.payload:
        yield from _of_target(row, whistle, places)
    else:
        yield from _of_whistle(row, whistle, targets, places)


def _of_whistle(
    row: WhistleTransition, whistle: Whistle, targets: Sequence[WhistleTarget], places: Territory
) -> Iterator[_Telling]:
    """The calling side, and everybody called."""
    asker = _serving(places, whistle.asker_id, workflow.COMMUNITY)
    everybody = [
        holder for target in targets for holder in _serving(places, target.organization_id, workflow.RESPONDERS)
    ]
    if row.move == "ask":
        yield _serving(places, whistle.caller_id, workflow.STREET), _("社区请您吹哨")
    elif row.move in ("approve", "decline"):
        yield asker, _("街道同意吹哨") if row.move == "approve" else _("街道没有同意吹哨")
    elif row.move == "call":
        yield _serving(places, row.payload["called_organization"], workflow.RESPONDERS), _("街道吹哨，请应哨")
    elif row.move == "blow":
        yield everybody, _("街道吹哨，请应哨")
        yield asker, _("街道吹哨了")
    elif row.move == "cancel" and whistle.blown_at is not None:
        yield everybody, _("哨取消了，不用来了")


def _of_target(row: WhistleTransition, whistle: Whistle, places: Territory) -> Iterator[_Telling]:
    organization = row.payload["organization"]
    name = places.organization_name(organization)
    called = _serving(places, organization, workflow.RESPONDERS)
    callers = [
        *_serving(places, whistle.caller_id, workflow.STREET),
        *_serving(places, whistle.asker_id, workflow.COMMUNITY),
    ]
    outcome = {"must_come": _("裁定：要来"), "release": _("裁定：不用来"), "dismiss": _("不用来了")}
    done = _("都办完了，请评哨") if row.to_state == workflow.WhistleState.HANDLED else _("{name}办完了")
    words = {
        "accept": _("{name}应哨"),
        "refuse": _("{name}拒哨，等区里裁定"),
        "arrive": _("{name}报到"),
        "handle": done,
    }
    if row.move in outcome:
        yield called, outcome[row.move]
        yield callers, f"{name}·{outcome[row.move]}"
    elif row.move in words:
        yield callers, words[row.move].format(name=name)
    elif row.move == "evaluate":
        yield called, _("这次吹哨办完了，请评一评吹哨的一方")
    if row.move == "refuse":
        yield _serving(places, places.center().id, workflow.ARBITERS), _("{name}拒哨，请裁定").format(name=name)


def _at_limit(row: WhistleTransition, whistle: Whistle, places: Territory) -> Iterator[_Telling]:
    """Red: the called organization with its head, and the street with its leader; where the district let the limit for
    its decision pass, the centre with its leader as well."""
    organization, stage = row.payload["organization"], row.stage
    words = {
        "accept": _("{name}超过应哨时限"),
        "arrive": _("{name}超过到场时限"),
        "decide": _("{name}拒哨逾期未裁，仍要来"),
    }[stage].format(name=places.organization_name(organization))
    yield _serving(places, organization, workflow.RESPONDERS), words
    yield _serving(places, whistle.caller_id, workflow.STREET), words
    if stage == "decide":
        center = places.center().id
        leader = places.leader(center)
        yield (*_serving(places, center, workflow.ARBITERS), *([leader] if leader else [])), words


def _serving(places: Territory, organization_id: int | None, kinds: Iterable[str]) -> list[Holder]:
    """Whoever acts there in such a post, leaders too; where nobody does, whoever answers above (缺岗)."""
    if organization_id is None:
        return []
    found = [holder for holder in places.serving(organization_id) if holder.kind in kinds]
    above = None if found else places.responsible(organization_id)
    return found or ([above] if above else [])
