"""Who may enter a page at all. What they may see and do there is decided by the policies."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.accounts.middleware import SESSION_DISTRICT
from governance.kernel.actors import HEADS
from governance.kernel.errors import NotAllowed

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def sign_in_redirect(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in page and, after it, back here. A POST is not repeated: its answer is the person's own page."""
    query: dict[str, str] = {}
    if request.method in ("GET", "HEAD"):
        query["next"] = request.get_full_path()
    for ended, name in (("was_idle", "idle"), ("was_long", "long")):
        if getattr(request, ended, 0):
            query[name] = str(getattr(request, ended))
    address = reverse("accounts:sign_in")
    return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)


def refusal(request: HttpRequest) -> HttpResponseRedirect | None:
    """Where somebody who is no member here must go first; None for a member.

    Raises ``Http404`` for somebody signed in to another district: to them this district does not exist.
    """
    if not request.user.is_authenticated:
        return sign_in_redirect(request)
    if getattr(request, "membership", None) is not None:
        return None
    if request.session.get(SESSION_DISTRICT) is None:
        query = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{reverse('accounts:choose_district')}?{query}")
    raise Http404


def account_required(view: View) -> View:
    """For pages about one's own account: members of the district, and the platform's administrators, who have none."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_redirect(request)
        if request.user.is_staff and request.session.get(SESSION_DISTRICT) is None:
            return view(request, *args, **kwargs)
        return refusal(request) or view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def member_required(view: View) -> View:
    """For pages of every member of the district, in post or not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return refusal(request) or view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def staff_required(view: View | None = None, *, kinds: Collection[str] | None = None) -> Any:
    """For pages of people in post: of any kind that handles matters, or of one of ``kinds`` (of post, or of grants).

    Anonymous: to the sign-in page. Signed in elsewhere: 404. Member without such a post: ``NotAllowed`` (403).
    """

    def decorate(inner: View) -> View:
        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            away = refusal(request)
            if away is not None:
                return away
            held: frozenset[str] = request.actor.role_kinds  # type: ignore[attr-defined]
            if not (held - HEADS if kinds is None else held.intersection(kinds)):
                raise NotAllowed("no_post", _("您现在的岗位不能进入这个页面。如果岗位有变动，请联系区管理员。"))
            return inner(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate if view is None else decorate(view)
