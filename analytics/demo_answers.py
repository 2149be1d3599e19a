"""The demo's knowledge base: the same questions everywhere, kept by each district's own organizations, unevenly.

Written and published through the real actions, some of it with the clock of an earlier month: a few articles are due
for review, a few have three versions, one is withdrawn, some are drafts. The words are general guidance that holds
anywhere, with no number, amount or rule in them, and say that they are a demo's.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope, scope_at
from grids.models import Level
from grids.queries import actor_for
from grids.reference import territory
from requests_intake.actions.knowledge import EDITORS, Wording, publish_article, withdraw_article, write_article
from requests_intake.models import KnowledgeArticle
from requests_intake.reference import rules

_DATA = Path(__file__).resolve().parent / "data" / "demo_answers.json"
_LONG_AGO, _LATELY = timedelta(days=220), timedelta(days=75)
_REVIEW = timedelta(days=180)
_SYSTEM = Actor.system("demo")


def _writer(owner_id: int) -> Actor:
    """Somebody of the organization who may write; the system where the posts were empty then."""
    for holder in territory().serving(owner_id):
        if holder.kind in EDITORS:
            return actor_for(Membership.objects.get(pk=holder.membership_id))
    return _SYSTEM


def load_demo_answers(district: District) -> int:
    """Write the demo's articles into a district that has none. Returns how many were written."""
    with district_scope(district):
        now = clock.now()
        with transaction.atomic():
            if KnowledgeArticle.objects.exists():
                return 0
    entries = json.loads(_DATA.read_text(encoding="utf-8"))["articles"]
    with transaction.atomic():
        for number, entry in enumerate(entries):
            ago = _LONG_AGO if entry["life"] == "due" else _LATELY
            morning = clock.local(now - ago + timedelta(days=number)).replace(hour=9, minute=number * 7 % 60)
            _live(district, entry, morning + timedelta(hours=number % 8))
    return len(entries)


def _live(district: District, entry: dict[str, Any], written: Any) -> None:
    """What becomes of one article: ``published``, ``due``, ``revised`` (three versions), ``redraft`` (a newer draft
    beside the published version), ``draft`` or ``withdrawn``."""
    life = entry["life"]
    with scope_at(district, written):
        owner = _owner(entry["kept_by"])
        writer = _writer(owner)
        article = write_article(
            None, _wording(entry, entry["answer"]), review_on=clock.today() + _REVIEW, owner_id=owner, actor=writer
        )
        if life == "draft":
            return
        publish_article(article, actor=writer)
    for number, (text, note) in enumerate(entry.get("later", ()), start=1):
        with scope_at(district, written + timedelta(days=20 * number)):
            article = KnowledgeArticle.objects.get(pk=article.pk)
            article = write_article(
                article,
                _wording(entry, text, note),
                review_on=clock.today() + _REVIEW,
                based_on=article.last_version,
                actor=writer,
            )
            if life != "redraft":
                publish_article(article, actor=writer)
    if life == "withdrawn":
        with scope_at(district, written + timedelta(days=40)):
            withdraw_article(article, actor=writer)


def _wording(entry: dict[str, Any], answer: str, note: str = "") -> Wording:
    ref = rules().by_code.get(entry["category"])
    return Wording(
        question=entry["question"],
        answer=f"{answer}\n\n{_('（演示内容，以本地窗口的答复为准）')}",
        synonyms=entry["synonyms"],
        category_id=ref.id if ref else None,
        note=note,
    )


def _owner(kept_by: str) -> int:
    """The organization that keeps an article: the first street's or community's, a department of a kind, the centre."""
    places = territory()
    organizations = sorted(places.organizations.values(), key=lambda row: row.id)
    if kept_by in (Level.STREET, Level.COMMUNITY):
        found = next((row.id for row in organizations if row.level == kept_by and places.serving(row.id)), None)
    else:
        found = next((row.id for row in organizations if row.department_kind == kept_by), None)
    return found or places.center().id
