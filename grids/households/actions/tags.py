"""The district's tags and service roles, and which household bears which tag."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from grids.households.actions.households import running
from grids.households.events import tags_changed
from grids.households.models import Household, HouseholdTag, HouseholdTagging, ServiceRole
from grids.households.policies import KEEPERS, HouseholdPolicy, find_household, reads_tag
from grids.households.stigma import stigma_in

MOST_ROLES = 8
LONGEST_INTERVAL = 366
MOST_TAGGED = 2_000
USUAL_ROLES = (
    ("宣传员", "讲政策、发通知"),
    ("信息员", "把看到、听到的事报上来"),
    ("调解员", "劝和邻里，化解小纠纷"),
    ("巡查员", "看消防、看环境、看隐患"),
    ("服务员", "上门看望，帮忙跑腿"),
    ("监督员", "看事办得怎么样，说公道话"),
    ("治安员", "夜里看看门窗，留意生人"),
    ("代办员", "替老人、上班的人代办手续"),
)
"""A suggestion (八员), to be changed by the district."""


@dataclass(frozen=True)
class TagDetails:
    """``mark``: the one character in a cell. ``visit_every``: days, or None. ``readers``: kinds of post."""

    name: str
    mark: str
    colour: str
    meaning: str
    visit_every: int | None = None
    is_sensitive: bool = False
    readers: Collection[str] = ()


@transaction.atomic
def define_tag(details: TagDetails, *, actor: Actor) -> HouseholdTag:
    """A new tag of the district. Raises ``NotAllowed``, ``Invalid`` by field (a stigma word, a colour in use …) and
    ``DomainError`` ``seven_tags`` when all colours are taken."""
    _lock(actor)
    if HouseholdTag.objects.filter(ended_on=None).count() >= len(HouseholdTag.Colour.values):
        raise DomainError("seven_tags", _("已有七种标签。先停用一种，才能加新的。"))
    row = HouseholdTag(made_at=clock.now())
    _fill(row, details)
    row.save()
    _changed("household_tag.create", row.pk, actor)
    return row


@transaction.atomic
def change_tag(tag: HouseholdTag, details: TagDetails, *, actor: Actor) -> HouseholdTag:
    """Raises as ``define_tag``, and ``tag_ended``."""
    _lock(actor)
    row = _in_use(tag)
    _fill(row, details)
    row.save()
    _changed("household_tag.change", row.pk, actor)
    return row


@transaction.atomic
def retire_tag(tag: HouseholdTag, *, actor: Actor) -> int:
    """The tag is used no more, and comes off every household today. Returns off how many. Raises as ``change_tag``."""
    _lock(actor)
    row, today = _in_use(tag), clock.today()
    row.ended_on = today
    row.save(update_fields=["ended_on"])
    worn = HouseholdTagging.objects.filter(tag=row).filter(Q(until=None) | Q(until__gt=today))
    number = worn.filter(since__lte=today).update(until=today)
    worn.filter(since__gt=today).delete()
    _changed("household_tag.abolish", row.pk, actor, count=number)
    return number


@transaction.atomic
def tag_household(
    household: Household, tag: HouseholdTag, *, reason: str, actor: Actor, since: date | None = None,
    until: date | None = None,
) -> HouseholdTagging:  # fmt: skip
    """The household bears the tag from ``since`` (today) to ``until`` (open). Raises ``NotAllowed`` for a sensitive
    tag the actor may not read, ``Invalid`` by field, ``DomainError`` ``household_ended``, ``already_tagged``."""
    row = running(household, actor)
    return _tagged([row], tag, reason=reason, since=since, until=until, actor=actor)[0]


@transaction.atomic
def tag_households(
    households: Iterable[Household], tag: HouseholdTag, *, reason: str, actor: Actor, since: date | None = None
) -> list[HouseholdTagging]:
    """Many at once, for one reason; all of them must be the actor's. A household that bears it already is left out."""
    rows = list(households)[:MOST_TAGGED]
    today = clock.today()
    bearing = HouseholdTagging.objects.filter(tag=tag, household__in=rows).filter(Q(until=None) | Q(until__gte=today))
    known = set(bearing.values_list("household_id", flat=True))
    allowed = Household.objects.all() if actor.is_system else HouseholdPolicy.visible(actor)
    mine = set(allowed.filter(pk__in=[row.pk for row in rows], ended_on=None).values_list("pk", flat=True))
    if len(mine) != len({row.pk for row in rows}):
        raise NotAllowed("not_yours", _("有的住户不在您的辖区，或者已经迁出。"))
    fresh = [row for row in rows if row.pk not in known]
    return _tagged(fresh, tag, reason=reason, since=since, until=None, actor=actor, checked=True) if fresh else []


