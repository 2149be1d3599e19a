"""审计记录: the auditor reads the log, sees whether it is whole, and takes it away as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.policies import require_auditor
from governance.accounts.queries import staff_names
from governance.kernel import audit, clock
from governance.kernel.audit_reading import LONGEST, MOST_EXPORTED, Look
from governance.kernel.audit_words import ACTIONS, OBJECTS, action_words, detail_words, object_words
from governance.kernel.models import AuditCheck, AuditEvent
from governance.kernel.spreadsheets import TableWriter
from grids.importing.sheets import TITLES
from grids.models import Level, Organization, PostKind
from grids.people import search_members
from grids.views.manage_acts import DayField, actor_of_page

auditor_required = staff_required(kinds=frozenset({"audit_admin"}))
_OTHERS = {"public": gettext_lazy("未登录"), "requester": gettext_lazy("居民")}
_FAULTS = {
    "changed": gettext_lazy("第 {event} 条被改过"),
    "removed": gettext_lazy("第 {event} 条被删掉"),
    "inserted": gettext_lazy("第 {event} 条是后来插进去的"),
    "seal": gettext_lazy("第 {seal} 个封条不对或缺失"),
}


class LookForm(forms.Form):
    who = forms.CharField(label=gettext_lazy("谁"), required=False, max_length=60)
    action = forms.ChoiceField(label=gettext_lazy("做了什么"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("对象"), required=False)
    number = forms.IntegerField(label=gettext_lazy("对象编号"), required=False, min_value=1, max_value=2**63 - 1)
    since = DayField(label=gettext_lazy("从"), required=False)
    until = DayField(label=gettext_lazy("到"), required=False)
    failed = forms.BooleanField(label=gettext_lazy("只看没成功的"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = [("", _("全部"))]
        self.fields["action"].choices = everything + [(key, _(word)) for key, word in ACTIONS.items()]  # type: ignore[attr-defined]
        self.fields["kind"].choices = everything + [(key, _(word)) for key, word in OBJECTS.items()]  # type: ignore[attr-defined]
        self.fields["who"].widget.attrs["placeholder"] = _("姓名或账号")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        until = data.get("until") or clock.today()
        since = data.get("since") or until - timedelta(days=6)
        if since > until:
            self.add_error("since", _("不能晚于“到”。"))
        elif (until - since).days >= LONGEST:
            self.add_error("since", _("一次最多看 {n} 天。").format(n=LONGEST))
        return {**data, "since": since, "until": until}

    def look(self) -> Look:
        data = self.cleaned_data
        return Look(
            since=data["since"],
            until=data["until"],
            actors=_principals(data["who"].strip()) if data["who"].strip() else None,
            action=data["action"],
            object_kind=data["kind"],
            object_id=data["number"],
            failed_only=data["failed"],
        )


def _principals(text: str) -> tuple[str, ...]:
    return tuple(f"member:{pk}" for pk in search_members(text))


@never_cache
@auditor_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """One page of the log, newest first, and the result of the last check of its chain."""
    form = LookForm(request.GET)
    rows: list[AuditEvent] = []
    mark = ""
    if form.is_valid():
        rows, mark = form.look().page(request.GET.get("after", ""))
    kept = {name: value for name, value in request.GET.items() if name != "after"}
    context = {
        "form": form,
        "rows": _shown(rows),
        "next_url": "?" + urlencode({**kept, "after": mark}) if mark else "",
        "first_url": "?" + urlencode(kept) if request.GET.get("after") else "",
        "check": _last_check(),
        "asked": kept,
    }
    return render(request, "manage/audit.html", context, status=200 if form.is_valid() else 422)


@cache
def _codes() -> dict[str, Any]:
    """How the choices of all columns are said: what a log names by its code is a value of some column. Where two
    columns share a code, sheets of an import, posts, kinds of organizations and levels come first."""
    found: dict[str, Any] = {}
    for model in apps.get_models():
        for each in model._meta.get_fields():
            found = {code: word for code, word in getattr(each, "flatchoices", ()) if isinstance(code, str)} | found
    return found | TITLES | dict(Organization.Kind.choices) | dict(PostKind.choices) | dict(Level.choices)


def _shown(rows: list[AuditEvent]) -> list[dict[str, Any]]:
    names = staff_names(_membership_of(row.actor) for row in rows)
    objects = staff_names(row.object_id for row in rows if row.object_kind == "membership")
    return [
        {
            "at": clock.local(row.at),
            "who": _who(row.actor, names),
            "action": action_words(row.action),
            "object": _about(row, objects),
            "succeeded": row.succeeded,
            "detail": detail_words(row.detail, _codes()),
            "id": row.pk,
        }
        for row in rows
    ]


def _membership_of(principal: str) -> int | None:
    kind, _sep, number = principal.partition(":")
    return int(number) if kind == "member" and number.isdecimal() else None


def _who(principal: str, names: dict[int, str]) -> str:
    member = _membership_of(principal)
    if member is not None:
        return names.get(member, _("人员 {n}").format(n=member))
    return str(_OTHERS.get(principal, _("系统（{name}）").format(name=principal)))


def _about(row: AuditEvent, names: dict[int, str]) -> str:
    words = object_words(row.object_kind, row.object_id)
    if row.object_kind == "membership" and row.object_id in names:
        return f"{names[row.object_id]}（{words}）"
    return words


def _last_check() -> dict[str, Any] | None:
    found = AuditCheck.objects.order_by("-id").first()
    if found is None:
        return None
    faults = [str(_FAULTS[kind]).format(seal=seal, event=event) for kind, seal, event in found.faults[:20]]
    more = len(found.faults) - len(faults)
    return {"at": clock.local(found.checked_at), "events": found.events, "faults": faults, "more": more}


# ---------------------------------------------------------------- export
class _Line:
    """What a csv writer writes to: it hands every line on."""

    def write(self, text: str) -> str:
        return text


@never_cache
@auditor_required
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The rows of a look as CSV, at most ``MOST_EXPORTED``, newest first. Taking it away is itself in the log."""
    actor = actor_of_page(request)
    require_auditor(actor)
    form = LookForm(request.POST)
    if not form.is_valid():
        return render(request, "manage/audit.html", {"form": form, "check": _last_check()}, status=422)
    look = form.look()
    count = look.rows()[:MOST_EXPORTED].count()
    audit.record(
        "audit.export", actor=actor, rows=count, since=look.since.isoformat(), until=look.until.isoformat(),
        action_filter=look.action, kind=look.object_kind,
    )  # fmt: skip
    response = StreamingHttpResponse(_lines(look), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{look.since}-{look.until}.csv"'
    return response


def _lines(look: Look) -> Iterator[str]:
    writer = TableWriter(_Line())
    yield "\ufeff"
    head = [_("编号"), _("时间"), _("谁"), _("做了什么"), _("对象"), _("结果"), _("说明")]
    yield writer.row(head)
    taken, mark = 0, ""
    while taken < MOST_EXPORTED:
        rows, mark = look.page(mark)
        for row in _shown(rows[: MOST_EXPORTED - taken]):
            result = _("成功") if row["succeeded"] else _("没成功")
            cells = [row["id"], f"{row['at']:%F %T}", row["who"], row["action"], row["object"], result, row["detail"]]
            yield writer.row(cells)
        taken += len(rows)
        if not mark:
            return
