"""Writing, publishing, correcting and withdrawing announcements: every act in two taps, confirmed before it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.accounts.guards import staff_required
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.idempotency import once
from governance.kernel.keyed import KeyedForm, once_only
from services.actions.announcements import (
    confirm_reading,
    correct_announcement,
    discard_draft,
    draft_announcement,
    edit_draft,
    publish_announcement,
    withdraw_announcement,
)
from services.audience import audience_of, heads_of, reach_of
from services.forms.announcements import AnnouncementForm, BareForm, CorrectionForm, ReasonForm
from services.models import Announcement, AnnouncementTarget
from services.policies import AnnouncementPolicy, find_visible, no_publisher, publishing_organizations
from services.views.cards import audiences, card, page_of
from services.views.desk import actor_of, desk_card, page_frame

NEWEST = 5
SHOWN_HEADS = 12
_NOT_SAID = ("csrfmiddlewaretoken", "idempotency_key")


def _once(request: HttpRequest, form: KeyedForm, act: Callable[[], Announcement | None]) -> int | None:
    """Do what a valid form says, once; the number of the announcement, None where the form now says what is wrong."""
    body = {"path": request.path, "said": {n: request.POST.getlist(n) for n in request.POST if n not in _NOT_SAID}}

    def number() -> dict[str, Any]:
        row = act()
        return {"number": row.number if row else 0}

    key = form.cleaned_data["idempotency_key"]
    try:
        found: int = once(principal=actor_of(request).principal, key=key, body=body, act=number).result["number"]
        return found
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.refused(error)
        return None


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """A new announcement. Who cannot publish is taken to what was addressed to them."""
    offices = publishing_organizations(actor_of(request))
    if not offices:
        if request.method == "POST":
            raise no_publisher()
        return redirect("services_desk:received")
    form = AnnouncementForm(_posted(request), offices=offices)

    def act() -> Announcement:
        given = form.cleaned_data["organization"]
        return draft_announcement(
            form.draft(), organization_id=given, audience=form.audience(), actor=actor_of(request)
        )

    return _write(request, form, act, None)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """A draft, as long as it is one."""
    actor = actor_of(request)
    row = find_visible(actor, number)
    if not AnnouncementPolicy.allows(actor, "edit", row):
        return _already(request, row)
    offices = [office for office in publishing_organizations(actor) if office.id == row.organization_id]
    form = AnnouncementForm(_posted(request), initial=_initial(row), offices=offices)

    def act() -> Announcement:
        return edit_draft(row, form.draft(), audience=form.audience(), actor=actor)

    return _write(request, form, act, row)


def _write(
    request: HttpRequest, form: AnnouncementForm, act: Callable[[], Announcement], row: Announcement | None
) -> HttpResponse:
    """``unfold`` only shows a community's buildings; ``save`` keeps a draft; otherwise on to the confirmation."""
    unfolded = _id(request.POST.get("unfold", ""))
    status = 200
    if unfolded is not None:
        # Nothing is sent yet: what was typed is shown again and nothing is found wrong.
        form = AnnouncementForm(initial=_typed(request.POST), offices=form.offices)
    elif request.method == "POST":
        number = _once(request, form, act) if form.is_valid() else None
        if number is not None:
            if "save" in request.POST:
                messages.success(request, _("草稿存好了"))
                return redirect("services_desk:announcement", number=number)
            return redirect("services_desk:publish", number=number)
        unfolded, status = _id(request.POST.get("unfolded", "")), 422
    context = {
        **page_frame(request, "compose"),
        "form": form,
        "places": form.places(unfolded),
        "unfolded": unfolded,
        "row": card(row) if row else None,
        "newest": [] if row else _newest(request),
    }
    return render(request, "desk/announcements_compose.html", context, status=status)


