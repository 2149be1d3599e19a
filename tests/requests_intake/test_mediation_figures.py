"""kpi E.12 and S3-05: the rate, what is left out of it, and what is too small to be shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine

from governance.kernel import clock
from requests_intake import mediation_figures as figures
from requests_intake.actions.mediation_end import decline_case, end_case, record_visit
from requests_intake.models import MediationCase, MediationParty
from tests.mediators import a_case, a_mediator, settled
from tests.world import World

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture
def cast(world: World) -> World:
    a_mediator(world)
    a_mediator(world, "of_street", world.street_office)
    return world


def ended(world: World, state: str, number: int, **changes: Any) -> None:
    """So many cases that ended that way, as their rows stand then."""
    where = {"referral_kind": "judicial", "referred_to": "区法院", "referred_on": DAY.date()}
    said: dict[str, Any] = {
        "kind": "people", "dispute": "neighbour", "severity": "small", "mode": "clinic", "state": state,
        "organization": world.committee, "opened_at": DAY, "first_session_due_at": DAY, "due_at": DAY,
        "first_session_at": DAY, "ended_at": DAY, **(where if state == "referred" else {}),
    }  # fmt: skip
    first = MediationCase.objects.count()
    MediationCase.objects.bulk_create(
        MediationCase(number=f"260302-{first + n:06d}", **{**said, **changes}) for n in range(number)
    )


def whole(world: World, person: str = "official", **changes: Any) -> figures.Line:
    scope = figures.scope_of(world.actor(person))
    assert scope is not None
    return figures.report(scope, **{"period": "year", **changes}).whole


@pytest.mark.django_db
@time_machine.travel(DAY, tick=False)
def test_415_settled_of_432_closed_is_96_1_percent_and_withdrawn_ones_stand_apart(cast: World) -> None:
    ended(cast, "settled", 415)
    ended(cast, "failed", 10)
    ended(cast, "referred", 7)
    ended(cast, "withdrawn", 30)
    ended(cast, "declined", 6, first_session_at=None)
    ended(cast, "referred", 9, first_session_at=None)
    line = whole(cast)
    assert (line.settled, line.failed, line.rate) == ("415", "10", "96.1%")
    assert (line.withdrawn, line.declined, line.referred) == ("30", "6", "16")


@pytest.mark.django_db
@time_machine.travel(DAY, tick=False)
def test_of_fewer_than_five_neither_number_nor_rate_is_shown(cast: World) -> None:
    ended(cast, "settled", 4)
    ended(cast, "failed", 0)
    line = whole(cast)
    assert (line.settled, line.failed, line.rate) == ("少于 5", "少于 5", "—")
    ended(cast, "settled", 1)
    assert (whole(cast).settled, whole(cast).rate) == ("5", "100.0%")


def test_a_single_hidden_line_hides_the_next_smallest_too() -> None:
    assert figures.guard_column([20, 3, 12], summed=True) == ["20", "少于 5", "—"]
    assert figures.guard_column([20, 3, 0], summed=True) == ["20", "少于 5", "少于 5"]
    assert figures.guard_column([20, 30], summed=True) == ["20", "30"]
    assert figures.guard_column([3], summed=True) == ["少于 5"]


@pytest.mark.django_db
@time_machine.travel(DAY, tick=False)
def test_each_reads_the_figures_of_their_own_territory(cast: World) -> None:
    ended(cast, "settled", 6)
    ended(cast, "settled", 5, organization=cast.street_office)
    assert whole(cast, "official").settled == whole(cast, "dispatcher").settled == "11"
    assert whole(cast, "other_dispatcher").settled == "少于 5"
    assert whole(cast, "mediator").settled == "6"
    assert whole(cast, "of_street").settled == "11"
    for person in ("worker", "secretary", "handler", "visitor", "admin", "auditor"):
        assert figures.scope_of(cast.actor(person)) is None, person
    a_mediator(cast, "of_water", cast.water)
    assert figures.scope_of(cast.actor("of_water")) is None
    cast.urban.department_kind = "judicial"
    cast.urban.save(update_fields=["department_kind"])
    a_mediator(cast, "of_justice", cast.urban)
    assert whole(cast, "of_justice").settled == "11"


@pytest.mark.django_db
@time_machine.travel(DAY, tick=False)
def test_the_district_opens_into_streets_and_a_street_into_communities_and_no_further(cast: World) -> None:
    ended(cast, "settled", 6)
    ended(cast, "settled", 8, organization=cast.street_office, kind="administrative")
    ended(cast, "settled", 9, organization=cast.organizations[cast.other_community.pk])
    scope = figures.Scope(None)
    top = figures.report(scope, period="year")
    assert {line.label: (line.settled, line.street) for line in top.places} == {
        cast.street.name: ("14", cast.street.pk), cast.other_street.name: ("9", cast.other_street.pk),
    }  # fmt: skip
    assert [line.settled for line in top.kinds] == ["15", "—", "少于 5"]
    inner = figures.report(scope, period="year", street=cast.street.pk)
    assert inner.whole.settled == "14"
    assert {line.label: (line.settled, line.street) for line in inner.places} == {
        cast.community.name: ("6", None), "街道本级": ("8", None),
    }  # fmt: skip
    own = figures.scope_of(cast.actor("dispatcher"))
    assert own is not None
    assert figures.report(own, period="year", street=cast.other_street.pk).whole.settled == "14"


@pytest.mark.django_db
def test_a_case_counts_in_the_period_it_ended_in(cast: World) -> None:
    ended(cast, "settled", 5)
    with time_machine.travel(datetime(2026, 4, 2, tzinfo=clock.SHANGHAI), tick=False):
        shown = {period: whole(cast, period=period).settled for period in figures.PERIODS}
    few = "少于 5"
    assert shown == {"year": "5", "quarter": few, "month": few, "last_month": "5", "last_year": few}


@pytest.mark.django_db
@time_machine.travel(DAY, tick=False)
def test_major_cases_are_visited_all_and_unrated_parties_are_in_no_rate(cast: World) -> None:
    street = cast.members["of_street"].pk
    cases = [settled(cast, severity="big", mediators=[street]) for _n in range(5)]
    said = ["satisfied", "satisfied", "satisfied", "mostly", "dissatisfied"]
    for case, answer in zip(cases, said, strict=True):
        first, second = MediationParty.objects.filter(case=case).order_by("pk")
        for words in ("dissatisfied", answer):  # what was said last counts
            record_visit(
                case, party=first.pk, channel="phone", was_reached=True, satisfaction=words, actor=cast.mediator
            )  # fmt: skip
        record_visit(case, party=second.pk, channel="phone", was_reached=False, actor=cast.mediator)
    assert (whole(cast).visit_rate, whole(cast).satisfaction) == ("100.0%", "76.0%")
    settled(cast, severity="big", mediators=[street])
    assert whole(cast).visit_rate == "83.3%"
    # A small case asks for none.
    settled(cast)
    assert whole(cast).visit_rate == "83.3%"


@pytest.mark.django_db
@time_machine.travel(DAY, tick=False)
def test_real_cases_come_into_the_figures_by_how_they_ended(cast: World) -> None:
    for _n in range(5):
        settled(cast)
        end_case(a_case(cast), state="withdrawn", outcome="和好了", actor=cast.mediator)
        decline_case(a_case(cast), outcome="不愿意", actor=cast.mediator)
    line = whole(cast)
    assert (line.settled, line.withdrawn, line.declined, line.rate) == ("5", "5", "5", "100.0%")
