"""Looks for words in everything a district stores: every column of every table, decrypted where it is encrypted, the
search tokens, and every file."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.db import connection

from governance.kernel.crypto import decrypt
from governance.kernel.tenancy.context import current_district_id
from governance.kernel.tenancy.guard import district_models

_TOKEN = re.compile(r"gAAAA[\w=-]{60,}")


def _in_clear(text: str) -> str:
    return _TOKEN.sub(lambda found: decrypt(found.group()), text)


def tables_with(*words: str) -> set[str]:
    """Tables of the district in scope that hold one of the words anywhere."""
    found = set()
    with connection.cursor() as cursor:
        for model in district_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT t::text FROM "{table}" t WHERE district_id = %s', [current_district_id()])
            if any(word in _in_clear(row[0]) for row in cursor.fetchall() for word in words):
                found.add(table)
    return found


def stored_files() -> list[str]:
    return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