@transaction.atomic
def end_tagging(tagging: HouseholdTagging, *, actor: Actor) -> HouseholdTagging:
    """The tag comes off today. Raises ``NotAllowed``, ``NotFound``, ``DomainError`` ``tagging_ended``."""
    find_household(actor, tagging.household_id, lock=True)
    row = HouseholdTagging.objects.select_for_update(of=("self",)).select_related("tag").get(pk=tagging.pk)
    _require_reader(row.tag, actor)
    today = clock.today()
    if row.until is not None and row.until < today:
        raise DomainError("tagging_ended", _("这个标签已经去掉了。"))
    row.until = max(today, row.since)
    row.save(update_fields=["until"])
    audit.record(
        "household_tagging.end", actor=actor, object_kind="household", object_id=row.household_id, tag=row.tag_id
    )
    tags_changed([row.household_id])
    return row


def _tagged(
    rows: list[Household], tag: HouseholdTag, *, reason: str, since: date | None, until: date | None, actor: Actor,
    checked: bool = False,
) -> list[HouseholdTagging]:  # fmt: skip
    _require_reader(tag, actor)
    wrong: dict[str, list[str]] = {}
    reason, today = reason.strip(), clock.today()
    first = since or today
    if tag.ended_on is not None:
        wrong["tag"] = [_("这种标签已停用，请选别的。")]
    if len(reason) < 2:
        wrong["reason"] = [_("请写依据，如“本人申请”“社区核实”。")]
    elif len(reason) > 120:
        wrong["reason"] = [_("最多 {limit} 字。").format(limit=120)]
    elif said := stigma_sentence(reason):
        wrong["reason"] = [said]
    if first > today:
        wrong["since"] = [_("这一天还没有到。")]
    if until is not None and until < first:
        wrong["until"] = [_("不能早于开始的那天。")]
    if wrong:
        raise Invalid("tagging_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    if not checked:
        bearing = HouseholdTagging.objects.filter(tag=tag, household__in=rows)
        if bearing.filter(Q(until=None) | Q(until__gte=today)).exists():
            raise DomainError("already_tagged", _("这一户已有这个标签。"), fields={"tag": [_("这一户已有这个标签。")]})
    made = HouseholdTagging.objects.bulk_create(
        [
            HouseholdTagging(household=row, tag=tag, since=first, until=until, reason=reason, by_id=actor.membership_id)
            for row in rows
        ],
        batch_size=1_000,
    )
    audit.record(
        "household_tagging.create", actor=actor, object_kind="household",
        object_id=rows[0].pk if len(rows) == 1 else None, tag=tag.pk, count=len(rows),
    )  # fmt: skip
    tags_changed(row.pk for row in rows)
    return made


def _require_reader(tag: HouseholdTag, actor: Actor) -> None:
    if not actor.is_system and not reads_tag(actor, tag):
        raise NotAllowed("tag_restricted", _("这是受限标签，您的岗位不能看，也不能改。"))


def stigma_sentence(text: str) -> str:
    """Why a text may not stand on a household; empty where it may."""
    found = stigma_in(text)
    if found is None:
        return ""
    return _("“{word}”不能用：{reason}。建议：{instead}。").format(
        word=found.word, reason=found.reason, instead=found.instead
    )


def _fill(row: HouseholdTag, said: TagDetails) -> None:
    """Set the columns; raises ``Invalid`` by field."""
    readers = sorted(set(said.readers))
    wrong = _wrong_words(row, said)
    if said.visit_every is not None and not 1 <= said.visit_every <= LONGEST_INTERVAL:
        wrong["visit_every"] = [_("请填 1 到 {most} 天，或者空着。").format(most=LONGEST_INTERVAL)]
    if said.is_sensitive and (not readers or not KEEPERS.issuperset(readers)):
        wrong["readers"] = [_("敏感标签要选哪些岗位能看。")]
    if wrong:
        raise Invalid("tag_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row.name, row.mark, row.colour, row.meaning = (
        said.name.strip(),
        said.mark.strip(),
        said.colour,
        said.meaning.strip(),
    )
    row.visit_every, row.is_sensitive = said.visit_every, said.is_sensitive
    row.readers = readers if said.is_sensitive else []


def _wrong_words(row: HouseholdTag, said: TagDetails) -> dict[str, list[str]]:
    """What is wrong with name, mark, colour and meaning, by field; two tags in use share none of the first three."""
    name, mark, meaning = said.name.strip(), said.mark.strip(), said.meaning.strip()
    others = list(HouseholdTag.objects.filter(ended_on=None).exclude(pk=row.pk))
    problems = {
        "name": (
            (not name or len(name) > 12, _("请写名称，最多 12 字。")),
            (stigma_sentence(name), stigma_sentence(name)),
            (name in [tag.name for tag in others], _("已有同名的标签。")),
        ),
        "mark": (
            (len(mark) != 1, _("请写一个字，格子里用它和颜色一起认。")),
            (mark in [tag.mark for tag in others], _("这个字别的标签在用，请换一个。")),
        ),
        "colour": (
            (said.colour not in HouseholdTag.Colour.values, _("请选一种颜色。")),
            (said.colour in [tag.colour for tag in others], _("这种颜色别的标签在用，请换一种。")),
        ),
        "meaning": (
            (not meaning or len(meaning) > 120, _("请写清什么样的户用这个标签，最多 120 字。")),
            (stigma_sentence(meaning), stigma_sentence(meaning)),
        ),
    }
    first = {field: next((said for is_wrong, said in rules if is_wrong), "") for field, rules in problems.items()}
    return {field: [sentence] for field, sentence in first.items() if sentence}


# ---------------------------------------------------------------- service roles
@transaction.atomic
def set_service_roles(wanted: Iterable[tuple[str, str]], *, actor: Actor) -> tuple[ServiceRole, ...]:
    """The district's roles (name, duty), in this order, at most eight; one that is left out ends.

    Raises ``NotAllowed`` and ``Invalid`` with ``name_<n>`` and ``duty_<n>``.
    """
    _lock(actor)
    rows = [(name.strip(), duty.strip()) for name, duty in wanted if name.strip() or duty.strip()]
    wrong: dict[str, list[str]] = {}
    for place, (name, duty) in enumerate(rows):
        if not name or len(name) > 12:
            wrong[f"name_{place}"] = [_("请写名称，最多 12 字。")]
        elif name in [other for other, _duty in rows[:place]]:
            wrong[f"name_{place}"] = [_("名称重复了。")]
        if not duty or len(duty) > 120:
            wrong[f"duty_{place}"] = [_("请写做什么，最多 120 字。")]
        elif said := stigma_sentence(duty):
            wrong[f"duty_{place}"] = [said]
    if len(rows) > MOST_ROLES:
        raise Invalid("eight_roles", _("最多八员。"))
    if wrong:
        raise Invalid("role_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    known = {row.name: row for row in ServiceRole.objects.filter(ended_on=None)}
    for name, row in known.items():
        if name not in [each for each, _duty in rows]:
            row.ended_on = clock.today()
            row.save(update_fields=["ended_on"])
    kept = []
    for place, (name, duty) in enumerate(rows):
        row = known.get(name) or ServiceRole(name=name)
        row.duty, row.position = duty, place
        row.save()
        kept.append(row)
    _changed("service_role.change", None, actor, count=len(kept))
    return tuple(kept)


def _lock(actor: Actor) -> None:
    require_administrator(actor)
    # The district's row is the lock: two administrators change its words one after the other.
    District.objects.select_for_update().get(pk=current_district().pk)


def _in_use(tag: HouseholdTag) -> HouseholdTag:
    row = HouseholdTag.objects.select_for_update().get(pk=tag.pk)
    if row.ended_on is not None:
        raise DomainError("tag_ended", _("这种标签已停用。"))
    return row


def _changed(action: str, pk: int | None, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind=action.partition(".")[0], object_id=pk, **detail)
    bump_reference()
