"""连续登记 on the desk and on the phone: good rows are recorded, a bad one keeps its words and stops nobody (S2-05)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from requests_intake.actions.bulk import record_note
from requests_intake.forms.bulk import BULK_KINDS, FIRST_ROWS, MOST_ROWS, BulkForm, BulkRow, grids_of, own_places
from requests_intake.policies import TicketPolicy
from requests_intake.views.desk_parts import page_frame
from requests_intake.views.intake_codes import fresh_code, keep_code
from requests_intake.views.worker_frame import inner, worker_required

DESK_BULK = BULK_KINDS - {"grid_worker"}
"""The worker has the phone."""
_SESSION, _BATCHES = "bulk_recorded", 5


@never_cache
@staff_required(kinds=DESK_BULK)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    return _bulk(request, "desk/bulk.html", "desk:bulk", page_frame(request))


@never_cache
@worker_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    return _bulk(request, "worker/bulk.html", "worker:bulk", inner(_("连续登记"), reverse("worker:home")))


def _bulk(request: HttpRequest, template: str, name: str, frame: dict[str, Any]) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        batch = request.GET.get("batch", "")[:40]
        form = BulkForm(actor=actor, initial={"batch": uuid4().hex})
        return _page(request, template, frame, form, _rows(actor, FIRST_ROWS), batch)
    form = BulkForm(request.POST, actor=actor)
    form.is_valid()
    batch = (form.cleaned_data.get("batch") or uuid4().hex)[:40]
    count = form.cleaned_data.get("count") or FIRST_ROWS
    if "add" in request.POST:
        more = min(count + 1, MOST_ROWS)
        return _page(request, template, frame, form, _rows(actor, more, data=request.POST, upto=count), batch)
    rows = _rows(actor, count, data=request.POST, upto=count)
    bad = _record(request, form, rows, actor, batch)
    if bad is None:
        form.add_error(None, _("一条也没写，写好再登记。"))
        return _page(request, template, frame, form, rows, batch, status=422)
    if not bad and form.is_valid():
        return redirect(f"{reverse(name)}?batch={batch}")
    left = _renumbered(actor, bad)
    number = len(_recorded(request, batch))
    if number:
        messages.success(request, _("登记了 {number} 件，剩下的改好再登记").format(number=number))
    return _page(request, template, frame, form, left, batch, status=422)


def _rows(actor: Actor, count: int, *, data: Any = None, upto: int = 0) -> list[BulkRow]:
    """``count`` rows; the first ``upto`` as they were sent, the rest empty."""
    grids = grids_of(actor)
    places, by_id = own_places(grids), {area.id: area for area in grids}
    return [
        BulkRow(data if place < upto else None, prefix=f"row{place}", places=places, grids=by_id)
        for place in range(count)
    ]


def _renumbered(actor: Actor, bad: list[BulkRow]) -> list[BulkRow]:
    """The rows that stay, from the top, with their words, keys and sentences; filled up with empty ones."""
    fresh = _rows(actor, max(len(bad), 1))
    for place, (row, empty) in enumerate(zip(bad, fresh, strict=False)):
        said = {f"row{place}-{name}": row[name].value() for name in row.fields}
        errors = row.errors
        empty.data, empty.is_bound = said, True
        empty.full_clean()
        for name, sentences in errors.items():
            there = [str(sentence) for sentence in empty.errors.get(name, [])]
            for sentence in sentences:
                if sentence not in there:
                    empty.add_error(None if name == "__all__" else name, sentence)
    return fresh


def _record(
    request: HttpRequest, form: BulkForm, rows: list[BulkRow], actor: Actor, batch: str
) -> list[BulkRow] | None:
    """Record every good row, each once by its own key. Gives the bad ones; None where nothing was written at all."""
    written = [row for row in rows if not row.is_empty]
    if not written:
        return None
    if not form.is_valid():
        return written
    channel, bad = form.cleaned_data["channel"], []
    for row in written:
        if not row.is_valid():
            bad.append(row)
            continue
        try:
            with transaction.atomic():
                result = once(
                    principal=actor.principal, key=row.cleaned_data["key"],
                    body={"path": "bulk", "channel": channel, "said": row.said()},
                    act=lambda row=row: _submit(row, channel, actor),  # type: ignore[misc]
                ).result  # fmt: skip
        except DomainError as error:
            if error.status == 403 and error.code == "not_allowed":
                raise
            row.refused(error)
            bad.append(row)
        else:
            _keep(request, batch, result)
    return bad


def _submit(row: BulkRow, channel: str, actor: Actor) -> dict[str, Any]:
    submitted = record_note(row.report(channel), has_consented=row.cleaned_data["has_consented"], actor=actor)
    # The code opens the resident's page: in the stored answer it is never in the clear.
    code = encrypt(submitted.follow_code) if submitted.follow_code else ""
    return {"number": submitted.ticket.number, "code": code}


def _keep(request: HttpRequest, batch: str, result: dict[str, Any]) -> None:
    kept = request.session.get(_SESSION, {})
    numbers = kept.pop(batch, [])
    if result["number"] not in numbers:
        numbers.append(result["number"])
    kept[batch] = numbers
    request.session[_SESSION] = dict(list(kept.items())[-_BATCHES:])
    keep_code(request, result["number"], decrypt(result["code"]) if result["code"] else "")


def _recorded(request: HttpRequest, batch: str) -> list[str]:
    found: list[str] = request.session.get(_SESSION, {}).get(batch, [])
    return found


def _page(
    request: HttpRequest,
    template: str,
    frame: dict[str, Any],
    form: BulkForm,
    rows: list[BulkRow],
    batch: str,
    *,
    status: int = 200,
) -> HttpResponse:
    numbers = _recorded(request, batch)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    tickets = {row.number: row for row in TicketPolicy.visible(actor).filter(number__in=numbers)} if numbers else {}
    context = {
        **frame,
        "form": form,
        "rows": rows,
        "count": len(rows),
        "may_add": len(rows) < MOST_ROWS,
        "batch": batch if form.is_bound else form["batch"].value(),
        "recorded": [
            {"number": number, "ticket": tickets.get(number), "code": fresh_code(request, number)} for number in numbers
        ],
    }
    return render(request, template, context, status=status)
