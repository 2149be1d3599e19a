"""What would make messages by e-mail or robot unsafe in production."""

from __future__ import annotations

_AT_HOME = {"localhost", "127.0.0.1", "::1"}


def problems(*, host: str, password: str, tls: bool, ssl: bool, public_url: str, robot_hosts: list[str]) -> list[str]:
    """Why this installation must not send like this; empty when it may."""
    found = []
    if tls and ssl:
        found.append("EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other: keep one.")
    if host and password and not (tls or ssl) and host not in _AT_HOME:
        found.append("EMAIL_HOST_PASSWORD would travel readable: set EMAIL_USE_TLS=1 or EMAIL_USE_SSL=1.")
    if public_url and not public_url.startswith("https://"):
        found.append("PUBLIC_URL must begin with https://.")
    if any("*" in each or "/" in each for each in robot_hosts):
        found.append("ROBOT_HOSTS lists whole host names, without stars or paths.")
    return found
