"""The slip somebody takes home: number, code to scan, how to ask (S3-14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import segno
from django.http import HttpRequest
from django.urls import reverse

from governance.kernel.models import District


def public_address(request: HttpRequest, name: str, *, args: Sequence[Any] = (), **query: str) -> str:
    """The whole address of a resident's page; it names its district, however this page was reached."""
    district: District = request.district  # type: ignore[attr-defined]
    path, prefix = reverse(name, args=args), f"/d/{district.code}"
    if not path.startswith(f"{prefix}/") and request.get_host().split(":")[0] != district.host:
        path = prefix + path
    return request.build_absolute_uri(f"{path}?{urlencode(query)}" if query else path)


def code_to_scan(address: str) -> str:
    """An address as a QR code: an SVG in a data address, drawn here. Level M still reads with a crease across it."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2))


def track_address(request: HttpRequest, number: str) -> str:
    """查进度 with the number filled in; the proof (phone tail or code) is never in it."""
    return public_address(request, "resident:track", number=number)
