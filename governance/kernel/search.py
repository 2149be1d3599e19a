"""Search by words under row security.

Row security keeps PostgreSQL from using any text index (LIKE, full text and array operators are not leakproof), so
the tokens are read by one SECURITY DEFINER function that filters by district itself. Tokens are bigrams because most
Chinese words have two characters, which trigrams cannot find.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.db import connection

from governance.kernel.models import SearchEntry

_RUN = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
MAX_TOKENS = 2_000


def _runs(text: str) -> Iterable[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def index_tokens(text: str) -> list[str]:
    """Tokens under which a text is found: single characters and pairs of Chinese, words and numbers of Latin."""
    tokens: dict[str, None] = {}
    for run in _runs(text):
        if run[0] > "z":
            for i, character in enumerate(run):
                tokens[character] = None
                if i:
                    tokens[run[i - 1 : i + 1]] = None
        else:
            tokens[run] = None
            for size in (3, 4):
                for i in range(len(run) - size + 1):
                    tokens[run[i : i + size]] = None
        if len(tokens) > MAX_TOKENS:
            break
    return list(tokens)[:MAX_TOKENS]


def query_tokens(text: str) -> list[str]:
    """Tokens that must all be there: pairs of Chinese (a lone character stands for itself), words of Latin."""
    tokens: dict[str, None] = {}
    for run in _runs(text):
        if run[0] > "z":
            for pair in [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]:
                tokens[pair] = None
        elif len(run) <= 4:
            tokens[run] = None
        else:
            for i in range(len(run) - 3):
                tokens[run[i : i + 4]] = None
    return list(tokens)


def search_ids(kind: str, text: str, *, limit: int = 500) -> list[int]:
    """Ids of the newest ``limit`` objects of a kind, in the district in scope, that hold all words of ``text``."""
    tokens = query_tokens(text)
    if not tokens:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT gov_search_ids(%s, %s::text[], %s)", [kind, tokens, limit])
        return [row[0] for row in cursor.fetchall()]


def index_objects(kind: str, texts: Iterable[tuple[int, str]]) -> None:
    """Write or rewrite the tokens of ``(object id, text)`` pairs."""
    SearchEntry.objects.bulk_create(
        [SearchEntry(kind=kind, object_id=object_id, tokens=index_tokens(text)) for object_id, text in texts],
        update_conflicts=True,
        unique_fields=["district", "kind", "object_id"],
        update_fields=["tokens"],
    )
