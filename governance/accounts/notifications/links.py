"""Addresses for messages, which no request is there to complete."""

from __future__ import annotations

from django.conf import settings

from governance.kernel.tenancy.context import current_district


def absolute(path: str) -> str:
    """The whole address of a page of the district in scope; empty where the installation does not know its own."""
    if not path:
        return ""
    district = current_district()
    if district.host:
        return f"https://{district.host}{path}"
    return f"{settings.PUBLIC_URL}/d/{district.code}{path}" if settings.PUBLIC_URL else ""
