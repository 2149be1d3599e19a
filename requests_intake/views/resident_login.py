"""登录 with a code to one's phone, 我的诉求, 退出. Without a gateway for codes there are no such pages.

What is shown never depends on whether a number is known: sending a code asks nobody (``request_code``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.actions.residents import confirm_code, end_session, open_session, request_code
from governance.accounts.residents import forget, remember, resident_of, session_of
from governance.accounts.sms import gateway
from governance.kernel.actors import Actor
from governance.kernel.crypto import normal_phone
from governance.kernel.errors import DomainError
from governance.settings.proxy import client_address
from requests_intake.forms.login import CodeForm, PhoneForm
from requests_intake.views import resident_words
from requests_intake.views.resident_home import forget_home
from requests_intake.views.resident_session import (
    forget_browser,
    keep_sent,
    keep_target,
    last_target,
    own_tickets,
    resident_page,
    sent_code,
)

PER_PAGE = 20
_LONGEST = 300  # characters of an address to come back to


def sign_in_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A resident's page that is there only where codes can be sent."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if gateway() is None:
            raise Http404
        return view(request, *args, **kwargs)

    return resident_page(shown)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and from there back to what was asked for; of a form sent here, to the page before it."""
    query = {"next": request.get_full_path()} if request.method in ("GET", "HEAD") else {}
    address = reverse("resident:login")
    return redirect(f"{address}?{urlencode(query)}" if query else address)


def _safe(request: HttpRequest, target: str) -> str:
    """A page of residents in this district, as a path of ours; nothing where it leads anywhere else."""
    if len(target) > _LONGEST or not url_has_allowed_host_and_scheme(target, None, request.is_secure()):
        return ""
    return target if target.startswith(reverse("resident:home")) else ""


@sign_in_page
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The number. Whatever number it is, the answer is the page that asks for the code."""
    target = _safe(request, request.GET.get("next", ""))
    if resident_of(request) is not None:
        return redirect(target or "resident:home")
    keep_target(request, target)
    form = PhoneForm(request.POST if request.method == "POST" else None)
    refused = None
    if form.is_bound and form.is_valid():
        phone = normal_phone(form.cleaned_data["phone"])
        refused = _send(request, phone, voice=False)
        kept = sent_code(request)
        # Sent twice (a double tap), the second is refused and the first stands: that is no error for who asked.
        if refused is None or (refused.code == "too_soon" and kept is not None and kept.phone == phone):
            return redirect("resident:login_code")
        form.add_error("phone", refused.message)
    context = {"form": form, "target": target, "back_url": reverse("resident:home")}
    return _answer(render(request, "resident/login.html", context, status=422 if form.is_bound else 200), refused)


@sensitive_variables("phone", "sent")
def _send(request: HttpRequest, phone: str, *, voice: bool) -> DomainError | None:
    """Send a code and let this browser answer for it; the refusal, where there is one."""
    way = gateway()
    assert way is not None
    try:
        sent = request_code(
            phone=phone, address=client_address(request), actor=Actor.public(), voice=voice and way.offers_voice
        )
    except DomainError as error:
        return error
    shown = sent.code if settings.DEMO and way.shows_codes else ""
    keep_sent(request, code_id=sent.code_id, phone=phone, shown=shown)
    return None


def _answer(response: HttpResponse, refused: DomainError | None) -> HttpResponse:
    """The page with the status of a refusal and, of a limit, when to come again."""
    if refused is not None:
        response.status_code = refused.status
        if "seconds" in refused.data:
            response["Retry-After"] = str(refused.data["seconds"])
    return response


@sign_in_page
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The code. Wrong, used and expired ones look the same."""
    kept = sent_code(request)
    if kept is None or resident_of(request) is not None:
        return redirect("resident:login" if kept is None else "resident:home")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actor, borrowed = Actor.public(), form.cleaned_data["borrowed"]
        try:
            resident = confirm_code(kept.code_id, phone=kept.phone, code=form.cleaned_data["code"], actor=actor)
        except DomainError as error:
            form.add_error("code", error.message)
        else:
            token = open_session(resident, borrowed=borrowed, actor=actor)
            keep_sent(request)
            request.session.cycle_key()
            response = redirect(_safe(request, last_target(request)) or "resident:home")
            keep_target(request, "")
            remember(request, response, token, borrowed=borrowed)
            return response
    return _ask_code(request, form)


def _ask_code(request: HttpRequest, form: CodeForm, *, refused: DomainError | None = None) -> HttpResponse:
    kept, way = sent_code(request), gateway()
    assert kept is not None
    assert way is not None
    target = last_target(request)
    context = {
        "form": form,
        "back_url": reverse("resident:login") + (f"?{urlencode({'next': target})}" if target else ""),
        "back_label": _("换一个号码"),
        "phone": kept.phone,
        "shown": kept.shown if settings.DEMO else "",
        "offers_voice": way.offers_voice,
        "hotline": request.district.hotline,  # type: ignore[attr-defined]
        "refused": refused.message if refused else "",
    }
    page = render(request, "resident/login_code.html", context, status=422 if form.is_bound else 200)
    return _answer(page, refused)


@sign_in_page
@require_POST
def login_again(request: HttpRequest) -> HttpResponse:
    """Another code to the same number, written or read out."""
    kept = sent_code(request)
    if kept is None:
        return redirect("resident:login")
    error = _send(request, kept.phone, voice="voice" in request.POST)
    if error is not None:
        return _ask_code(request, CodeForm(), refused=error)
    return redirect("resident:login_code")


@sign_in_page
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Out, and nothing of this district stays in the browser. Who is signed in as a colleague stays so."""
    session = session_of(request)
    if session is not None:
        end_session(session, actor=Actor.public())
    forget_browser(request)
    messages.success(request, _("退出了。这台手机上不再留着您的事。"))
    response = redirect("resident:home")
    forget(response)
    forget_home(response)
    return response


@sign_in_page
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """我的诉求: everything reported with this number, with or without signing in."""
    if resident_of(request) is None:
        return sign_in_first(request)
    page = Paginator(own_tickets(request).order_by("-submitted_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "back_url": reverse("resident:home"),
        "page": page,
        "rows": [resident_words.line(row) for row in page.object_list],
    }
    return render(request, "resident/mine.html", context)
