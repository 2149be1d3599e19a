"""通报: the drafts with a preview of the next issue, publishing it once, reading and withdrawing what went out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.kernel.keyed import act_once
from grids.reference import territory
from requests_intake import circulars as reading
from requests_intake import workflow
from requests_intake.actions.circulars import publish_circular, withdraw_circular
from requests_intake.discipline_lists import CIRCULAR_VIEWS, PER_PAGE
from requests_intake.forms.circulars import CircularForm, WithdrawForm
from requests_intake.models import Circular, Supervision
from requests_intake.presentation.circulars import draft_row, issue_row
from requests_intake.views.acts import said
from requests_intake.views.desk_discipline import DISTRICT_KINDS, supervision_page
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame

_NAMED = 10


@staff_required(kinds=DISTRICT_KINDS)
@require_safe
def circulars(request: HttpRequest) -> HttpResponse:
    """The next issue to be put together; ``view=issues``: those that went out; ``view=done``: line by line."""
    view = request.GET.get("view", "")
    if view == "done":
        return supervision_page(request, "circulars", Supervision.Kind.CIRCULAR, _("通报"), CIRCULAR_VIEWS)
    if view == "issues":
        return _issues(request)
    text = request.GET.get("q", "").strip()
    return _compose(request, *_form(request, text=text), text=text)


def _form(request: HttpRequest, *, text: str = "", data: Any = None) -> tuple[CircularForm, int]:
    """The form and how many drafts wait. What was sent is about the rows that were listed, whatever has come since."""
    rows = reading.drafts_of(actor_of_page(request), text)
    if data is not None:
        listed = [name.removeprefix("seen-") for name in data if name.startswith("seen-")]
        ids = [int(each) for each in listed if each.isascii() and each.isdigit() and len(each) < 19]
        rows = rows.filter(pk__in=ids)
    drafts = list(rows[: reading.MOST_LINES])
    waiting = len(drafts) if len(drafts) < reading.MOST_LINES else rows.count()
    return CircularForm(data, drafts=reading.with_reasons(drafts)), waiting


def _compose(request: HttpRequest, form: CircularForm, waiting: int, *, text: str = "") -> HttpResponse:
    context = {
        **page_frame(request), "form": form, "rows": form.rows(), "waiting": waiting, "most": reading.MOST_LINES,
        "restricted": [draft_row(draft) for draft in form.restricted], "segments": _segments("", waiting), "text": text,
        "back": urlencode({"next": reverse("desk:circulars")}),
    }  # fmt: skip
    return render(request, "desk/circulars.html", context, status=422 if form.is_bound and form.errors else 200)


def _segments(current: str, count: int) -> list[dict[str, Any]]:
    url = reverse("desk:circulars")
    return [
        {
            "label": label, "url": f"{url}?view={code}" if code else url, "current": code == current,
            "count": count if code == current else None,
        }
        for code, label in CIRCULAR_VIEWS.items()
    ]  # fmt: skip


def _issues(request: HttpRequest) -> HttpResponse:
    page = Paginator(reading.issues_of(actor_of_page(request)), PER_PAGE).get_page(request.GET.get("page"))
    issues = list(page.object_list)
    names = staff_names(row.published_by_id for row in issues)
    context = {
        **page_frame(request), "page": page, "segments": _segments("issues", page.paginator.count),
        "issues": [{"issue": row, "by": names.get(row.published_by_id or 0, "")} for row in issues],
    }  # fmt: skip
    return render(request, "desk/circular_issues.html", context)


@staff_required(kinds=DISTRICT_KINDS)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The text as it will go out. ``step=apply`` puts one sentence on every ticked row, ``step=edit`` goes back."""
    step = request.POST.get("step", "")
    form, waiting = _form(request, data=request.POST)
    if step == "apply":
        form.apply_to_all()
    if step in ("apply", "edit"):
        form.full_clean()
        form.errors.clear()
        return _compose(request, form, waiting)
    if not form.is_valid():
        return _compose(request, form, waiting)
    return _preview(request, form)


def _preview(request: HttpRequest, form: CircularForm) -> HttpResponse:
    rows = sorted(form.chosen_rows(), key=lambda row: row["organization"])
    context = {
        **page_frame(request), "form": form, "rows": rows, "gone": form.gone,
        "organizations": len({row["organization"] for row in rows}),
        "issuer": territory().organization_name(territory().center().id), "day": clock.now(),
    }  # fmt: skip
    return render(request, "desk/circular_preview.html", context, status=422 if form.errors else 200)


@staff_required(kinds=DISTRICT_KINDS)
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Once, however often it is sent; what changed since the look is named, the others go out."""
    actor = actor_of_page(request)
    key = request.POST.get("idempotency_key", "")
    form, waiting = _form(request, data=request.POST)
    # A repetition finds its drafts gone: then the first answer is given again, whatever the form now says.
    checked = form.is_valid() or bool(form.gone and not form.chosen)
    if not checked:
        return _compose(request, form, waiting)

    def act() -> dict[str, Any]:
        done = publish_circular(form.lines(), actor=actor)
        return {
            "circular": done.circular.pk if done.circular else None,
            "published": len(done.lines),
            "skipped": [f"{number}：{error.message}" for number, error in done.skipped],
        }

    try:
        result = once(principal=actor.principal, key=key, body=said(request), act=act).result
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.refused(error)
        return _preview(request, form)
    for words in result["skipped"][:_NAMED]:
        messages.warning(request, _("没有放进去 {words}").format(words=words))
    if result["circular"] is None:
        return redirect("desk:circulars")
    messages.success(request, _("发出了，{number} 件").format(number=result["published"]))
    return redirect("desk:circular", pk=result["circular"])


@staff_required(kinds=DESK_KINDS)
@require_safe
def circular(request: HttpRequest, pk: int) -> HttpResponse:
    """An issue as it went out, with what was withdrawn since. It prints."""
    actor = actor_of_page(request)
    found = reading.find_issue(pk, actor=actor)
    context = {
        **page_frame(request), **_text(found, actor), "may_withdraw": may_withdraw(actor),
        "is_district": bool(actor.role_kinds & DISTRICT_KINDS),
    }  # fmt: skip
    return render(request, "desk/circular.html", context)


def may_withdraw(actor: Actor) -> bool:
    return bool(actor.role_kinds & {kind for kind, _relation in workflow.ALLOWED["withdraw_circular"]})


def _text(found: Circular, actor: Actor) -> dict[str, Any]:
    rows = [issue_row(line) for line in reading.lines_of(found, actor)]
    return {
        "circular": found,
        "rows": rows,
        "stands": any(not row["withdrawn"] for row in rows),
        "issuer": territory().organization_name(found.issuer_id),
        "by": staff_names([found.published_by_id]).get(found.published_by_id or 0, ""),
        "day": found.published_at,
    }


@staff_required(kinds=DISTRICT_KINDS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_page(request)
    found = reading.find_issue(pk, actor=actor)
    form = WithdrawForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        withdraw_circular(found, note=form.cleaned_data["note"], actor=actor)
        return {"circular": found.pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("撤回了，理由和记录都留着"))
        return redirect("desk:circular", pk=pk)
    context = {**page_frame(request), "form": form, "circular": found}
    return render(request, "desk/circular_withdraw.html", context, status=422 if form.is_bound else 200)
