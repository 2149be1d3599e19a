"""Words that may not stand on a household (S2-22). The list with its reasons is data: ``data/stigma_words.json``."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LIST = Path(__file__).parent / "data" / "stigma_words.json"


@dataclass(frozen=True)
class Stigma:
    """A word that was found, why it may not stand, and what to write instead."""

    word: str
    reason: str
    instead: str


@lru_cache(maxsize=1)
def stigma_words() -> tuple[Stigma, ...]:
    """The whole list, longer words first, so that the exact one is named."""
    groups = json.loads(_LIST.read_text(encoding="utf-8"))
    rows = [Stigma(word, group["reason"], group["instead"]) for group in groups for word in group["words"]]
    return tuple(sorted(rows, key=lambda row: -len(row.word)))


def stigma_examples() -> list[Stigma]:
    """Two words for each reason, to show what is meant."""
    groups = json.loads(_LIST.read_text(encoding="utf-8"))
    return [Stigma(word, group["reason"], group["instead"]) for group in groups for word in group["words"][:2]]


def stigma_in(text: str) -> Stigma | None:
    """The first such word in a text; spaces and signs between its characters do not hide it."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum())
    return next((row for row in stigma_words() if row.word in plain), None)
