"""The worker's phone as an installed application: manifest, service worker, and what it shows without a network."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from governance.accounts.offline import kept_offline
from governance.accounts.templatetags.offline import phone_scope
from requests_intake.views.worker_frame import frame, phone_required

ICONS = (("icons/app-192.png", "192x192", "any"), ("icons/app-512.png", "512x512", "any"),
         ("icons/app-maskable-512.png", "512x512", "maskable"))  # fmt: skip
COLOUR = "#0C4A78"


@require_safe
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> JsonResponse:
    district = getattr(request, "district", None)
    name = _("{district}网格通").format(district=district.name) if district else _("网格通")
    body = {
        "id": phone_scope(),
        "name": name,
        "short_name": _("网格通"),
        "description": _("网格员的手机：报事、办事、去看看，没有网络也能干活。"),
        "lang": "zh-Hans",
        "start_url": reverse("worker:home"),
        "scope": phone_scope(),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#FFFFFF",
        "theme_color": COLOUR,
        "icons": [
            {"src": static(f"dist/{path}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in ICONS
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_safe
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that answers without a network, with this build's files written before it.

    Another build is another text, which is how a browser notices it. The scope is the folder it is served from: both
    ``/m/`` and ``/d/<code>/m/``.
    """
    built = _built()
    shell = {
        "scope": phone_scope(),
        "version": built["version"],
        "assets": [static(path) for path in built["paths"]],
        "statics": settings.STATIC_URL,
        "named": built["named"],
        "offline": reverse("worker:offline"),
    }
    text = f"self.SHELL={json.dumps(shell)};\n{built['script']}"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What stands in place of a page that the phone has not kept. Nobody's: it says nothing of anybody."""
    return render(request, "worker/offline.html")


@phone_required
@kept_offline
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """What is still on the phone. The list lies there and not here: the phone fills it in."""
    return render(request, "worker/outbox.html", frame(request, "outbox"))


def _built() -> dict[str, Any]:
    # While developing, files change under a running server.
    return _read() if settings.DEBUG else _read_once()


@lru_cache(maxsize=1)
def _read_once() -> dict[str, Any]:
    return _read()


def _read() -> dict[str, Any]:
    script = _file("dist/worker-sw.js").read_text(encoding="utf-8")
    paths = [f"dist/{path}" for path in json.loads(_file("dist/worker-shell.json").read_text(encoding="utf-8"))]
    digest = hashlib.sha256(script.encode())
    for path in paths:
        digest.update(path.encode() + _file(path).read_bytes())
    # Names that carry their content never change what they mean; without them the network is asked first.
    named = staticfiles_storage.url("dist/worker.css") != f"{settings.STATIC_URL}dist/worker.css"
    return {"script": script, "paths": paths, "version": digest.hexdigest()[:12], "named": named}


def _file(path: str) -> Path:
    found = finders.find(path)
    if not found:
        raise Http404
    return Path(str(found))
