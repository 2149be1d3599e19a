"""What forces can do: the words offered, and which of them a matter calls for. Pure but for the shipped list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

LENGTH, MOST = 10, 8
_BETWEEN = re.compile(r"[\s,，、;；/]+")


@lru_cache(maxsize=1)
def shipped() -> dict[str, tuple[str, ...]]:
    """Skill → words in a report that call for it."""
    text = (Path(__file__).parent / "data" / "skills.json").read_text(encoding="utf-8")
    return {skill: tuple(words) for skill, words in json.loads(text).items()}


def split(text: str) -> list[str]:
    """电工、急救 → each once, in order."""
    return list(dict.fromkeys(word for word in _BETWEEN.split(text.strip()) if word))


def called_for(text: str, known: Iterable[str]) -> list[str]:
    """Which of the ``known`` skills a text names or calls for; those named first."""
    rows: Sequence[str] = list(dict.fromkeys(known))
    named = [skill for skill in rows if skill in text]
    hinted = [skill for skill in rows if any(word in text for word in shipped().get(skill, ()))]
    return list(dict.fromkeys([*named, *hinted]))
