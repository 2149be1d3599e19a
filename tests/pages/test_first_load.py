"""What a page costs whoever opens it for the first time on a weak network: all its files of the build, compressed."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

KILOBYTE = 1000
CHUNK = re.compile(r"""["'](?:\./|\.\./)?(?:chunks/)?([\w-]+-[A-Z0-9]{8}\.js)["']""")


def built(path: str) -> bytes:
    found = finders.find(path)
    assert found, f"{path} is not built"
    return Path(str(found)).read_bytes()


def files_of(html: str) -> set[str]:
    """Files of the build that this page asks for by itself, and what those import."""
    wanted = {path.removeprefix("/static/") for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', html)}
    assert any(path.endswith(".css") for path in wanted)
    todo = [path for path in wanted if path.endswith(".js") and "/vendor/" not in path]
    assert todo
    while todo:
        for name in CHUNK.findall(built(todo.pop()).decode()):
            chunk = f"dist/chunks/{name}"
            if chunk not in wanted:
                wanted.add(chunk)
                todo.append(chunk)
    return wanted


def compressed(*parts: bytes) -> int:
    """Bytes over the line: level 6 is what servers use."""
    return sum(len(gzip.compress(part, 6)) for part in parts)


def test_the_first_load_of_the_workers_application_is_small(world: World, client: Client) -> None:
    """At most 200 kB: the page, the service worker, and everything the phone keeps of the build."""
    page = world.sign_in(client, "worker").get("/m/").content
    script = client.get("/m/sw.js").content
    shell = json.loads(script.decode().split("\n")[0].removeprefix("self.SHELL=").removesuffix(";"))
    kept = {path.removeprefix("/static/") for path in shell["assets"]}
    manifest = client.get("/m/manifest.webmanifest")
    icons = {icon["src"].removeprefix("/static/") for icon in manifest.json()["icons"]}
    total = compressed(page, script, manifest.content, *map(built, sorted(files_of(page.decode()) | kept | icons)))
    assert total <= 200 * KILOBYTE


def test_everything_the_workers_page_needs_is_kept_by_the_phone(world: World, client: Client) -> None:
    page = world.sign_in(client, "worker").get("/m/").content.decode()
    shell = json.loads(client.get("/m/sw.js").content.decode().split("\n")[0][len("self.SHELL=") : -1])
    needed = {f"/static/{path}" for path in files_of(page) if path.endswith((".js", ".css"))}
    assert needed <= set(shell["assets"])


@pytest.mark.parametrize("path", ["/", "/report/"])
def test_the_first_load_of_the_residents_form_is_small(world: World, client: Client, path: str) -> None:
    """At most 100 kB, with nobody signed in."""
    answer = client.get(f"/d/{world.district.code}{path}")
    assert answer.status_code == 200
    files = files_of(answer.content.decode())
    assert compressed(answer.content, *map(built, sorted(files))) <= 100 * KILOBYTE
