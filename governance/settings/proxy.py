"""Who is really calling, when reverse proxies stand in front."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address, as far as it can be trusted.

    Each trusted proxy appends the address it saw to `X-Forwarded-For`; what stands further left was written by
    the caller and proves nothing. With `TRUSTED_PROXIES = 0` the header is not looked at.
    """
    trusted: int = settings.TRUSTED_PROXIES
    hops: list[str] = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if trusted and hops:
        return hops[-min(trusted, len(hops))]
    return str(request.META.get("REMOTE_ADDR", ""))
