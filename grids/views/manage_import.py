"""The district administrator brings the register in from files: upload, look, start, watch, undo."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from grids.actions.register_imports import (
    is_stalled,
    resume_import,
    start_import,
    undo_import,
    upload_register,
)
from grids.importing.files import report_csv, report_xlsx, template
from grids.importing.forms import UploadForm, fresh_key
from grids.importing.reading import MAX_BYTES, kind_titles
from grids.importing.sheets import BY_KIND, SHEETS, TITLES
from grids.importing.undoing import uses
from grids.middleware import actor_of
from grids.models import RegisterImport, RegisterImportRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State, Outcome = RegisterImport.State, RegisterImportRow.Outcome
ADMINISTRATOR = {"district_admin"}
_PILLS = {
    "uploaded": "doing",
    "checked": "new",
    "running": "doing",
    "done": "done",
    "failed": "line",
    "undone": "hold",
    "expired": "hold",
}
_ACTIONS = {"start": start_import, "resume": resume_import, "undo": undo_import}


@staff_required(kinds=ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Earlier imports, templates, and the form for a new one."""
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else UploadForm()
    status = 200
    if request.method == "POST":
        job_id = _upload(request, form)
        if job_id is not None:
            return redirect("manage:import", job_id)
        status = 422
    page = Paginator(RegisterImport.objects.order_by("-id"), 20).get_page(request.GET.get("page"))
    rows = [{"job": job, "kinds": kind_titles(job.kinds), "pill": _PILLS[job.state]} for job in page]
    context = {"form": form, "page": page, "rows": rows, "sheets": SHEETS}
    return render(request, "manage/imports.html", context, status=status)


def _upload(request: HttpRequest, form: UploadForm) -> int | None:
    if not form.is_valid():
        return None
    file, actor = form.cleaned_data["file"], actor_of(request)
    try:
        content = file.read(MAX_BYTES + 1)  # one more than is taken: the reader then says that it is too large
        outcome = once(
            principal=actor.principal,
            key=form.cleaned_data["idempotency_key"],
            body={"path": request.path, "file": hashlib.sha256(content).hexdigest()},
            act=lambda: {"id": upload_register(name=file.name, content=content, actor=actor).pk},
        )
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.refused(error)
        return None
    return int(outcome.result["id"])


@staff_required(kinds=ADMINISTRATOR)
@require_safe
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The workbook to fill in: one sheet, or all of them."""
    if kind != "all" and kind not in BY_KIND:
        raise Http404
    sheets = SHEETS if kind == "all" else (BY_KIND[kind],)
    name = _("登记模板") if kind == "all" else _("{sheet}模板").format(sheet=sheets[0].title)
    return _download(template(sheets), f"{name}.xlsx", XLSX)


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@staff_required(kinds=ADMINISTRATOR)
@require_safe
def register_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One import in whatever state it is. The same address gives htmx its moving part alone."""
    job = _job(pk)
    wanted = request.GET.get("outcome", "")
    chosen = wanted if wanted in Outcome.values else ""
    rows = RegisterImportRow.objects.filter(register_import=job).order_by("position")
    page = Paginator(rows.filter(outcome=chosen) if chosen else rows, 50).get_page(request.GET.get("page"))
    sums = {kind: sum(each.get(kind, 0) for each in job.counts.values()) for kind in Outcome.values}
    context: dict[str, Any] = {
        "job": job,
        "kinds": kind_titles(job.kinds),
        "pill": _PILLS[job.state],
        "moving": job.state in (State.UPLOADED, State.RUNNING),
        "stalled": is_stalled(job) or (job.state == State.FAILED and job.started_at is not None and bool(job.file)),
        "percent": round(100 * job.row_done / job.row_total) if job.row_total else 0,
        "table": [
            {"title": TITLES[kind], "counts": [job.counts.get(kind, {}).get(each, 0) for each in Outcome.values]}
            for kind in job.kinds
        ],
        "outcomes": [str(label) for label in Outcome.labels],
        "to_write": sums["new"] + sums["update"],
        "bad": sums["bad"],
        "can_undo": job.state in (State.DONE, State.FAILED) and job.started_at is not None and _is_last(job),
        "page": page,
        "rows": [{"row": row, "sheet": TITLES[row.sheet]} for row in page],
        "items": _segments(job, chosen, sums),
        "key": fresh_key(),
        "chosen": chosen,
    }
    # htmx asks for the part that moves; when that is over, the whole page is due.
    if request.headers.get("HX-Request") and not context["moving"]:
        return HttpResponse(headers={"HX-Refresh": "true"})
    name = "manage/_import_progress.html" if request.headers.get("HX-Request") else "manage/import.html"
    return render(request, name, context)


def _segments(job: RegisterImport, chosen: str, sums: dict[str, int]) -> list[dict[str, Any]]:
    address = reverse("manage:import", args=[job.pk])
    found = [{"label": _("全部"), "url": address, "count": sum(sums.values()), "current": not chosen}]
    found += [
        {"label": str(label), "url": f"{address}?outcome={kind}", "count": sums[kind], "current": chosen == kind}
        for kind, label in Outcome.choices
    ]
    return found


@staff_required(kinds=ADMINISTRATOR)
@require_safe
def import_report(request: HttpRequest, pk: int, ending: str) -> HttpResponse:
    """The rows that are wrong, or all rows, to take away."""
    rows = RegisterImportRow.objects.filter(register_import=_job(pk)).order_by("position")
    if request.GET.get("all") != "1":
        rows = rows.filter(outcome=Outcome.BAD)
    name = f"{_('核对结果')}-{pk}.{ending}"
    if ending == "csv":
        return _download(report_csv(rows.iterator()), name, "text/csv; charset=utf-8")
    return _download(report_xlsx(rows.iterator()), name, XLSX)


@staff_required(kinds=ADMINISTRATOR)
@require_safe
def confirm_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask before the last import is taken back, or say what stands in the way."""
    job = _job(pk)
    context = {"job": job, "uses": uses(job), "hidden": {"idempotency_key": fresh_key()}}
    return render(request, "manage/import_undo.html", context)


@staff_required(kinds=ADMINISTRATOR)
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Start, go on with, or undo one import."""
    job, actor = _job(pk), actor_of(request)

    def perform() -> dict[str, Any]:
        _ACTIONS[verb](job, actor=actor)
        return {"id": job.pk}

    key = request.POST.get("idempotency_key", "")
    try:
        once(principal=actor.principal, key=key, body={"path": request.path}, act=perform)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.message)
    else:
        if verb == "undo":
            messages.success(request, _("已撤销这次导入。"))
    return redirect("manage:import", job.pk)


def _job(pk: int) -> RegisterImport:
    return get_object_or_404(RegisterImport.objects.all(), pk=pk)


def _is_last(job: RegisterImport) -> bool:
    later = RegisterImport.objects.filter(pk__gt=job.pk).exclude(started_at=None)
    return not later.exclude(state=State.UNDONE).exists()
