"""Categories with their questions, and the sentences people tap. For the district's administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.keyed import act_once
from requests_intake.actions import settings_words
from requests_intake.forms.settings import CLASSES, LEVELS
from requests_intake.forms.settings_words import CategoryForm, PhrasesForm
from requests_intake.models import Category, Urgency

administrator_required = staff_required(kinds={"district_admin"})


@administrator_required
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    rows = list(Category.objects.order_by("code"))
    wanted = request.GET.get("q", "").strip()
    kinds = settings_words.department_kinds()
    groups = []
    for top in (row for row in rows if row.parent_id is None):
        children = [
            {
                "pk": row.pk,
                "code": row.code,
                "name": row.name,
                "urgency": str(Urgency(row.urgency).label),
                "limit_class": CLASSES.get(row.limit_class, row.limit_class),
                "start_level": LEVELS.get(row.start_level, row.start_level),
                "department": kinds.get(row.departments[0], "") if row.departments else "",
                "questions": len(row.questions),
                "is_active": row.is_active,
            }
            for row in rows
            if row.parent_id == top.pk and (not wanted or wanted in row.name or wanted in " ".join(row.keywords))
        ]
        if children:
            groups.append({"name": top.name, "rows": children})
    return render(request, "manage/categories.html", {"groups": groups, "query": wanted})


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, pk: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = get_object_or_404(Category.objects.exclude(parent=None), pk=pk)
    form = CategoryForm(request.POST if request.method == "POST" else None, category=row)

    def act() -> None:
        settings_words.change_category(row, form.rules(), actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("“{name}”改好了，从现在起按新的来").format(name=form.cleaned_data["name"]))
        return redirect("manage:categories")
    context = {"form": form, "title": f"{row.code} {row.name}"}
    return render(request, "manage/category.html", context, status=422 if form.is_bound else 200)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_category(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = CategoryForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        parent = Category.objects.get(pk=form.cleaned_data["parent"])
        settings_words.add_category(parent, form.rules(), actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("“{name}”加上了").format(name=form.cleaned_data["name"]))
        return redirect("manage:categories")
    context = {"form": form, "title": _("加一个分类")}
    return render(request, "manage/category.html", context, status=422 if form.is_bound else 200)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def phrases(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = PhrasesForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        settings_words.set_phrases(form.phrases(), actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("常用语存好了"))
        return redirect("manage:phrases")
    return render(request, "manage/phrases.html", {"form": form}, status=422 if form.is_bound else 200)
