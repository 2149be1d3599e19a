"""区管理: texts with versions, suggestions and complaints about the platform."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.actions.offices import answer_feedback, publish_legal_text
from governance.accounts.guards import staff_required
from governance.accounts.legal import current, versions
from governance.accounts.models import LegalText, PlatformFeedback
from governance.accounts.office_forms import AnswerForm, LegalTextForm
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.kernel.masking import mask_contact

ADMINISTRATORS = frozenset({"district_admin"})
PER_PAGE = 30
_PUBLIC = {"privacy": "resident:privacy", "consent": "resident:consent"}


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def said(request: HttpRequest) -> dict[str, Any]:
    """What a form said, for ``idempotency.once``."""
    kept = {name: request.POST.getlist(name) for name in request.POST if name not in _NOT_SAID}
    return {"path": request.path, "fields": kept}


_NOT_SAID = {"csrfmiddlewaretoken", "idempotency_key"}


@staff_required(kinds=ADMINISTRATORS)
@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """Every text: which version holds, and what comes next."""
    rows = []
    for kind, label in LegalText.Kind.choices:
        now, known = current(kind), versions(kind)
        coming = known[-1] if known and known[-1].number != now.number else None
        rows.append({"kind": kind, "label": label, "now": now, "coming": coming})
    return render(request, "manage/texts.html", {"rows": rows})


@staff_required(kinds=ADMINISTRATORS)
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, kind: str) -> HttpResponse:
    """One text: publish its next version, read the earlier ones."""
    if kind not in LegalText.Kind.values:
        raise Http404
    known = versions(kind)
    form = LegalTextForm(
        request.POST if request.method == "POST" else None,
        initial={"text": known[-1].text if known else current(kind).text},
    )
    if form.is_bound and form.is_valid():
        actor, given = actor_of(request), form.cleaned_data

        def act() -> dict[str, Any]:
            row = publish_legal_text(kind, text=given["text"], valid_from=given["valid_from"], actor=actor)
            return {"version": row.version}

        try:
            done = once(
                principal=actor.principal, key=str(given["idempotency_key"]), body=said(request), act=act
            ).result
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, _("第 {n} 版已经发布。").format(n=done["version"]))
            return redirect("manage:text", kind=kind)
    context = {
        "form": form,
        "label": LegalText.Kind(kind).label,
        "is_filing": kind == LegalText.Kind.FILING,
        "now": current(kind),
        "known": known[::-1],
        "public_url": reverse(_PUBLIC[kind]) if kind in _PUBLIC else "",
    }
    return render(request, "manage/text.html", context, status=422 if form.errors else 200)


@staff_required(kinds=ADMINISTRATORS)
@require_safe
def feedback(request: HttpRequest) -> HttpResponse:
    """The inbox: what waits for an answer first, or everything answered."""
    state = PlatformFeedback.State.ANSWERED if request.GET.get("state") == "answered" else PlatformFeedback.State.OPEN
    rows = PlatformFeedback.objects.filter(state=state).order_by("-created_at", "-pk")
    items = [
        {
            "label": label,
            "url": f"{request.path}?state={value}",
            "current": value == state,
            "count": PlatformFeedback.objects.filter(state=value).count(),
        }
        for value, label in PlatformFeedback.State.choices
    ]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "manage/feedback.html", {"page": page, "items": items, "state": state.value})


@staff_required(kinds=ADMINISTRATORS)
@require_http_methods(["GET", "HEAD", "POST"])
def feedback_item(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PlatformFeedback, pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actor, given = actor_of(request), form.cleaned_data

        def act() -> dict[str, Any]:
            return {"feedback": answer_feedback(row, answer=given["answer"], actor=actor).pk}

        try:
            once(principal=actor.principal, key=str(given["idempotency_key"]), body=said(request), act=act)
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, _("答复好了，提意见的人用查询码能看到。"))
            return redirect("manage:feedback")
    context = {
        "row": row,
        "contact": mask_contact(row.contact),
        "form": form,
        "is_open": row.state == PlatformFeedback.State.OPEN,
    }
    return render(request, "manage/feedback_item.html", context, status=422 if form.errors else 200)
