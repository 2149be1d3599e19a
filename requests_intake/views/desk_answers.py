"""知识库 at the desk: the list, one article with its versions, writing and what else is done with it."""

from __future__ import annotations

from datetime import timedelta
from difflib import SequenceMatcher
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.keyed import act_once
from grids.reference import territory
from requests_intake import knowledge
from requests_intake.actions.knowledge import (
    find_article,
    may_edit,
    own_organizations,
    require_editor,
    write_article,
)
from requests_intake.forms.knowledge import ARTICLE_MOVES, ArticleForm
from requests_intake.models import KnowledgeArticle, KnowledgeVersion
from requests_intake.reference import rules
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame

State = KnowledgeArticle.State
READERS = DESK_KINDS | {"district_admin"}
"""Who reads the knowledge base at the desk; who writes in it says ``actions.knowledge``."""
_LABELS = {
    "": gettext_lazy("全部"),
    "mine": gettext_lazy("我单位的"),
    "due": gettext_lazy("到期复核"),
    "drafts": gettext_lazy("待发布"),
    "withdrawn": gettext_lazy("已撤下"),
}
_FIGURES = timedelta(days=90)
_VERSIONS_PER_PAGE = 10
_SHORTEST_SAME = 2


@staff_required(kinds=READERS)
@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """Search, filters with their numbers, and the articles changed last."""
    actor = actor_of_page(request)
    view, text = request.GET.get("view", ""), request.GET.get("q", "").strip()[:80]
    view = view if view in _LABELS else ""
    own = own_organizations(actor)
    counts = knowledge.counts_for_desk(own)
    page = Paginator(knowledge.articles_for_desk(view, text, own=own), knowledge.PER_PAGE).get_page(
        request.GET.get("page")
    )
    url = reverse("desk:answers")
    context = {
        **page_frame(request),
        "query": text,
        "view": view,
        "page": page,
        "rows": [_row(article) for article in page.object_list],
        "segments": [
            {
                "label": label,
                "url": f"{url}?view={name}" if name else url,
                "current": name == view,
                "count": counts[name or "all"],
            }
            for name, label in _LABELS.items()
            if name != "mine" or own
        ],
        "may_write": bool(own),
    }
    return render(request, "desk/answers.html", context)


def _row(article: Any) -> dict[str, Any]:
    return {
        "article": article,
        "category": rules().category_name(article.category_id),
        "owner": territory().organization_name(article.owner_id) or territory().center().name,
        "pills": _pills(article),
    }


def _pills(article: KnowledgeArticle) -> list[dict[str, str]]:
    kinds = {State.DRAFT: "line", State.PUBLISHED: "done", State.WITHDRAWN: "hold"}
    found = [{"text": article.get_state_display(), "kind": kinds[State(article.state)]}]
    if article.state == State.PUBLISHED and article.review_on <= clock.today():
        found.append({"text": _("到期复核"), "kind": "check"})
    if article.state == State.PUBLISHED and article.last_version > article.published_version:
        found.append({"text": _("有新稿"), "kind": "line"})
    return found


