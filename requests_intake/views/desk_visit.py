"""One call: who is to be asked and after what, the number for a recorded reason, four answers, and on to the next.

Four taps for a visit: 开始打, 看号码, 打电话, the answer; the next one opens by itself.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.accounts.guards import staff_required
from governance.accounts.notifications.links import absolute
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.keyed import KeyedForm, act_once, new_key, once_only, show_once
from governance.kernel.tenancy.context import current_district
from governance.privacy.models import Disclosure
from grids.reference import territory
from requests_intake.actions.follow_up import open_follow_up
from requests_intake.actions.rate import record_return_visit
from requests_intake.actions.reveal import OBJECT_KIND
from requests_intake.actions.visits import (
    CHANNELS,
    attempts_of,
    claim_visit,
    claimed_words,
    is_claimed,
    release_visit,
)
from requests_intake.follow_ups import VISIT_VIEWS, FollowUpFilter, next_visit
from requests_intake.models import ReturnVisit, Satisfaction, Solved, Ticket, VisitChannel
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.presentation import place_text, requester_card, timeline
from requests_intake.rating_links import rating_paths
from requests_intake.views.desk_follow_ups import VISITORS
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.views.revealing import SEEN_BEFORE, revealed

_ICONS = {"satisfied": "good", "so_so": "mid", "unsolved": "bad", "unreachable": "off"}
_STEPS = 6


class VisitForm(KeyedForm):
    """What was said on the phone. The answer is the button pressed."""

    answer = forms.ChoiceField(
        choices=ReturnVisit.Answer.choices, widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请点一个结果。")),
    )  # fmt: skip
    solved = forms.ChoiceField(
        label=gettext_lazy("问题解决了没有"), choices=Solved.choices, required=False, widget=forms.RadioSelect,
        help_text=gettext_lazy("说“还行”的，请问一句。"),
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=gettext_lazy("怎么回访的"), choices=[(way.value, way.label) for way in CHANNELS], required=False,
        widget=forms.RadioSelect, initial=VisitChannel.PHONE,
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("居民的原话"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


@staff_required(kinds=VISITORS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, number: str) -> HttpResponse:
    """The call's page; posted, its answer, and then the next call."""
    actor, found = actor_of_page(request), _find(request, number)
    form = VisitForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        done = record_return_visit(
            found, answer=said["answer"], solved=said["solved"], note=said["note"], actor=actor,
            channel=said["channel"] or VisitChannel.PHONE,
        )  # fmt: skip
        return {"number": done.number}

    if form.is_bound and act_once(request, form, act):
        answer = ReturnVisit.Answer(form.cleaned_data["answer"]).label
        words = _("记下了：{title}，{answer}。").format(title=found.title, answer=answer)
        return _on(request, actor, words, but=found.pk)
    return _page(request, actor, found, form, status=422 if form.is_bound else 200)


def _find(request: HttpRequest, number: str) -> Ticket:
    actor = actor_of_page(request)
    found = find_visible(actor, number)
    TicketPolicy.require(actor, "return_visit", found)
    return found


def _on(request: HttpRequest, actor: Actor, words: str, *, but: int | None = None) -> HttpResponse:
    """Claim the next call and open it; the list where nobody is left."""
    wanted = FollowUpFilter.from_query(request.GET, VISIT_VIEWS)
    query = f"?{urlencode(wanted.as_query())}" if wanted.as_query() else ""
    # Somebody else may be a moment faster: then the one after it.
    for _try in range(5):
        following = next_visit(actor, wanted, but=but)
        if following is None:
            break
        try:
            claim_visit(following, actor=actor)
        except DomainError:
            continue
        if words:
            messages.success(request, words)
        return redirect(reverse("desk:visit", args=[following.number]) + query)
    messages.success(request, f"{words}{_('现在没有要打的了。')}")
    return redirect(reverse("desk:visits") + query)


@staff_required(kinds=VISITORS)
@require_POST
@once_only
def begin(request: HttpRequest) -> HttpResponse:
    """开始打: the longest due of whom nobody is calling."""
    return _on(request, actor_of_page(request), "")


