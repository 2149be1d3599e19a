"""调解 at the desk: a mediator's list, a case with what is done in it, the agreement to print; figures for others."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.keyed import KeyedForm, act_once, show_once
from governance.kernel.templatetags.ui import masked_phone
from grids.reference import territory
from requests_intake import mediation, mediation_figures
from requests_intake.actions.mediation import reveal_party_phone, take_over
from requests_intake.actions.restricted import openings, record_opening
from requests_intake.forms.mediation import CASE_FORMS, OpenCaseForm
from requests_intake.models import MediationCase, MediationKind, MediationMember, MediationParty, MediationVisit
from requests_intake.policies import TicketPolicy
from requests_intake.presentation import mediation as words
from requests_intake.restricted_register import LEAST
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.views.revealing import SEEN_BEFORE

PER_PAGE = 30
SHOWN = 50
_PAGES = {
    "desk:mediation_case": "案卷页",
    "desk:mediation_agreement": "协议书",
    "desk:mediation_act": "填写页",
    "api:mediation-case": "接口",
}


# ---------------------------------------------------------------- the list
@never_cache
@staff_required
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The actor's cases, those whose follow-up is due first. Whoever has none finds an empty list."""
    actor = actor_of_page(request)
    wanted = mediation.CaseFilter.read(request.GET)
    page = Paginator(mediation.cases_of(actor, wanted), PER_PAGE).get_page(request.GET.get("page"))
    counts = mediation.counts(actor)
    may_open, base = mediation.MEDIATOR in actor.role_kinds, reverse("desk:mediation")
    context = {
        **page_frame(request),
        "page": page,
        "rows": [words.case_row(case) for case in page.object_list],
        "wanted": wanted,
        "has_any": bool(counts[""]),
        "segments": [
            {
                "label": str(label),
                "url": f"{base}?{urlencode({'show': name, 'kind': wanted.kind, 'q': wanted.text})}",
                "current": name == wanted.show,
                "count": counts[name] if name else None,
            }
            for name, label in mediation.SHOWS.items()
        ],
        "kinds": [
            {"value": value, "label": label, "chosen": value == wanted.kind} for value, label in MediationKind.choices
        ],
        "orphans": list(mediation.orphans(actor)[:SHOWN]) if may_open else [],
        "may_open": may_open,
        "reads_figures": mediation_figures.scope_of(actor) is not None,
    }
    return render(request, "desk/mediation.html", context)


@never_cache
@staff_required(kinds=frozenset({mediation.MEDIATOR}))
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Register what was brought to a mediator."""
    actor = actor_of_page(request)
    form = OpenCaseForm(request.POST if request.method == "POST" else None, actor=actor)
    made: list[str] = []

    def act() -> dict[str, Any]:
        made.append(form.perform(actor).number)
        return {"number": made[0]}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("调解登记好了。"))
        return redirect("desk:mediation_case", number=made[0]) if made else redirect("desk:mediation")
    context = {**page_frame(request), "form": form, "back": reverse("desk:mediation")}
    return render(request, "desk/mediation_new.html", context, status=422 if form.is_bound else 200)


@never_cache
@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, number: str) -> HttpResponse:
    """GET asks, POST takes over a case none of whose mediators is in post any more."""
    actor = actor_of_page(request)
    if not mediation.orphans(actor).filter(number=number).exists():
        # Also where one has just taken it: the second press of the button leads into the file.
        mediation.find_case(actor, number)
        return redirect("desk:mediation_case", number=number)
    form = KeyedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and act_once(request, form, lambda: {"number": take_over(number, actor=actor).number}):
        messages.success(request, _("接手了。从现在起您是这件调解的调解员。"))
        return redirect("desk:mediation_case", number=number)
    context = {**page_frame(request), "form": form, "number": number, "back": reverse("desk:mediation")}
    return render(request, "desk/mediation_take.html", context, status=422 if form.is_bound else 200)


# ---------------------------------------------------------------- one case
@never_cache
@staff_required
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The whole file, for those inside; each opening is written down."""
    actor = actor_of_page(request)
    found = mediation.find_case(actor, number)
    record_opening("mediation", found.pk, actor=actor, page="desk:mediation_case")
    return _case(request, found)