@staff_required(kinds=READERS)
@require_safe
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What residents read, the draft beside it, and what may be done."""
    actor, article = actor_of_page(request), find_article(pk)
    wanted = {article.last_version, article.published_version}
    versions = {row.number: row for row in article.versions.filter(number__in=wanted)}
    published = versions.get(article.published_version)
    draft = versions[article.last_version] if article.last_version > article.published_version else None
    shown = draft or published
    names = staff_names([row.written_by_id for row in versions.values()])
    context = {
        **page_frame(request),
        "article": article,
        "shown": shown,
        "published": _version(published, names) if published else None,
        "draft": _version(draft, names, before=published) if draft else None,
        "pills": _pills(article),
        "owner": territory().organization_name(article.owner_id) or territory().center().name,
        "is_due": article.state == State.PUBLISHED and article.review_on <= clock.today(),
        "figures": knowledge.figures(pk, clock.today() - _FIGURES),
        "may_edit": may_edit(actor, article.owner_id),
        "moves": _moves(article) if may_edit(actor, article.owner_id) else [],
    }
    return render(request, "desk/answer.html", context)


def _moves(article: KnowledgeArticle) -> list[dict[str, Any]]:
    """The buttons, the next step first."""
    unpublished = article.state != State.PUBLISHED or article.last_version > article.published_version
    is_due = article.review_on <= clock.today()
    found = []
    if is_due or article.state == State.PUBLISHED:
        found.append(("review", _("复核"), is_due))
    if unpublished:
        found.append(("publish", _("发布第 {n} 版").format(n=article.last_version), not is_due))
    found.append(("owner", _("换维护单位"), False))
    if article.state == State.PUBLISHED:
        found.append(("withdraw", _("撤下"), False))
    return [
        {"label": label, "url": reverse("desk:answer_move", args=[article.pk, name]), "primary": primary}
        for name, label, primary in found
    ]


def _version(row: KnowledgeVersion, names: dict[int, str], *, before: KnowledgeVersion | None = None) -> dict[str, Any]:
    """A version for the pages: its words, who and when, and how it differs from the one before."""
    found: dict[str, Any] = {
        "number": row.number,
        "row": row,
        "by": names.get(row.written_by_id or 0, _("系统")),
        "category": rules().category_name(row.category_id),
        "synonyms": "、".join(row.synonyms),
        "changes": [],
    }
    if before is not None:
        pairs = [
            (_("问题"), before.question, row.question),
            (_("别的说法"), "、".join(before.synonyms), found["synonyms"]),
            (_("分类"), rules().category_name(before.category_id), found["category"]),
            (_("答案"), before.answer, row.answer),
        ]
        found["changes"] = [{"label": label, "parts": differences(old, new)} for label, old, new in pairs if old != new]
    return found


def differences(old: str, new: str) -> list[dict[str, str]]:
    """The new text in parts ``same``, ``out`` and ``in``. A lone character between two changes counts as changed."""
    parts: list[dict[str, str]] = []

    def add(kind: str, text: str) -> None:
        if text and parts and parts[-1]["kind"] == kind:
            parts[-1]["text"] += text
        elif text:
            parts.append({"kind": kind, "text": text})

    gone = come = ""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal" and (i2 - i1 >= _SHORTEST_SAME or not (gone or come)):
            add("out", gone)
            add("in", come)
            gone = come = ""
            add("same", old[i1:i2])
        else:
            gone, come = gone + old[i1:i2], come + new[j1:j2]
    add("out", gone)
    add("in", come)
    return parts


@staff_required(kinds=READERS)
@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version with who, when and what became different; the newest first."""
    actor, article = actor_of_page(request), find_article(pk)
    page = Paginator(article.versions.order_by("-number"), _VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    # The one before the oldest on the page, to compare it with.
    earlier = article.versions.filter(number=rows[-1].number - 1).first() if rows else None
    names = staff_names([row.written_by_id for row in rows])
    context = {
        **page_frame(request),
        "article": article,
        "question": article.versions.get(number=article.last_version).question,
        "page": page,
        "versions": [
            _version(row, names, before=before) for row, before in zip(rows, [*rows[1:], earlier], strict=True)
        ],
        "may_edit": may_edit(actor, article.owner_id),
    }
    return render(request, "desk/answer_versions.html", context)


@staff_required(kinds=READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The form of a new article or of the next version of one. A posted ``preview`` only shows it.

    If somebody else stored a version meanwhile, what was typed stays, the other version is shown beside it, and the
    next try is based on that one.
    """
    actor = actor_of_page(request)
    article = find_article(pk) if pk is not None else None
    require_editor(actor, article.owner_id if article else None)
    last = article.versions.get(number=article.last_version) if article else None
    form = ArticleForm(request.POST if request.method == "POST" else None, article=article, shown=last)
    stored: list[KnowledgeArticle] = []

    def act() -> dict[str, Any]:
        given = form.cleaned_data
        stored.append(
            write_article(
                article, form.wording(), review_on=given["review_on"], based_on=given["based_on"], actor=actor
            )
        )
        return {"article": stored[0].pk}

    preview = form.is_bound and "preview" in request.POST and form.is_valid()
    if form.is_bound and "preview" not in request.POST and act_once(request, form, act):
        messages.success(request, _("存好了，还没发布。看一遍再发布"))
        made = stored[0].pk if stored else pk
        return redirect("desk:answer", pk=made) if made else redirect("desk:answers")
    newer = None
    if form.is_bound and article is not None and last is not None and form["based_on"].value() != str(last.number):
        newer = _newer(article, last, form)
    context = {
        **page_frame(request),
        "form": form,
        "article": article,
        "preview": form.wording() if preview else None,
        "newer": newer,
        "back": reverse("desk:answer", args=[pk]) if pk else reverse("desk:answers"),
    }
    status = 422 if form.is_bound and not preview else 200
    return render(request, "desk/answer_write.html", context, status=status)


def _newer(article: KnowledgeArticle, last: KnowledgeVersion, form: ArticleForm) -> dict[str, Any]:
    """The version that came meanwhile, against the one the writer began with; the form is now based on it."""
    began = str(form["based_on"].value() or "")
    before = article.versions.filter(number=int(began)).first() if began.isdigit() and len(began) < 9 else None
    if isinstance(form.data, QueryDict):
        form.data = form.data.copy()
        form.data["based_on"] = str(last.number)
    return _version(last, staff_names([last.written_by_id]), before=before)


@staff_required(kinds=READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """GET asks, POST does: publish, withdraw, review, another owner, an old version again."""
    if name not in ARTICLE_MOVES:
        raise Http404
    actor, article = actor_of_page(request), find_article(pk)
    require_editor(actor, article.owner_id)
    initial = {"number": request.GET.get("number", "")} if name == "restore" else None
    form = ARTICLE_MOVES[name](article, request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and act_once(request, form, lambda: form.perform(actor)):
        messages.success(request, str(form.done))
        return redirect("desk:answer", pk=pk)
    context = {
        **page_frame(request),
        "form": form,
        "action": reverse("desk:answer_move", args=[pk, name]),
        "back": reverse("desk:answer_versions" if name == "restore" else "desk:answer", args=[pk]),
    }
    return render(request, "desk/answer_move.html", context, status=422 if form.is_bound else 200)
