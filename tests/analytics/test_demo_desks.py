"""What a desk keeps in the demo is made once, by the demo's own people, through the real actions."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.demo_desks import load_demo_desks
from governance.accounts.models import User
from governance.kernel.tenancy.context import district_transaction
from grids.models import RegisterImport
from grids.territory.legacy import conflicts
from grids.territory.models import LegacyGridRef
from requests_intake.desks.models import SavedPhrase, SavedView
from requests_intake.models import Attachment
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = {"community": "secretary", "street": "dispatcher", "admin": "admin"}


def test_views_sentences_old_grids_and_a_recording_are_there_once(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    for role, name in PEOPLE.items():
        User.objects.filter(pk=world.users[name].pk).update(handle=f"{world.district.code}-{role}")
    assert (load_demo_desks(world.district), load_demo_desks(world.district)) == (4 + 4 + 1 + 5, 0)
    with district_transaction(world.district):
        shared = SavedView.objects.exclude(organization=None)
        assert set(shared.values_list("organization_id", flat=True)) == {world.committee.pk, world.street_office.pk}
        assert SavedPhrase.objects.filter(owner_id=world.members["secretary"].pk).count() == 1
        sound = Attachment.objects.get()
        assert (sound.media_type, sound.ticket.category.code) == ("audio/mpeg", "0305")
        assert RegisterImport.objects.get().state == RegisterImport.State.DONE
        assert LegacyGridRef.objects.count() == 5
        (split,) = conflicts()
        assert (split.system, split.code, len(split.grids)) == ("城管", "CG-04", 2)


def test_where_there_are_no_demo_people_nothing_is_kept_for_them(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    User.objects.filter(pk=world.users["admin"].pk).update(handle="somebody-else")
    assert load_demo_desks(world.district) == 1, "only what a resident reported"
    with district_transaction(world.district):
        assert not SavedView.objects.exists()
        assert not LegacyGridRef.objects.exists()
