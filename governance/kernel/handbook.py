"""The handbook: one chapter for each role, readable without an account and without a district, under ``/help/``.

The words are in ``templates/help/``, the pictures are made by ``docs/handbook_screens.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe


@dataclass(frozen=True, slots=True)
class Chapter:
    """``role``: part of the address and name of the template; ``kinds``: the kinds of post it is written for."""

    role: str
    label: str
    note: str
    icon: str
    kinds: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return _(self.label)

    @property
    def says(self) -> str:
        return _(self.note)

    @property
    def url(self) -> str:
        return reverse("help:chapter", args=[self.role])

    @property
    def template(self) -> str:
        return f"help/{self.role}.html"


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("resident", gettext_noop("居民"), gettext_noop("报事、查进度、评价，不用注册"), "home"),
    Chapter(
        "grid-worker",
        gettext_noop("网格员"),
        gettext_noop("签收、上门、办结、核查、随手报事；楼栋长和单元长看最后一节"),
        "user",
        frozenset({"grid_worker", "building_head", "unit_head"}),
    ),
    Chapter(
        "grid-leader",
        gettext_noop("网格长"),
        gettext_noop("看住时限，指派，带着网格员办"),
        "users",
        frozenset({"grid_leader", "party_instructor"}),
    ),
    Chapter(
        "community",
        gettext_noop("社区"),
        gettext_noop("社区书记和社区工作者的调度台"),
        "bld",
        frozenset({"community_secretary", "community_staff", "network_liaison", "community_police", "legal_adviser"}),
    ),
    Chapter(
        "street",
        gettext_noop("街道调度"),
        gettext_noop("受理、派单、结案；区调度员和举报受理员也看这一章"),
        "send",
        frozenset({"street_dispatcher", "street_leader", "district_dispatcher", "report_officer"}),
    ),
    Chapter(
        "department",
        gettext_noop("部门承办"),
        gettext_noop("签收派来的工单，联系居民，写明结果"),
        "inbox",
        frozenset({"department_handler", "department_leader"}),
    ),
    Chapter(
        "visitor",
        gettext_noop("回访员"),
        gettext_noop("打电话问一句：解决了没有"),
        "phone",
        frozenset({"return_visitor"}),
    ),
    Chapter(
        "mediator",
        gettext_noop("调解员"),
        gettext_noop("登记纠纷、记笔录、写协议、复诊"),
        "users",
        frozenset({"mediator"}),
    ),
    Chapter(
        "official",
        gettext_noop("区级领导"),
        gettext_noop("今日一页，每个数字都能点开；督查员也看这一章"),
        "chart",
        frozenset({"district_official", "supervisor", "chief_justice_adviser"}),
    ),
    Chapter(
        "admin",
        gettext_noop("区管理员"),
        gettext_noop("开办清单，补齐本区的资料"),
        "list",
        frozenset({"district_admin", "security_admin", "audit_admin"}),
    ),
    Chapter("platform", gettext_noop("平台管理员"), gettext_noop("开通平台，新建一个区"), "key"),
)
_BY_ROLE = {chapter.role: chapter for chapter in CHAPTERS}
_BY_KIND = {kind: chapter for chapter in CHAPTERS for kind in chapter.kinds}


def help_url(kinds: Iterable[str] = (), *, is_platform: bool = False) -> str:
    """Address of the chapter for the first of these kinds of post that has one; without any, of the whole list."""
    if is_platform:
        return _BY_ROLE["platform"].url
    found = next((_BY_KIND[kind] for kind in kinds if kind in _BY_KIND), None)
    return found.url if found else reverse("help:index")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "help/index.html", {"chapters": CHAPTERS})


@require_safe
def show(request: HttpRequest, role: str) -> HttpResponse:
    chapter = _BY_ROLE.get(role)
    if chapter is None:
        raise Http404(_("手册里没有这一章。"))
    return render(request, chapter.template, {"chapter": chapter, "chapters": CHAPTERS})


app_name = "help"
urlpatterns = [
    path("", index, name="index"),
    path("<slug:role>/", show, name="chapter"),
]
