"""How well an article of the knowledge base fits what somebody typed or said. No Django, no database.

Two questions are answered. ``rank``: somebody looks for an article, in characters, in the first letters of their
pinyin, or in whole syllables (高龄津贴, gljt, jt, jintie). ``heard``: somebody tells their matter in their own words,
and the article may already be the answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

_RUN = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
# Words of asking itself: they stand in every question and tell none from another.
_ASKING = re.compile(
    "请问|我想问|想问一下|想问|问一下|咨询|一下|怎么样|怎么办|怎么|怎样|如何|什么|哪里|哪儿|哪些|多少|可以|能不能|能否|"
    "需要|要不要|应该|办理|申请|时候|谁|吗|呢|啊|吧|了|的|我|你|您|他|她|要|想|去|在|是|有|和|与|能|没|不"
)
NEAR = 0.6
"""Share of a term's pairs that must be heard for the article to be offered without the term being said whole."""
# Shorter words than this, typed in letters, are more often a stutter of the input method than initials.
_FEWEST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A published article as search sees it: without its answer. ``terms`` begins with the question."""

    article_id: int
    version: int
    terms: tuple[str, ...]
    sounds: tuple[tuple[str, ...], ...]  # syllables of each term
    category_id: int | None
    owner_id: int
    review_on: date
    written_at: datetime

    @property
    def question(self) -> str:
        return self.terms[0]


def runs(text: str) -> list[str]:
    """Runs of Chinese, and of Latin letters and figures, in small letters."""
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def _plain(text: str) -> str:
    return "".join(runs(text))


def _of_characters(term: str, wanted: str) -> int:
    if term == wanted:
        return 100
    if term.startswith(wanted):
        return 85
    return 70 if wanted in term else 0


def _of_sounds(syllables: Sequence[str], wanted: str) -> int:
    """Initials anywhere in the term, or whole syllables from the beginning of one."""
    letters = "".join(syllable[0] for syllable in syllables)
    if letters == wanted:
        return 90
    if letters.startswith(wanted):
        return 75
    if wanted in letters:
        return 60
    for first in range(len(syllables)):
        if "".join(syllables[first : first + len(wanted)]).startswith(wanted):
            return 75 if first == 0 else 60
    return 0


def rank(entry: Entry, text: str) -> int:
    """How well an entry fits what was looked for, 0 (not by its question and synonyms) to 100 (exactly one of them).

    Of several words the worst fit counts: 津贴 80岁 wants both.
    """
    return min((_rank_run(entry, run) for run in runs(text)), default=0)


def _rank_run(entry: Entry, wanted: str) -> int:
    found = max(_of_characters(_plain(term), wanted) for term in entry.terms)
    if found or wanted[0] > "z" or len(wanted) < _FEWEST_LETTERS:
        return found
    return max((_of_sounds(syllables, wanted) for syllables in entry.sounds if syllables), default=0)


def _core(text: str) -> str:
    return _ASKING.sub("", _plain(text))


def pairs(text: str) -> set[str]:
    """The pairs of characters of a text without the words of asking."""
    core = _core(text)
    return {core[i : i + 2] for i in range(len(core) - 1)}


def kept_share(answer: str, reply: str) -> float:
    """Which share of an answer's pairs of characters stands in a reply, 0 to 1."""
    of_answer = pairs(answer)
    return len(of_answer & pairs(reply)) / len(of_answer) if of_answer else 0.0


def heard(entry: Entry, said: str) -> float:
    """How likely somebody's own words ask for an entry: 0 not at all, 1 and more a term was said whole, else the share
    of the term's pairs that were heard."""
    plain, of_said = _plain(said), pairs(said)
    best = 0.0
    for term in entry.terms:
        core = _core(term)
        if len(core) < 2:
            continue
        if _plain(term) in plain or core in _core(said):
            best = max(best, 1 + len(core) / 100)
            continue
        of_term = pairs(term)
        hits = len(of_term & of_said)
        if hits >= 2:
            best = max(best, hits / len(of_term))
    return best


def best_for(said: str, entries: Iterable[Entry], *, most: int) -> list[Entry]:
    """The entries to offer to somebody who says this, the likeliest first.

    A few letters alone may be the initials of what the person is about to write.
    """
    said_runs = runs(said)
    if not said_runs or len("".join(said_runs)) < _FEWEST_LETTERS:
        return []
    in_letters = len(said_runs) == 1 and said_runs[0].isalpha() and said_runs[0][0] <= "z"
    found = []
    for entry in entries:
        fit = rank(entry, said) / 100 if in_letters else heard(entry, said)
        if fit >= NEAR:
            found.append((-fit, entry.article_id, entry))
    return [entry for _fit, _id, entry in sorted(found, key=lambda row: row[:2])[:most]]
