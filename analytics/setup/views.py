"""Pages of the platform's administrator, who belongs to no district and sees none from inside."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.setup.actions import (
    NewDistrict,
    create_district,
    create_first_user,
    invite_administrator,
    is_untouched,
    setup_token,
)
from analytics.setup.forms import LEVEL_WORDS, DistrictForm, FirstUserForm
from analytics.setup.queries import administrators_of, progress
from governance.accounts.actions.create_staff import NewStaff
from governance.accounts.guards import sign_in_redirect
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.models import District

logger = logging.getLogger(__name__)

PAGE = 20


def platform_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Anonymous: to the sign-in page. Anybody but the platform's administrator: 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_redirect(request)
        if not request.user.is_superuser:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@sensitive_post_parameters("token", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest) -> HttpResponse:
    """The very first account of an installation; 404 as soon as there is one."""
    if not is_untouched():
        raise Http404(_("这个平台已经开通过了。"))
    form = FirstUserForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        logger.warning("Nobody has an account yet. Setup token for /setup/first/: %s", setup_token())
    elif form.is_valid():
        data = form.cleaned_data
        try:
            user = create_first_user(token=data["token"], handle=data["handle"], password=data["password"])
        except DomainError as error:
            if error.status == 404:
                raise
            _refused(form, error)
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("setup:districts")
    return render(request, "setup/first.html", {"form": form}, status=422 if form.is_bound else 200)


def _actor(request: HttpRequest) -> Actor:
    return Actor(name=f"platform:{request.user.pk}", user_id=request.user.pk, is_system=True)


@never_cache
@platform_required
@require_safe
def districts(request: HttpRequest) -> HttpResponse:
    page = Paginator(District.objects.with_shift(), PAGE).get_page(request.GET.get("page"))
    context = {"rows": [progress(row) for row in page], "page": page, "total": page.paginator.count}
    return render(request, "setup/districts.html", context)


@never_cache
@platform_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = DistrictForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        wanted = NewDistrict(
            data["code"], data["name"], data["area_code"], data["template"], data.get("with_territory", False)
        )
        administrator = NewStaff(data["handle"], data["person"])
        try:
            made, token = create_district(wanted, administrator=administrator, actor=_actor(request))
        except DomainError as error:
            _refused(form, error)
        else:
            return _show_link(request, made, administrator, token, is_new=True)
    return render(request, "setup/new.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@platform_required
@require_safe
def district(request: HttpRequest, code: str) -> HttpResponse:
    """How far one district is, and who administers it."""
    found = _find(code)
    context = {
        "row": progress(found),
        "way": " → ".join(str(LEVEL_WORDS.get(level, level)) for level in found.escalation_path),
        "address": request.build_absolute_uri(f"/d/{found.code}/"),
        "administrators": administrators_of(found),
    }
    return render(request, "setup/district.html", context)


@never_cache
@platform_required
@require_POST
def invite(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A new link for an administrator. Sent twice, the second link holds and is the one that is seen."""
    found = _find(code)
    try:
        member, token = invite_administrator(found, membership_id=pk, actor=_actor(request))
    except DomainError as error:
        if error.status == 404:
            raise
        messages.error(request, error.message)
        return redirect("setup:district", code)
    name = next(row.name for row in administrators_of(found) if row.id == member.pk)
    return _show_link(request, found, NewStaff(member.user.handle, name), token, is_new=False)


def _find(code: str) -> District:
    return get_object_or_404(District.objects.with_shift(), code=code)


def _show_link(request: HttpRequest, made: District, person: NewStaff, token: str, *, is_new: bool) -> HttpResponse:
    """The link, on this answer only."""
    link = request.build_absolute_uri(f"/d/{made.code}" + reverse("accounts:invitation", args=[token]))
    context = {"made": made, "person": person, "link": link, "is_new": is_new}
    return render(request, "setup/made.html", context, status=201)


def _refused(form: forms.Form, error: DomainError) -> None:
    for name, sentences in error.fields.items():
        form.add_error(name if name in form.fields else None, sentences)
    if not error.fields:
        form.add_error(None, error.message)