@never_cache
@staff_required
@require_POST
def phone(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A party's number in clear on this one answer; recorded like every showing."""
    actor = actor_of_page(request)
    found = mediation.find_case(actor, number)
    party = get_object_or_404(MediationParty, case=found, pk=pk)

    def act() -> None:
        reveal_party_phone(found, party.pk, actor=actor)

    try:
        if not show_once(request, act):
            return _case(request, found, refused=str(SEEN_BEFORE))
    except DomainError as error:
        if error.status in (403, 404):
            raise
        return _case(request, found, refused=error.message)
    return _case(request, found, shown=party.pk)


def _case(request: HttpRequest, found: MediationCase, *, shown: int = 0, refused: str = "") -> HttpResponse:
    """``shown``: the party whose number stands in clear on this answer."""
    actor = actor_of_page(request)
    paper = found.agreements.first()
    members = list(MediationMember.objects.filter(case=found, until=None).order_by("role", "since", "pk"))
    opened = list(openings("mediation", found.pk)[:SHOWN])
    names = staff_names({row.membership_id for row in members} | {_member(row.actor) for row in opened})
    parties = {row.pk: row for row in found.parties.order_by("pk")}
    writes = any(
        row.membership_id == actor.membership_id and row.role == MediationMember.Role.MEDIATOR for row in members
    )
    visits = MediationVisit.objects.filter(case=found).order_by("-at", "-pk")
    context = {
        **page_frame(request),
        "case": found,
        "paper": paper,
        "pill": mediation.status_words(found, paper),
        "next": words.next_step(found, paper),
        "parties": [{"row": row, "masked": masked_phone(row.phone) if row.phone else ""} for row in parties.values()],
        "shown": shown,
        "refused": refused,
        "sessions": list(found.sessions.order_by("-held_at", "-pk")),
        "visits": [{"row": row, "name": parties[row.party_id].name} for row in visits],
        "members": [{"row": row, "name": names.get(row.membership_id, "")} for row in members],
        "openings": [
            {"at": row.at, "who": names.get(_member(row.actor), ""), "page": _PAGES.get(row.detail.get("page", ""), "")}
            for row in opened
        ],
        "facts": words.facts_of(found, list(found.extensions.order_by("at", "pk"))),
        "referral": words.referral_of(found),
        "acts": words.buttons(found, paper) if writes else [],
        "writes": writes and found.erased_at is None,
        "ticket_url": _ticket_url(request, found),
    }
    return render(request, "desk/mediation_case.html", context, status=409 if refused else 200)


def _member(principal: str) -> int:
    kind, _sep, number = principal.partition(":")
    return int(number) if kind == "member" and number.isdigit() else 0


def _ticket_url(request: HttpRequest, found: MediationCase) -> str:
    if found.ticket_id is None:
        return ""
    row = TicketPolicy.visible(actor_of_page(request)).filter(pk=found.ticket_id).first()
    return reverse("desk:ticket", args=[row.number]) if row else ""


@never_cache
@staff_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """GET asks, POST does: a session, an agreement, an end, a later limit, a follow-up, somebody who joins …"""
    if name not in CASE_FORMS:
        raise Http404
    actor = actor_of_page(request)
    found = mediation.find_case(actor, number)
    if not mediation.is_mediator(actor, found):
        raise NotAllowed("not_its_mediator", _("只有这件调解的调解员可以记。您受邀知悉，只能看。"))
    form = CASE_FORMS[name](found, request.POST if request.method == "POST" else None)
    if form.is_bound and act_once(request, form, lambda: form.perform(actor)):
        messages.success(request, str(form.done))
        return redirect("desk:mediation_case", number=number)
    if not form.is_bound:
        record_opening("mediation", found.pk, actor=actor, page="desk:mediation_act")
    context = {
        **page_frame(request),
        "form": form,
        "action": request.path,
        "number": number,
        "back": reverse("desk:mediation_case", args=[number]),
    }
    return render(request, "desk/mediation_act.html", context, status=422 if form.is_bound else 200)


@never_cache
@staff_required
@require_safe
def agreement(request: HttpRequest, number: str) -> HttpResponse:
    """The agreement on paper."""
    actor = actor_of_page(request)
    found = mediation.find_case(actor, number)
    paper = found.agreements.first()
    if paper is None:
        raise Http404
    record_opening("mediation", found.pk, actor=actor, page="desk:mediation_agreement")
    inside = MediationMember.objects.filter(case=found, until=None, role=MediationMember.Role.MEDIATOR)
    context = {
        **page_frame(request),
        "case": found,
        "paper": paper,
        "parties": list(found.parties.order_by("pk")),
        "mediators": [
            name for _pk, name in sorted(staff_names(inside.values_list("membership_id", flat=True)).items())
        ],
        "office": territory().organization_name(found.organization_id),
    }
    return render(request, "desk/mediation_agreement.html", context)


# ---------------------------------------------------------------- figures
@never_cache
@staff_required(kinds=mediation_figures.FIGURE_READERS)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """How many, and how many of them were settled; nothing of any. A street opens into its communities."""
    actor = actor_of_page(request)
    scope = mediation_figures.scope_of(actor)
    if scope is None:
        raise NotAllowed("no_figures", _("您的岗位不看调解统计。"))
    period = request.GET.get("period", "year")
    period = period if period in mediation_figures.PERIODS else "year"
    wanted = request.GET.get("street", "")
    street = int(wanted) if wanted.isdigit() and int(wanted) in territory().areas else None
    report = mediation_figures.report(scope, period=period, street=street)
    base, own_street = reverse("desk:mediation_figures"), territory().area_name(report.street)
    context = {
        **page_frame(request),
        "report": report,
        "period": period,
        "segments": [
            {
                "label": str(label),
                "url": f"{base}?{urlencode({'period': name, **({'street': street} if street else {})})}",
                "current": name == period,
                "count": None,
            }
            for name, label in mediation_figures.PERIODS.items()
        ],
        "place": "、".join(territory().area_name(pk) for pk in sorted(scope.areas)) if scope.areas else own_street,
        "back": reverse("desk:ledgers"),
        "up": f"{base}?{urlencode({'period': period})}" if street is not None and scope.areas is None else "",
        "least": LEAST,
        "own": mediation.MEDIATOR in actor.role_kinds,
    }
    return render(request, "desk/mediation_figures.html", context)