@staff_required(kinds=VISITORS)
@require_POST
@once_only
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """我来打."""
    actor, found = actor_of_page(request), _find(request, number)
    claim_visit(found, actor=actor)
    return redirect(_with_query(request, "desk:visit", found.number))


@staff_required(kinds=VISITORS)
@require_POST
@once_only
def release(request: HttpRequest, number: str) -> HttpResponse:
    """先不打: somebody else may."""
    actor, found = actor_of_page(request), _find(request, number)
    release_visit(found, actor=actor)
    messages.success(request, _("放回名单了，别人可以打。"))
    return redirect(_with_query(request, "desk:visits"))


def _with_query(request: HttpRequest, name: str, *args: Any) -> str:
    kept = FollowUpFilter.from_query(request.GET, VISIT_VIEWS).as_query()
    return reverse(name, args=args) + (f"?{urlencode(kept)}" if kept else "")


@staff_required(kinds=VISITORS)
@never_cache
@require_POST
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """The number in clear on this one answer, for 回访; recorded like every showing."""
    actor, found = actor_of_page(request), _find(request, number)
    try:
        shown = revealed(request, found, reason=Disclosure.Reason.RETURN_VISIT, actor=actor)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        return _page(request, actor, found, VisitForm(), refused=error.message, status=error.status)
    return _page(request, actor, found, VisitForm(), phone=shown, refused="" if shown else str(SEEN_BEFORE))


@staff_required(kinds=VISITORS)
@never_cache
@require_POST
def link(request: HttpRequest, number: str) -> HttpResponse:
    """The rating link to send or print; who took it out is audited, since who has it may rate."""
    actor, found = actor_of_page(request), _find(request, number)
    path = rating_paths([found]).get(found.pk, "")
    if not path or found.needs_review:
        raise DomainError("wrong_state", _("这件诉求现在不用评价，没有链接。"))

    def act() -> None:
        audit.record("rating_link", actor=actor, object_kind=OBJECT_KIND, object_id=found.pk)

    if not show_once(request, act):
        messages.warning(request, _("链接刚才看过了。要再看，请再点一次“评价链接”。"))
        return redirect(_with_query(request, "desk:visit", found.number))
    # Whoever gets it is in no session that would know the district.
    here = f"{request.scheme}://{request.get_host()}/d/{current_district().code}"
    address = absolute(path) or f"{here}{path}"
    context = {
        **page_frame(request),
        "ticket": found,
        "address": address,
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=3),
        "back": _with_query(request, "desk:visit", found.number),
    }
    return render(request, "desk/visit_link.html", context)


def _page(
    request: HttpRequest, actor: Actor, found: Ticket, form: VisitForm, *, phone: str = "", refused: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    now = clock.now()
    task = open_follow_up(found)
    is_asked = found.state == "visiting" and not found.needs_review and task is not None
    others = is_asked and task is not None and is_claimed(task, actor, now)
    mine = is_asked and task is not None and task.claimed_by_id == actor.membership_id
    is_mine = bool(mine and task and task.claimed_until and task.claimed_until > now)
    if form.is_bound and form.errors:
        form.data = {**request.POST.dict(), "idempotency_key": new_key()}
    tries = attempts_of(found) if is_asked else []
    context = {
        **page_frame(request),
        "ticket": found,
        "place": place_text(found),
        "organization": territory().organization_name(found.organization_id),
        "requester": requester_card(found, actor),
        "phone": phone,
        "refused": refused,
        "form": form,
        "is_asked": is_asked,
        "others": claimed_words(task) if others and task else "",
        "is_mine": is_mine,
        "until": task.claimed_until if task else None,
        "due": task.due_at if task else None,
        "is_over": bool(task and task.due_at < now),
        "tries": tries,
        "steps": timeline(found, outward=False)[:_STEPS],
        "answers": [
            {"value": value, "label": label, "icon": _ICONS[value], "is_face": value in Satisfaction.values}
            for value, label in ReturnVisit.Answer.choices
        ],
        "no_door": found.is_anonymous or found.is_confidential,
        "query": request.GET.urlencode(),
        "key": new_key(),
    }
    return render(request, "desk/visit.html", context, status=status)
