"""Recording a ticket through the API: by staff, by residents, with photos; and following it without an account."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from governance.kernel.tenancy.context import no_district
from requests_intake.models import Attachment, Consent, Ticket
from tests.api.conftest import Client
from tests.cases import CONTENT, PHONE, SECRET, ticket_in
from tests.recordings import mp4
from tests.world import World

pytestmark = pytest.mark.django_db
STAFF = "/api/v1/tickets/"
PUBLIC = "/api/v1/public/tickets/"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def photo(name: str = "a.png") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


def test_staff_record_for_a_resident(world: World, api: Client) -> None:
    body = {"content": CONTENT, "building": world.building.pk, "channel": "hotline", "name": "李小明", "phone": PHONE}
    response = api("staff").post(STAFF, body)
    assert response.status_code == 201, response.json()
    ticket = Ticket.objects.get(number=response.json()["number"])
    assert (ticket.channel, ticket.recorded_by_id, ticket.grid_id) == (
        "hotline", world.members["staff"].pk, world.grid.pk
    )  # fmt: skip
    assert (response.json()["state"], response.json()["follow_code"]) == ("handling", "")


def test_a_worker_records_an_own_find(world: World, api: Client) -> None:
    lng, lat = world.point_in(world.grid)
    body = {"content": "井盖缺失", "lng": lng, "lat": lat, "channel": "patrol", "is_proactive": True}
    number = api("worker").post(STAFF, body).json()["number"]
    assert Ticket.objects.get(number=number).is_proactive


def test_photos_come_as_multipart(world: World, api: Client) -> None:
    body = {"content": CONTENT, "building": world.building.pk, "photos": [photo(), photo("b.png")]}
    response = api("worker").post(STAFF, body, format="multipart")
    assert response.status_code == 201, response.json()
    assert Attachment.objects.filter(ticket__number=response.json()["number"], purpose="report").count() == 2


def test_a_resident_sends_a_recording_and_speaks_for_another(world: World, public: APIClient) -> None:
    body = {
        "content": CONTENT,
        "building": world.building.pk,
        "phone": PHONE,
        "helper": "family",
        "consent_how": "face",
    }
    with no_district():
        missing = public.post(PUBLIC, {**body, "consent_how": ""})
        broken = public.post(
            PUBLIC, {**body, "recording": SimpleUploadedFile("a.mp3", b"no sound")}, format="multipart"
        )
        made = public.post(PUBLIC, {**body, "recording": SimpleUploadedFile("a.mp4", mp4())}, format="multipart")
    assert (missing.status_code, broken.status_code, made.status_code) == (400, 422, 201), made.json()
    assert "recording" in str(broken.json())
    ticket = Ticket.objects.get(number=made.json()["number"])
    assert Attachment.objects.get(ticket=ticket).media_type == "audio/mp4"
    assert (Consent.objects.get(ticket=ticket).helper, Consent.objects.get(ticket=ticket).how) == ("family", "face")


def test_staff_say_how_somebody_agreed(world: World, api: Client) -> None:
    body = {"content": CONTENT, "building": world.building.pk, "phone": PHONE, "consent_how": "phone"}
    number = api("staff").post(STAFF, {**body, "channel": "hotline"}).json()["number"]
    consent = Consent.objects.get(ticket__number=number)
    assert (consent.helper, consent.recorded_by_id) == ("staff", world.members["staff"].pk)
    assert api("staff").post(STAFF, {**body, "helper": "family"}).status_code == 400


def test_a_handler_proves_with_photos(world: World, api: Client) -> None:
    ticket = ticket_in(world, "signed")
    body = {"reply": "灯换好了", "photos": [photo()]}
    assert api("worker").post(f"{STAFF}{ticket.number}/resolve/", body, format="multipart").status_code == 200
    found = api("worker").get(f"{STAFF}{ticket.number}/").json()
    assert [(row["purpose"], row["width"], row["height"]) for row in found["photos"]] == [("evidence", 40, 30)]
    path = f"{STAFF}{ticket.number}/photos/{found['photos'][0]['id']}/"
    shown = api("worker").get(path)
    assert (shown.status_code, shown["Content-Type"], shown.content[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")
    assert (shown["Cache-Control"], shown["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    refused = api("other_worker").get(path)
    assert (refused.status_code, refused.json()["code"]) == (404, "no_ticket")


def test_a_photo_is_reached_by_its_own_ticket_alone(world: World, api: Client) -> None:
    body = {"content": CONTENT, "building": world.building.pk, "photos": [photo()]}
    worker = api("worker")
    number = worker.post(STAFF, body, format="multipart").json()["number"]
    other = worker.post(STAFF, {"content": CONTENT}).json()["number"]
    pk = Attachment.objects.get(ticket__number=number).pk
    assert api("center").get(f"{STAFF}{other}/photos/{pk}/").status_code == 404
    assert worker.get(f"{STAFF}{number}/photos/9999999999999999999999/").status_code == 404


def test_what_is_no_photo_is_refused(world: World, api: Client) -> None:
    body = {"content": CONTENT, "photos": [SimpleUploadedFile("a.png", b"<svg/>", "image/png")]}
    response = api("worker").post(STAFF, body, format="multipart")
    assert (response.status_code, list(response.json()["errors"])) == (422, ["photos"])
    assert not Ticket.objects.exists()


def test_what_is_no_file_is_refused_in_one_sentence(world: World, api: Client) -> None:
    response = api("worker").post(STAFF, {"content": CONTENT, "photos": "x"}, format="multipart")
    assert (response.status_code, [type(each) for each in response.json()["errors"]["photos"]]) == (400, [str])


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "content"),
        ({"content": " "}, 400, "content"),
        ({"content": "x" * 5001}, 400, "content"),
        ({"content": CONTENT, "lng": 113.2}, 400, "lat"),
        ({"content": CONTENT, "lng": "nan", "lat": 34}, 400, "lng"),
        ({"content": CONTENT, "urgency": "very"}, 400, "urgency"),
        ({"content": CONTENT, "category": "9999"}, 422, "category"),
        ({"content": CONTENT, "phone": "12"}, 422, "phone"),
        ({"content": CONTENT, "state": "closed"}, 400, "state"),
        ({"content": CONTENT, "number": "260101-00001"}, 400, "number"),
    ],
)
def test_what_cannot_be_recorded_names_the_field(world: World, api: Client, body: Any, status: int, field: str) -> None:
    response = api("center").post(STAFF, body)
    assert (response.status_code, list(response.json()["errors"])) == (status, [field])


@pytest.mark.parametrize("field", ["channel", "urgency", "is_proactive"])
def test_residents_do_not_decide_what_staff_decide(world: World, public: Any, field: str) -> None:
    values = {"channel": "hotline", "urgency": "critical", "is_proactive": True}
    response = public.post(PUBLIC, {"content": CONTENT, field: values[field]})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_a_resident_reports_follows_and_withdraws(world: World, public: Any) -> None:
    made = public.post(PUBLIC, {"content": CONTENT, "building": world.building.pk})
    assert made.status_code == 201, made.json()
    number, code = made.json()["number"], made.json()["follow_code"]
    assert len(code) == 8
    found = public.post(f"{PUBLIC}{number}/", {"secret": code})
    assert found.status_code == 200, found.json()
    assert (found.json()["content"], found.json()["moves"]) == (CONTENT, ["withdraw"])
    assert [step["text"] for step in found.json()["timeline"]][-1] == "收到您反映的事"
    assert public.post(f"{PUBLIC}{number}/withdraw/", {"secret": code}).json()["state"] == "withdrawn"
    assert public.post(f"{PUBLIC}{number}/withdraw/", {"secret": code}).status_code == 409


def test_a_resident_rates_and_reopens(world: World, public: Any) -> None:
    ticket = ticket_in(world, "visiting")
    rated = public.post(f"{PUBLIC}{ticket.number}/rate/", {"secret": SECRET, "face": "so_so", "comment": "慢了点"})
    assert (rated.status_code, rated.json()["state"]) == (200, "closed")
    again = public.post(f"{PUBLIC}{ticket.number}/reopen/", {"secret": SECRET, "note": "又坏了"})
    assert (again.status_code, again.json()["state"]) == (200, "handling")


@pytest.mark.parametrize("move", ["", "rate/", "withdraw/", "reopen/"])
def test_without_the_secret_nothing_is_told(world: World, public: Any, move: str) -> None:
    ticket = ticket_in(world, "visiting")
    body = {"rate/": {"face": "satisfied"}, "reopen/": {"note": "x"}}.get(move, {})
    wrong = public.post(f"{PUBLIC}{ticket.number}/{move}", {"secret": "0000", **body})
    missing = public.post(f"{PUBLIC}260101-00017/{move}", {"secret": "0000", **body})
    assert (wrong.status_code, wrong.json()) == (404, missing.json())
    ticket.refresh_from_db()
    assert ticket.follow_failures == 1


def test_a_secret_in_the_address_is_no_secret(world: World, public: Any) -> None:
    ticket = ticket_in(world, "visiting")
    assert public.get(f"{PUBLIC}{ticket.number}/?secret={SECRET}").status_code == 405


def test_the_requester_reads_no_internal_word(world: World, public: Any, api: Client) -> None:
    ticket = ticket_in(world, "signed")
    api("worker").post(f"{STAFF}{ticket.number}/contact/", {"note": "这人很难缠"})
    text = str(public.post(f"{PUBLIC}{ticket.number}/", {"secret": SECRET}).json())
    assert "难缠" not in text
    assert "周网格员" not in text


def test_without_a_district_in_the_address_nobody_can_report(world: World, client: Any) -> None:
    with no_district():
        response = client.post(PUBLIC, {"content": CONTENT}, content_type="application/json")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
