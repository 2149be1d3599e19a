"""Pages of the platform's administrator, who belongs to no district and sees none from inside."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from analytics.setup.actions import NewDistrict, create_district, create_first_user, is_untouched, setup_token
from analytics.setup.forms import LEVEL_WORDS, DistrictForm, FirstUserForm
from governance.accounts.actions.create_staff import NewStaff
from governance.accounts.guards import sign_in_redirect
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.models import District

logger = logging.getLogger(__name__)


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


@never_cache
@platform_required
@require_safe
def districts(request: HttpRequest) -> HttpResponse:
    rows = [
        {
            "name": row.name,
            "code": row.code,
            "area_code": row.area_code,
            "url": f"/d/{row.code}/",
            "path": " → ".join(str(LEVEL_WORDS.get(level, level)) for level in row.escalation_path),
            "is_active": row.is_active,
        }
        for row in District.objects.all()
    ]
    return render(request, "setup/districts.html", {"rows": rows})


@never_cache
@platform_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = DistrictForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        actor = Actor(name=f"platform:{request.user.pk}", user_id=request.user.pk, is_system=True)
        wanted = NewDistrict(
            data["code"], data["name"], data["area_code"], data["template"], data.get("with_territory", False)
        )
        try:
            made, password = create_district(
                wanted, administrator=NewStaff(data["handle"], data["person"]), actor=actor
            )
        except DomainError as error:
            _refused(form, error)
        else:
            # Shown on this answer only; a repeated POST is refused, because the code is taken.
            return render(
                request, "setup/made.html", {"made": made, "handle": data["handle"], "password": password}, status=201
            )
    return render(request, "setup/new.html", {"form": form}, status=422 if form.is_bound else 200)


def _refused(form: forms.Form, error: DomainError) -> None:
    for name, sentences in error.fields.items():
        form.add_error(name if name in form.fields else None, sentences)
    if not error.fields:
        form.add_error(None, error.message)
