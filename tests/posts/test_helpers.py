"""请人帮忙 (S3-28): the picker lists who has the skill, grid before community before street."""

from __future__ import annotations

import pytest

from governance.accounts.models import Notice
from governance.kernel import outbox
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from grids.posts.actions.forces import end_force
from requests_intake.actions.helpers import call_helper
from requests_intake.helpers import offered
from requests_intake.models import Ticket, TicketTransition
from requests_intake.presentation.history import timeline
from tests.cases import report
from tests.posts.cast import force


@pytest.fixture
def dark(world):
    return report(world, content="三单元楼道的灯不亮了，老人下楼看不见。")


def test_a_matter_that_calls_for_an_electrician_offers_them_grid_first(world, dark):
    street = force(world.street, world.dispatcher, name="街道抢修队", skills=["电工"])
    community = force(world.community, world.secretary, name="社区水电队", skills=["电工"])
    nurse = force(world.grid, world.worker, name="李护士", skills=["急救"])
    grid = force(world.grid, world.worker, skills=["电工"])
    force(world.other_grid, world.other_worker, name="远处电工", skills=["电工"])
    wanted, rows = offered(dark)
    assert wanted == ["电工"]
    assert [row.pk for row, _skills in rows] == [grid.pk, community.pk, street.pk, nurse.pk]


def test_who_is_called_stands_in_the_history_for_staff_and_by_no_name_for_the_resident(world, dark):
    row = force(world.grid, world.worker, skills=["电工"])
    call_helper(dark, force_id=row.pk, actor=world.dispatcher, note="带梯子")
    made = TicketTransition.objects.get(ticket=dark, move="call_helper")
    assert "孙师傅" not in str(made.payload)
    assert timeline(Ticket.objects.get(pk=dark.pk), outward=False)[0]["title"] == "请孙师傅（水电志愿者）帮忙"
    outward = timeline(Ticket.objects.get(pk=dark.pk), outward=True)
    assert outward[0]["title"] == "请了人来帮忙"
    assert "孙师傅" not in str(outward)


def test_who_has_an_account_is_told_and_reads_no_word_of_the_resident(world, dark):
    row = force(world.grid, world.worker, membership=world.members["visitor"])
    call_helper(dark, force_id=row.pk, actor=world.worker)
    outbox.deliver(TicketTransition)
    (notice,) = Notice.objects.filter(kind="call_helper")
    assert notice.membership_id == world.members["visitor"].pk
    assert "春晓社区第一网格" in notice.text
    assert "灯" not in notice.text


def test_only_a_running_force_of_the_own_line_of_places_is_called(world, dark):
    far = force(world.other_grid, world.other_worker)
    gone = force(world.grid, world.worker)
    end_force(gone, actor=world.worker)
    for row in (far, gone):
        with pytest.raises(Invalid) as refused:
            call_helper(dark, force_id=row.pk, actor=world.dispatcher)
        assert "force" in refused.value.fields


def test_a_department_and_an_onlooker_call_nobody_and_a_restricted_matter_is_told_to_no_helper(world, dark):
    row = force(world.grid, world.worker)
    with pytest.raises(NotAllowed):
        call_helper(dark, force_id=row.pk, actor=world.official)
    Ticket.objects.filter(pk=dark.pk).update(is_restricted=True)
    with pytest.raises(DomainError):
        call_helper(dark, force_id=row.pk, actor=world.center)
    assert not TicketTransition.objects.filter(move="call_helper").exists()
