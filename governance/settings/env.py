"""Typed readers of environment variables that fail loudly, with a hint.

Every reader takes the variable's name and an optional default; without a default the variable is required.
A secret may also be given as a file: `SECRET_KEY_FILE=/run/secrets/key` stands for `SECRET_KEY`.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

REQUIRED: Any = object()
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: Any = REQUIRED) -> str:
    """The variable's value, without surrounding space; an empty value counts as not given."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is REQUIRED:
        raise ImproperlyConfigured(f"The environment variable {name} is required and is not set.")
    return str(default)


def flag(name: str, default: Any = REQUIRED) -> bool:
    """A yes or no: 1/true/yes/on or 0/false/no/off."""
    value = text(name, "" if default is not REQUIRED else REQUIRED).lower()
    if not value:
        return bool(default)
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: write 1 or 0.")


def integer(name: str, default: Any = REQUIRED, *, minimum: int = 0) -> int:
    """A whole number, not below `minimum`."""
    value = text(name, "" if default is not REQUIRED else REQUIRED)
    if not value:
        return int(default)
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number} is below the smallest allowed value, {minimum}.")
    return number


def rate(name: str, default: str) -> tuple[int, int]:
    """So many in so many seconds, written `120/3600`."""
    value = text(name, default)
    parts = value.split("/")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise ImproperlyConfigured(f"{name}={value!r} is no rate: write the number and the seconds, as in 120/3600.")
    return int(parts[0]), int(parts[1])


def items(name: str, default: Any = REQUIRED) -> list[str]:
    """A list written with commas; empty items are dropped."""
    value = text(name, "" if default is not REQUIRED else REQUIRED)
    if not value:
        return list(default)
    return [item.strip() for item in value.split(",") if item.strip()]


def secret(name: str, default: Any = REQUIRED) -> str:
    """The value of `NAME`, or the content of the file that `NAME_FILE` points to."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return text(name, default)
    if os.environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of them.")
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from error
    if not content:
        raise ImproperlyConfigured(f"{name}_FILE={path!r} is an empty file.")
    return content


def parse_database_url(url: str) -> dict[str, Any]:
    """A PostgreSQL URL as a Django database entry (ENGINE left to the caller).

    `postgresql://user:password@host:5432/name?sslmode=require` and, for a Unix socket,
    `postgresql://user@/name?host=/folder`. Other query parameters become connection options.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        # The URL may hold a password, so the message must not repeat it.
        raise ImproperlyConfigured("A database URL must look like postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": options.pop("port", "") or (str(parts.port) if parts.port else ""),
        "OPTIONS": options,
    }


def celery_broker_url(redis_url: str) -> str:
    """The same Redis as Celery wants it written: `unix:///x.sock?db=0` → `redis+socket:///x.sock?virtual_host=0`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    return f"redis+socket://{parts.path}?virtual_host={dict(parse_qsl(parts.query)).get('db', '0')}"


def redis_url_with_database(redis_url: str, number: int) -> str:
    """The same Redis, another of its numbered databases (so that cache keys and task queues do not mix)."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()
