"""What whistles hold of people goes after its term; times, organizations and scores stay."""

from __future__ import annotations

import pytest

from governance.accounts.models import Notice
from governance.kernel import outbox
from requests_intake.models import WhistleTransition
from requests_intake.whistle_privacy import free_whistles
from tests.whistles import blown, closed
from tests.world import World


@pytest.mark.django_db
def test_after_its_term_the_words_go_and_times_and_scores_stay(world: World) -> None:
    whistle = closed(world)
    outbox.deliver(WhistleTransition)
    count, removed = free_whistles([whistle.pk])
    whistle.refresh_from_db()
    assert (count, removed["whistles"], whistle.notes.count()) == (1, 1, 0)
    assert "水管" not in whistle.summary
    assert "文化路" not in whistle.address_text
    assert (whistle.score, whistle.state) == (4, "closed")
    assert not Notice.objects.filter(path=f"/desk/whistles/{whistle.number}/").exists()
    assert free_whistles([whistle.pk])[0] == 0


@pytest.mark.django_db
def test_an_open_whistle_keeps_its_words(world: World) -> None:
    whistle = blown(world)
    assert free_whistles([whistle.pk])[0] == 0
