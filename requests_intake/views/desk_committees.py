"""调解委员会名册 at the desk: the list, a committee with its people, keeping both, a list from a file (S3-05)."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once, request_hash
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.workbooks import workbook_response
from grids.models import Level
from grids.reference import territory
from requests_intake import clinic_circle, clinics
from requests_intake.actions.mediation_register import (
    KEEPERS,
    add_member,
    end_member,
    find_committee,
    find_member,
    import_committees,
    keeps,
    require_keeper,
    save_committee,
)
from requests_intake.forms.clinics import COLUMNS, CommitteeForm, CommitteesFileForm, MemberForm, rows_of
from requests_intake.importing.tables import open_table
from requests_intake.models import MediationKind
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.workflow import READERS

READING = READERS | KEEPERS | {"mediator"}
"""Kinds of post that read the register and see which slots are free: whoever a resident may ask."""
SHOWN_BAD = 50


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@staff_required(kinds=READING)
@require_safe
def committees(request: HttpRequest) -> HttpResponse:
    """Filters by street, kind and words; ``?show=all`` those that are over too."""
    actor = actor_of_page(request)
    said = {name: request.GET.get(name, "").strip()[:40] for name in ("q", "street", "kind", "show")}
    found = clinics.committees(
        text=said["q"], kind=said["kind"], street_id=_number(said["street"]), current_only=said["show"] != "all"
    )
    page = Paginator(found, clinics.PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    counts = clinics.counts_by_committee(row.pk for row in shown)
    context = {
        **page_frame(request),
        "page": page,
        "rows": [
            {
                "committee": row, "where": clinics.where_words(row), "members": counts[row.pk],
                "is_running": clinics.is_running(row),
            }
            for row in shown
        ],
        "said": said,
        "narrowed": any(said.values()),
        "streets": [
            {"value": str(area.id), "label": area.name} for area in territory().at_level(Level.STREET)
        ],
        "kinds": [{"value": value, "label": label} for value, label in MediationKind.choices],
        "may_keep": bool(actor.role_kinds & KEEPERS),
    }  # fmt: skip
    return render(request, "desk/committees.html", context)


@staff_required(kinds=READING)
@require_safe
def committee(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: where, when, who, and its coming days."""
    actor, row = actor_of_page(request), find_committee(pk)
    context = {
        **page_frame(request),
        "committee": row,
        "where": clinics.where_words(row),
        "is_running": clinics.is_running(row),
        "members": clinics.member_rows(row, actor),
        "lines": clinics.clinic_lines(list(clinics.coming([row.pk])[:12])),
        "may_keep": bool(actor.role_kinds & KEEPERS) and keeps(actor, row.street_id),
        "may_plan": clinic_circle.plans(actor, row),
    }
    return render(request, "desk/committee.html", context)


@staff_required(kinds=KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new committee, or other words about one."""
    actor = actor_of_page(request)
    row = find_committee(pk) if pk is not None else None
    require_keeper(actor, row)
    form = CommitteeForm(request.POST if request.method == "POST" else None, actor=actor, committee=row)
    made: list[int] = []

    def act() -> dict[str, Any]:
        made.append(save_committee(row, form.said(), actor=actor).pk)
        return {"committee": made[0]}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("存好了"))
        number = pk or next(iter(made), None)
        return redirect("desk:committee", pk=number) if number else redirect("desk:committees")
    back = reverse("desk:committee", args=[pk]) if pk else reverse("desk:committees")
    context = {**page_frame(request), "form": form, "committee": row, "back": back}
    return render(request, "desk/committee_edit.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def member_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody mediates here from a day on."""
    actor, row = actor_of_page(request), find_committee(pk)
    require_keeper(actor, row)
    form = MemberForm(request.POST if request.method == "POST" else None, committee=row)

    def act() -> dict[str, Any]:
        return {"member": add_member(row, form.said(), actor=actor).pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("加进名册了"))
        return redirect("desk:committee", pk=pk)
    context = {**page_frame(request), "form": form, "committee": row, "back": reverse("desk:committee", args=[pk])}
    return render(request, "desk/committee_member.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then ends somebody's time in a committee."""
    actor, member = actor_of_page(request), find_member(pk)
    require_keeper(actor, member.committee)
    form = KeyedForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        end_member(member, actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("移出名册了，以后的值守也去掉了"))
        return redirect("desk:committee", pk=member.committee_id)
    name = next((row["name"] for row in clinics.member_rows(member.committee, actor) if row["id"] == member.pk), "")
    context = {
        **page_frame(request), "committee": member.committee, "member": member, "name": name, "form": form,
        "back": reverse("desk:committee", args=[member.committee_id]),
    }  # fmt: skip
    return render(request, "desk/committee_member_end.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A list of committees; ``?empty``: the workbook to fill in. What was wrong stands beside its row's number."""
    actor = actor_of_page(request)
    require_keeper(actor)
    if "empty" in request.GET:
        example = [
            _("春晓社区人民调解委员会"), _("人民调解"), "", "", "", _("社区服务中心二楼"), "0374-0000000",
            _("周一至周五 8:30–17:30"), f"{clock.today():%Y-%m-%d}", "",
        ]  # fmt: skip
        return workbook_response(_("调解委员会名册"), [str(title) for title in COLUMNS.values()], [example])
    form = CommitteesFileForm(request.POST or None, request.FILES or None)
    report: dict[str, Any] | None = None
    if request.method == "POST":
        form = CommitteesFileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                report = _import(form, actor)
            except DomainError as error:
                form.refused(error)
    context = {
        **page_frame(request),
        "form": form if report is None else CommitteesFileForm(),
        "report": report,
        "back": reverse("desk:committees"),
    }
    refused = request.method == "POST" and report is None
    return render(request, "desk/committees_import.html", context, status=422 if refused else 200)


def _import(form: CommitteesFileForm, actor: Any) -> dict[str, Any]:
    given = form.cleaned_data["file"]
    content = given.read()
    suffix = Path(given.name).suffix.lower() or ".csv"

    def act() -> dict[str, Any]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"list{suffix}"
            path.write_bytes(content)
            with open_table(path) as table:
                rows = rows_of(table)
        done = import_committees(rows, actor=actor)
        return {
            "added": done.added, "changed": done.changed, "refused": len(done.bad),
            "bad": [{"number": number, "why": why} for number, why in done.bad[:SHOWN_BAD]],
        }  # fmt: skip

    body = {"path": "committees", "file": request_hash(content.hex())}
    return once(principal=actor.principal, key=form.cleaned_data["idempotency_key"], body=body, act=act).result