def _id(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 10 else None


def _typed(said: QueryDict) -> dict[str, Any]:
    several = ("areas", "buildings", "posts", "organizations")
    typed = {name: said.getlist(name) if name in several else said[name] for name in said}
    typed.pop("idempotency_key", None)
    return typed


def _newest(request: HttpRequest) -> list[dict[str, Any]]:
    own = [office.id for office in publishing_organizations(actor_of(request))]
    rows = Announcement.objects.filter(organization_id__in=own).order_by("-created_at", "-pk")[:NEWEST]
    return [desk_card(row) for row in rows]


def _initial(row: Announcement) -> dict[str, Any]:
    audience = audiences([row])[row.pk]
    return {
        "organization": row.organization_id,
        "title": row.title,
        "text": row.text,
        "to": "residents" if row.is_public else "staff",
        "areas": sorted(audience.areas | (frozenset() if row.is_public else {pk for _kind, pk in audience.posts})),
        "buildings": sorted(audience.buildings | {pk for _kind, pk in audience.heads}),
        "posts": sorted({kind for kind, _pk in (*audience.posts, *audience.heads)}),
        "organizations": sorted(audience.organizations),
        "kind": row.kind,
        "visible_until": row.visible_until,
        "is_pinned": row.is_pinned,
        "wants_receipt": row.wants_receipt,
    }


def _already(request: HttpRequest, row: Announcement) -> HttpResponse:
    """The act is not (or no longer) possible: 403 for who never could, else back to the announcement, saying so."""
    if row.organization_id not in {office.id for office in publishing_organizations(actor_of(request))}:
        raise NotAllowed("no_publisher", _("您的岗位不能处理这条公告，只有发布它的单位可以。"))
    messages.info(request, _("这条公告现在是“{state}”，不能再这样改。").format(state=row.get_state_display()))
    return redirect("services_desk:announcement", number=row.number)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """How it will look and whom it will reach; then it is published."""
    actor = actor_of(request)
    row = find_visible(actor, number)
    is_own = row.organization_id in {office.id for office in publishing_organizations(actor)}
    # A form sent twice finds it published: the action answers that, with what the first one did.
    if not AnnouncementPolicy.allows(actor, "publish", row) and not (is_own and request.method == "POST"):
        return _already(request, row)
    form = BareForm(_posted(request))
    if (
        form.is_bound
        and form.is_valid()
        and _once(request, form, lambda: publish_announcement(row, actor=actor)) is not None
    ):
        messages.success(request, _("已发布，正在送达"))
        return redirect("services_desk:announcement", number=number)
    audience = audience_of(AnnouncementTarget.objects.filter(announcement=row))
    context = {
        **page_frame(request, ""),
        "form": form,
        "row": page_of(row),
        "reach": reach_of(audience),
        "heads": (told := heads_of(audience))[:SHOWN_HEADS],
        "more_heads": max(len(told) - SHOWN_HEADS, 0),
        "back": reverse("services_desk:edit", args=[number]),
    }
    return render(request, "desk/announcement_publish.html", context, status=422 if form.is_bound else 200)


def _act(
    request: HttpRequest, row: Announcement, form: KeyedForm, act: Callable[[], Announcement | None], **words: str
) -> HttpResponse:
    """One act that asks before it happens. ``words``: title, what, verb, done, and where to go after (``then``)."""
    back = reverse("services_desk:announcement", args=[row.number])
    if form.is_bound and form.is_valid() and _once(request, form, act) is not None:
        messages.success(request, words["done"])
        return redirect(words.get("then", back))
    context = {**page_frame(request, ""), "form": form, "back": back, **words}
    return render(request, "desk/announcement_act.html", context, status=422 if form.is_bound else 200)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, number: int) -> HttpResponse:
    actor = actor_of(request)
    row = find_visible(actor, number)
    if not AnnouncementPolicy.allows(actor, "discard", row):
        return _already(request, row)
    return _act(
        request, row, BareForm(_posted(request)), lambda: discard_draft(row, actor=actor),
        title=_("删掉草稿“{title}”？").format(title=row.title), what=_("还没有发布，没有人看到过。删掉后不能恢复。"),
        verb=_("删掉"), done=_("草稿删掉了"), then=reverse("services_desk:sent"),
    )  # fmt: skip


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, number: int) -> HttpResponse:
    actor = actor_of(request)
    row = find_visible(actor, number)
    if not AnnouncementPolicy.allows(actor, "correct", row):
        return _already(request, row)
    initial = {"title": row.title, "text": row.text, "visible_until": row.visible_until}
    form = CorrectionForm(_posted(request), initial=initial)
    return _act(
        request, row, form,
        lambda: correct_announcement(
            row, title=form.cleaned_data["title"], text=form.cleaned_data["text"],
            visible_until=form.cleaned_data["visible_until"], note=form.cleaned_data["note"], actor=actor,
        ),
        title=_("更正“{title}”").format(title=row.title),
        what=_("居民会看到“更正”和更正了什么，原来的内容仍可查；收到过的工作人员会再收到一次。"),
        verb=_("发布更正"), done=_("更正已发布"),
    )  # fmt: skip


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """By its own office, or one above it."""
    actor = actor_of(request)
    row = find_visible(actor, number)
    if not AnnouncementPolicy.allows(actor, "withdraw", row):
        return _already(request, row)
    form = ReasonForm(_posted(request))
    return _act(
        request, row, form, lambda: withdraw_announcement(row, reason=form.cleaned_data["reason"], actor=actor),
        title=_("撤回“{title}”？").format(title=row.title),
        what=_("撤回后不再显示；点开旧链接的人只看到撤回原因。"), verb=_("撤回"), done=_("已撤回"),
    )  # fmt: skip


@staff_required
@require_POST
@once_only
def read(request: HttpRequest, number: int) -> HttpResponse:
    """I have read it. Saying it twice says it once."""
    if confirm_reading(find_visible(actor_of(request), number), actor=actor_of(request)):
        messages.success(request, _("记下了：您已看过"))
    return redirect("services_desk:announcement", number=number)
