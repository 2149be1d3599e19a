"""The handbook: every chapter opens, in a district and outside, its pictures exist, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import resolve, set_script_prefix

from governance.kernel.handbook import CHAPTERS, help_url
from governance.kernel.tenancy.context import no_district
from grids.models import PostKind
from tests.cases import report

pytestmark = pytest.mark.django_db
ROLES = [chapter.role for chapter in CHAPTERS]
PAGES = ["", *(f"{role}/" for role in ROLES)]


@pytest.fixture(autouse=True)
def at_root():
    """A request below ``/d/<code>/`` leaves its prefix to the thread."""
    set_script_prefix("/")
    yield
    set_script_prefix("/")


def text_of(path: str, client: Client | None = None) -> str:
    with no_district():
        response = (client or Client()).get(path)
    set_script_prefix("/")
    assert response.status_code == 200, path
    return response.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_a_chapter_opens_without_account_inside_a_district_and_outside(world, role):
    for path in (f"/help/{role}/", f"/d/{world.district.code}/help/{role}/"):
        text = text_of(path)
        assert 'class="hbs"' in text
        assert "<ol>" in text


@pytest.mark.parametrize("role", [role for role in ROLES if role != "platform"])
def test_a_chapter_shows_pictures_that_exist_and_say_what_they_show(role):
    images = re.findall(r"<img ([^>]*)>", text_of(f"/help/{role}/"))
    assert images
    for attributes in images:
        source, alt = re.search(r'src="/static/([^"]+)"', attributes), re.search(r'alt="([^"]+)"', attributes)
        assert source, attributes
        assert alt, attributes
        assert len(alt[1]) > 5, attributes
        assert finders.find(source[1]), source[1]


def test_no_picture_is_too_heavy_or_shown_nowhere():
    shown = "".join(text_of(f"/help/{role}/") for role in ROLES)
    files = list(Path(dict(settings.STATICFILES_DIRS)["help"]).glob("*"))
    assert files
    for file in files:
        assert f"/help/{file.name}" in shown, f"{file.name} is shown in no chapter"
        assert file.stat().st_size <= 60_000, file.name
    assert sum(file.stat().st_size for file in files) <= 700_000


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_the_handbook_leads_somewhere(world, page):
    for root in ("", f"/d/{world.district.code}"):
        text = text_of(f"{root}/help/{page}")
        links = {link for link in re.findall(r'<a [^>]*href="([^"]+)"', text) if not link.startswith(("tel:", "#"))}
        assert len(links) >= len(CHAPTERS) - 1
        for link in links:
            with no_district():
                status = Client().get(link.replace("&amp;", "&")).status_code
            set_script_prefix("/")
            assert status == 200 or (status == 302 and "/ui/mode/" in link), f"{link} answers {status}"
        for anchor in re.findall(r'href="#([^"]+)"', text):
            assert f'id="{anchor}"' in text


def test_an_unknown_chapter_is_not_found():
    with no_district():
        assert Client().get("/help/mayor/").status_code == 404


def test_every_kind_of_post_has_a_chapter_of_its_own_and_one_only():
    for kind in PostKind.values:
        assert sum(kind in chapter.kinds for chapter in CHAPTERS) == 1, kind
        assert help_url([kind]) != help_url(), kind
    assert help_url(["unknown", "return_visitor", "grid_worker"]) == "/help/visitor/"
    assert help_url(is_platform=True) == "/help/platform/"


@pytest.mark.parametrize(
    ("role", "path", "chapter"),
    [
        ("worker", "/m/", "grid-worker"),
        ("worker", "/m/me/", "grid-worker"),
        ("leader", "/desk/", "grid-leader"),
        ("staff", "/desk/", "community"),
        ("dispatcher", "/desk/", "street"),
        ("handler", "/desk/", "department"),
        ("visitor", "/desk/", "visitor"),
        ("official", "/board/", "official"),
    ],
)
def test_the_frame_of_staff_leads_to_the_own_chapter(world, role, path, chapter):
    report(world)
    client = Client()
    world.sign_in(client, role)
    assert f'href="/d/{world.district.code}/help/{chapter}/"' in text_of(f"/d/{world.district.code}{path}", client)


@pytest.mark.parametrize(("path", "chapter"), [("/", "resident/"), ("/report/", "resident/"), ("/sign-in/", "")])
def test_the_public_frames_lead_to_the_handbook(world, path, chapter):
    code = world.district.code
    assert f'href="/d/{code}/help/{chapter}"' in text_of(f"/d/{code}{path}")


def test_the_platform_s_administrator_is_led_to_the_chapter_of_the_platform():
    request = RequestFactory().get("/setup/new/")
    request.resolver_match = resolve("/setup/new/")
    text = render_to_string("error.html", {"status": 422, "title": "x", "message": "x"}, request=request)
    assert 'href="/help/platform/"' in text


def test_the_error_page_leads_to_the_handbook_without_asking_the_database(django_assert_num_queries):
    request = RequestFactory().get("/nothing/")
    with django_assert_num_queries(0):
        text = render_to_string("error.html", {"status": 404, "title": "x", "message": "x"}, request=request)
    assert 'href="/help/"' in text
