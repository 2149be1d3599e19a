"""常见问题: the published answers for everybody, without an account and without scripts."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.kernel.errors import NotFound
from governance.kernel.idempotency import once
from requests_intake import knowledge
from requests_intake.actions.knowledge import count_helped
from requests_intake.forms.report import new_key
from requests_intake.knowledge_matching import Entry
from requests_intake.reference import rules
from requests_intake.views.resident_session import resident_page

_LONGEST = 80
_OTHER = "99"


def _top(entry: Entry) -> tuple[str, str]:
    """Code and name of the first-level category an entry stands under; those without stand under the last."""
    ref = rules().categories.get(entry.category_id or 0)
    if ref is None:
        found = rules().by_code.get(_OTHER)
        return _OTHER, found.name if found else _("其他")
    return (ref.pure.parent_code or ref.code), (ref.pure.parent_name or ref.name)


@resident_page
@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """Search box, categories, and the questions. Three statements at most."""
    text = request.GET.get("q", "").strip()[:_LONGEST]
    wanted = request.GET.get("category", "")
    entries, is_exact = knowledge.find_published(text)
    tops = {entry.article_id: _top(entry) for entry in knowledge.shelf().values()}
    if wanted:
        entries = [entry for entry in entries if tops[entry.article_id][0] == wanted]
    page = Paginator(entries, knowledge.PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "back_url": reverse("resident:home"),
        "query": text,
        "page": page,
        "rows": [
            {"answer": answer, "place": tops[answer.entry.article_id][1]}
            for answer in knowledge.answers_of(page.object_list)
        ],
        "is_exact": is_exact,
        "categories": _categories(tops, wanted),
        "wanted": wanted,
    }
    return render(request, "resident/answers.html", context)


def _categories(tops: dict[int, tuple[str, str]], wanted: str) -> list[dict[str, Any]]:
    """First-level categories that have answers, with their number, for the row of links."""
    counts: dict[tuple[str, str], int] = {}
    for top in tops.values():
        counts[top] = counts.get(top, 0) + 1
    url = reverse("resident:answers")
    return [
        {"label": name, "url": f"{url}?category={code}", "current": code == wanted, "count": number}
        for (code, name), number in sorted(counts.items())
    ]


@resident_page
@require_safe
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer: since when, who keeps it, and the way to a report where it does not help."""
    found = knowledge.published_answer(pk)
    if found is None:
        raise NotFound("no_article", _("没有这一条，可能已经撤下。"))
    context = {
        "back_url": reverse("resident:answers"),
        "back_label": _("常见问题"),
        "answer": found,
        "idempotency_key": new_key(),
    }
    return render(request, "resident/answer.html", context)


@resident_page
@require_POST
def helped(request: HttpRequest) -> HttpResponse:
    """解决了，不用报了: one more on the answer's count of today; nothing is kept of who said so."""
    said = request.POST.get("answer", "")
    found = knowledge.published_answer(int(said)) if said.isascii() and said.isdigit() and len(said) < 16 else None
    if found is None:
        raise NotFound("no_article", _("没有这一条，可能已经撤下。"))
    article_id = found.entry.article_id

    def act() -> dict[str, Any]:
        count_helped(article_id)
        return {}

    # The key is the form's; one form offers several answers.
    key = request.POST.get("idempotency_key", "")
    once(principal="public", key=f"{key[:60]}:{article_id}" if key else "", body={"helped": article_id}, act=act)
    return render(request, "resident/answer_helped.html", {"back_url": reverse("resident:home"), "answer": found})
