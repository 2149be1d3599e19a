"""Reading the knowledge base: what is published, what is found, what is offered.

Questions and synonyms of published articles are kept per district in each process (``shelf``), so that offering an
answer while somebody types costs one statement: the words of the answers offered. Looking for words, also those of the
answers, goes through ``kernel.search``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum

from governance.kernel import clock
from governance.kernel.reference import per_district
from governance.kernel.search import index_objects, search_ids
from grids.reference import territory
from requests_intake.knowledge_matching import Entry, best_for, rank
from requests_intake.models import KnowledgeArticle, KnowledgeHelp, KnowledgeUse, KnowledgeVersion
from requests_intake.reference import rules

PUBLIC_KIND, DESK_KIND = "answer", "answer-draft"  # the published version; the last one, published or not
OFFERED = 2
PER_PAGE = 20
State = KnowledgeArticle.State


def sounds_of(terms: Iterable[str]) -> list[str]:
    """The syllables of each term, parted by blanks: ``gao ling jin tie``. Letters and figures are left out."""
    # Read only where an article is written: its dictionary takes some 50 MB.
    from pypinyin import lazy_pinyin

    return [" ".join(lazy_pinyin(term, errors="ignore")) for term in terms]


def index_text(version: KnowledgeVersion) -> str:
    """Under what a version is found: its words, its category's name, and the sounds of its terms.

    Two initials are no token of a longer run, so each pair of them stands by itself.
    """
    found = [version.question, *version.synonyms, rules().category_name(version.category_id), version.answer]
    for line in version.sounds:
        syllables = line.split()
        letters = "".join(syllable[0] for syllable in syllables)
        found += ["".join(syllables), letters, *(letters[i : i + 2] for i in range(len(letters) - 1))]
    return "\n".join(found)


def index_version(kind: str, version: KnowledgeVersion) -> None:
    index_objects(kind, [(version.article_id, index_text(version))])


@per_district
def shelf() -> dict[int, Entry]:
    """The published articles of the district in scope, by id."""
    versions = KnowledgeVersion.objects.filter(
        article__state=State.PUBLISHED, number=F("article__published_version")
    ).select_related("article")
    return {
        row.article_id: Entry(
            article_id=row.article_id,
            version=row.number,
            terms=(row.question, *row.synonyms),
            sounds=tuple(tuple(line.split()) for line in row.sounds),
            category_id=row.category_id,
            owner_id=row.article.owner_id,
            review_on=row.article.review_on,
            written_at=row.written_at,
        )
        for row in versions.defer("answer").order_by("article_id")
    }


@dataclass(frozen=True)
class Answer:
    """A published article with its words."""

    entry: Entry
    text: str

    @property
    def key(self) -> str:
        """Names article and version: 12-3."""
        return f"{self.entry.article_id}-{self.entry.version}"

    @property
    def owner(self) -> str:
        return territory().organization_name(self.entry.owner_id) or territory().center().name

    @property
    def category(self) -> str:
        return rules().category_name(self.entry.category_id)

    @property
    def updated_at(self) -> datetime:
        return self.entry.written_at

    @property
    def is_under_review(self) -> bool:
        return self.entry.review_on <= clock.today()


def answers_of(entries: Iterable[Entry]) -> list[Answer]:
    """The entries with their answers, in their order. One statement, none for no entries."""
    wanted = list(entries)
    if not wanted:
        return []
    which = Q()
    for entry in wanted:
        which |= Q(article_id=entry.article_id, number=entry.version)
    texts = dict(KnowledgeVersion.objects.filter(which).values_list("article_id", "answer"))
    return [Answer(entry, texts[entry.article_id]) for entry in wanted if entry.article_id in texts]


def offers(said: str, *, most: int = OFFERED) -> list[Answer]:
    """Published answers that somebody's own words may be asking for. At most one statement."""
    return answers_of(best_for(said, shelf().values(), most=most))


def published_answer(article_id: int) -> Answer | None:
    """What the public reads of an article; None where it may read nothing. One statement."""
    entry = shelf().get(article_id)
    return next(iter(answers_of([entry])), None) if entry else None


def version_of_key(key: str) -> Answer | None:
    """The published answer that ``Answer.key`` names, as long as that version is the published one."""
    article, _dash, version = key.partition("-")
    if not (article.isdigit() and version.isdigit() and len(article) < 16):
        return None
    found = published_answer(int(article))
    return found if found is not None and found.entry.version == int(version) else None


def find_published(text: str = "") -> tuple[list[Entry], bool]:
    """Published entries, the best fit first, and whether they hold all the words.

    Without words all of them, by category. Where nothing holds all the words, those that come near (False). One
    statement.
    """
    entries = list(shelf().values())
    if not text.strip():
        names = rules().category_name
        return sorted(entries, key=lambda entry: (names(entry.category_id), entry.article_id)), True
    ids = set(search_ids(PUBLIC_KIND, text))
    found = [entry for entry in entries if entry.article_id in ids]
    if found:
        return sorted(found, key=lambda entry: (-rank(entry, text), entry.article_id)), True
    return best_for(text, entries, most=PER_PAGE), False


def with_versions(articles: QuerySet[KnowledgeArticle]) -> QuerySet[Any]:
    """Adds ``question`` and ``category_id`` of the last version."""
    last = KnowledgeVersion.objects.filter(article_id=OuterRef("pk"), number=OuterRef("last_version"))
    return articles.annotate(
        question=Subquery(last.values("question")[:1]),
        category_id=Subquery(last.values("category_id")[:1]),
    )


def is_due() -> Q:
    return Q(state=State.PUBLISHED, review_on__lte=clock.today())


VIEWS = {
    "": lambda own: Q(),
    "mine": lambda own: Q(owner_id__in=own),
    "due": lambda own: is_due(),
    "drafts": lambda own: Q(state=State.DRAFT) | Q(state=State.PUBLISHED, last_version__gt=F("published_version")),
    "withdrawn": lambda own: Q(state=State.WITHDRAWN),
}
"""Filters of the desk's list. ``own``: organizations of the person's posts."""


def articles_for_desk(view: str = "", text: str = "", *, own: Iterable[int] = ()) -> QuerySet[Any]:
    """Articles with their last question, those changed last first. One statement more with words."""
    articles = with_versions(KnowledgeArticle.objects.filter(VIEWS[view](list(own))))
    if text.strip():
        articles = articles.filter(pk__in=search_ids(DESK_KIND, text))
    return articles.order_by("-changed_at", "-pk")


def counts_for_desk(own: Iterable[int]) -> dict[str, int]:
    """How many articles each filter has. One statement."""
    mine = list(own)
    asked: dict[str, Any] = {
        name or "all": Count("pk", filter=condition(mine)) if condition(mine) else Count("pk")
        for name, condition in VIEWS.items()
    }
    return KnowledgeArticle.objects.aggregate(**asked)


def figures(article_id: int, since: date) -> dict[str, int]:
    """How often an article helped since a day, and how many tickets were answered with it. Two statements."""
    helped = KnowledgeHelp.objects.filter(article_id=article_id, day__gte=since).aggregate(n=Sum("helped"))["n"]
    return {"helped": helped or 0, "used": KnowledgeUse.objects.filter(article_id=article_id).count()}
