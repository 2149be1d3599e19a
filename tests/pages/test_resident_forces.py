"""身边能找谁: what residents see of the forces of their grid, and writing to one of them (S2-20b)."""

from __future__ import annotations

from requests_intake.models import RequestType, Ticket
from tests.posts.cast import PHONE, force


def at(path):
    return f"/d/t1{path}"


def test_without_consent_to_publish_the_phone_a_resident_reads_name_and_role_and_writes(world, client):
    row = force(world.grid, world.worker, name="王警官", role="社区民警", kind="police", is_public=True)
    force(world.grid, world.worker, name="不公开的人")
    text = client.get(at(f"/people/{world.grid.pk}/")).content.decode()
    assert "王警官" in text
    assert "社区民警" in text
    assert PHONE not in text
    assert "137****" not in text
    assert "不公开的人" not in text
    assert at(f"/people/{world.grid.pk}/{row.pk}/") in text


def test_a_message_becomes_a_matter_of_the_grid_and_shows_no_number(world, client):
    row = force(world.grid, world.worker, name="王警官", role="社区民警", kind="police", is_public=True)
    address = at(f"/people/{world.grid.pk}/{row.pk}/")
    page = client.get(address)
    assert PHONE not in page.content.decode()
    key = page.context["form"]["idempotency_key"].value()
    said = {"content": "想问问办居住证的事", "phone": "13500002222", "idempotency_key": str(key)}
    for _twice in range(2):
        assert client.post(address, said).status_code == 302
    ticket = Ticket.objects.get()
    assert ticket.content == "请转告社区民警王警官：想问问办居住证的事"
    assert (ticket.grid_id, ticket.request_type) == (world.grid.pk, RequestType.CONSULT)
    assert ticket.organization_id is not None


def test_what_was_written_stays_after_a_refusal_and_who_is_not_public_cannot_be_written_to(world, client):
    row = force(world.grid, world.worker, is_public=True)
    hidden = force(world.grid, world.worker, name="不公开的人")
    address = at(f"/people/{world.grid.pk}/{row.pk}/")
    answer = client.post(address, {"content": "", "phone": "13500002222"})
    assert answer.status_code == 422
    assert "13500002222" in answer.content.decode()
    assert client.get(at(f"/people/{world.grid.pk}/{hidden.pk}/")).status_code == 404
    assert client.get(at(f"/people/{world.grid2.pk}/{row.pk}/")).status_code == 404
    assert client.get(at(f"/people/{world.community.pk}/")).status_code == 404


def test_with_consent_the_phone_can_be_dialled(world, client):
    force(world.grid, world.worker, is_public=True, publishes_phone=True)
    assert f"tel:{PHONE}" in client.get(at(f"/people/{world.grid.pk}/")).content.decode()


def test_the_grid_is_found_by_the_building(world, client):
    text = client.get(at("/people/"), {"q": world.building.name}).content.decode()
    assert at(f"/people/{world.grid.pk}/") in text
    assert "没有找到" in client.get(at("/people/"), {"q": "没有的小区"}).content.decode()
