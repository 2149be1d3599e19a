"""The district administrator's home: what is still missing, and the ways to every setting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.manage.checklist import checklist
from analytics.manage.sections import GROUPS
from governance.accounts.guards import staff_required


@require_safe
@staff_required(kinds={"district_admin"})
def home(request: HttpRequest) -> HttpResponse:
    items = [{"item": item, "url": _address(item.url_name)} for item in checklist()]
    missing = sum(not row["item"].done for row in items)  # type: ignore[attr-defined]
    context = {
        "items": items,
        "open": missing,
        "ready": len(items) - missing,
        "groups": [
            {
                "title": _(title),
                "sections": [
                    {"title": _(each.title), "note": _(each.note), "url": reverse(each.name), "icon": each.icon}
                    for each in sections
                ],
            }
            for title, sections in GROUPS
        ],
    }
    return render(request, "manage/home.html", context)


def _address(name: str) -> str:
    """Nothing where this installation leaves the page out."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
