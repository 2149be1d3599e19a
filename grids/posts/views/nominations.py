"""推选楼栋长 on phone and desk: opening a round, writing down votes at the door, confirming (S3-17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel import clock
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.masking import refuse_masked
from grids.heads import post_name
from grids.households.forms.households import DayField, PressForm
from grids.households.models import Household
from grids.households.policies import find_building, find_household, kept_grids
from grids.households.presentation.places import place_words
from grids.households.queries import buildings_in
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted
from grids.people import find_member
from grids.posts.actions.nominations import (
    MOST,
    Nominee,
    call_off_nomination,
    confirm_nomination,
    may_confirm,
    open_nomination,
    record_vote,
    require_confirmer,
)
from grids.posts.models import NominationRound
from grids.posts.nominations import find_round, is_voting, name_of, tally, visible_rounds, voters_of, votes_of
from grids.views.manage_people import invitation_link, suggest_handle

PAGE = 40
any_method = require_http_methods(["GET", "HEAD", "POST"])
State = NominationRound.State
_KINDS = {State.OPEN: "doing", State.CONFIRMED: "done", State.CALLED_OFF: "line"}


@keepers_page
@require_safe
def rounds(request: HttpRequest, surface: Surface) -> HttpResponse:
    """The newest first (``state``: only those in one)."""
    state = request.GET.get("state", "")
    rows = visible_rounds(actor_of(request))
    if state in State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    here = surface.url("nominations")
    segments = [{"label": _("全部"), "url": here, "current": state not in State.values, "count": None}]
    segments += [
        {"label": str(label), "url": f"{here}?state={value}", "current": value == state, "count": None}
        for value, label in State.choices
    ]
    context = {
        "rows": [_line(row, surface) for row in page.object_list], "page": page, "segments": segments,
        "is_filtered": state in State.values, "new_url": surface.url("nomination_new"),
    }  # fmt: skip
    return surface.page(request, "nominations", context, heading=_("推选楼栋长"))


def _line(row: NominationRound, surface: Surface) -> dict[str, Any]:
    return {
        "name": name_of(row),
        "url": surface.url("nomination", row.pk),
        "state": row.get_state_display() if row.state != State.OPEN or is_voting(row) else _("等确认"),
        "kind": _KINDS[State(row.state)],
        "until": row.confirm_by,
    }


class NewRoundForm(KeyedForm):
    """Candidates are a line each: the name, then what is told of them, then an account or a number."""

    building = forms.TypedChoiceField(
        label=gettext_lazy("哪栋楼"),
        coerce=int,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找楼栋")}),
    )
    unit = forms.IntegerField(
        label=gettext_lazy("几单元"), required=False, min_value=1, max_value=99,
        help_text=gettext_lazy("推选单元长才填；不填就是推选楼栋长。"),
    )  # fmt: skip
    nominees = forms.CharField(
        label=gettext_lazy("候选人"), max_length=1_500, widget=forms.Textarea(attrs={"rows": 5}),
        validators=[refuse_masked],
        help_text=gettext_lazy(
            "一行一位，写“姓名，一句介绍，手机号”。都要本人愿意；手机号只用来发邀请，居民看不到。已有平台账号的，手机号处写账号。"
        ),
    )  # fmt: skip
    confirm_by = DayField(label=gettext_lazy("推选到哪天"))

    def __init__(self, *args: Any, buildings: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["building"].choices = buildings  # type: ignore[attr-defined]

    def rows(self) -> list[Nominee]:
        """Raises ``Invalid`` at ``nominees`` for an account nobody has."""
        found = []
        for line in self.cleaned_data["nominees"].splitlines():
            parts = [part.strip() for part in line.replace(",", "，").split("，")]
            name, says, reach = (*parts, "", "", "")[:3]
            if not name:
                continue
            digits = reach.replace(" ", "").replace("-", "")
            is_account = bool(reach) and not digits.isdigit()
            member = find_member(reach, "nominees") if is_account else None
            found.append(Nominee(name, "" if is_account else reach, says, member))
        return found


@keepers_page
@any_method
def new(request: HttpRequest, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    buildings = [(row.pk, row.name) for row in buildings_in([grid.id for grid in kept_grids(actor)])]
    initial = {"confirm_by": clock.today() + timedelta(days=7), "building": request.GET.get("building", "")}
    form = NewRoundForm(posted(request), buildings=buildings, initial=initial)

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        row = open_nomination(
            find_building(actor, said["building"]), form.rows(), unit=said["unit"], confirm_by=said["confirm_by"],
            actor=actor,
        )  # fmt: skip
        return {"round": row.pk}

    return act_page(
        request, surface, form, act, title=_("发起推选"), verb=_("开始推选"), back=surface.url("nominations"),
        done=_("推选开始了"),
        what=_("一户一票，以最后一次为准。居民登录后自己投，或者网格员上门代记。最多 {most} 位。").format(most=MOST),
    )  # fmt: skip


@keepers_page
@require_safe
def detail(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """How many households stand behind whom, and which have not said anything yet (``page``).

    What was recorded at the door can be checked here; whom a household chose on its own phone is shown to nobody.
    """
    actor = actor_of(request)
    row = find_round(actor, pk)
    found = tally(row)
    page = Paginator(voters_of(row), PAGE).get_page(request.GET.get("page"))
    here = [home.pk for home in page.object_list]
    said = votes_of(row).filter(household__in=here).values_list("household_id", "candidate_id", "recorded_by_id")
    voted = {home: candidate if recorded_by else 0 for home, candidate, recorded_by in said}
    names = {each.pk: each.name for each, _count in found.support}
    leading = {each.pk for each in found.leading}
    confirms = row.state == State.OPEN and may_confirm(actor, row)
    context = {
        "line": _line(row, surface),
        "candidates": [
            {
                "name": each.name, "says": each.says, "count": count, "is_chosen": each.is_chosen,
                "confirm_url": surface.url("nomination_confirm", row.pk, each.pk)
                if confirms and each.pk in leading and (not is_voting(row) or found.voted >= found.voters)
                else "",
            }
            for each, count in found.support
        ],
        "voted": found.voted,
        "voters": found.voters,
        "homes": [
            {
                "place": place_words(home), "has_voted": home.pk in voted,
                "choice": names.get(voted.get(home.pk, 0), ""),
                "url": surface.url("nomination_vote", row.pk, home.pk) if is_voting(row) else "",
            }
            for home in page.object_list
        ],
        "page": page,
        "call_off_url": surface.url("nomination_call_off", row.pk) if confirms else "",
        "is_waiting": row.state == State.OPEN and not confirms,
    }  # fmt: skip
    return surface.page(request, "nomination", context, heading=name_of(row), back=surface.url("nominations"))


class VoteForm(KeyedForm):
    candidate = forms.TypedChoiceField(
        label=gettext_lazy("这一户选谁"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选一位候选人。")),
    )  # fmt: skip

    def __init__(self, *args: Any, round_: NominationRound, chosen: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidate"].initial = chosen
        rows = round_.candidates.order_by("pk")
        self.fields["candidate"].choices = [  # type: ignore[attr-defined]
            (row.pk, f"{row.name}·{row.says}" if row.says else row.name) for row in rows
        ]


@keepers_page
@any_method
def vote(request: HttpRequest, pk: int, household: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_round(actor, pk)
    home: Household = find_household(actor, household)
    recorded = votes_of(row).filter(household=home).exclude(recorded_by=None)
    chosen = recorded.values_list("candidate_id", flat=True).first()
    form = VoteForm(posted(request), round_=row, chosen=chosen)

    def act() -> dict[str, Any]:
        return {"vote": record_vote(row, home, form.cleaned_data["candidate"], actor=actor).pk}

    back = surface.url("nomination", row.pk)
    what = _("{place}。照他们说的记；改了主意再记一次，以最后一次为准，前一次也留着。").format(place=place_words(home))
    return act_page(
        request, surface, form, act, title=_("代记一票：{post}").format(post=name_of(row)), verb=_("记下"), back=back,
        done=_("记下了"), what=what,
    )  # fmt: skip


@keepers_page
@any_method
def confirm(request: HttpRequest, pk: int, candidate: int, surface: Surface) -> HttpResponse:
    """The secretary's confirmation; the link for who has no account is shown in the answer, this once."""
    actor = actor_of(request)
    row = find_round(actor, pk)
    require_confirmer(row, actor)
    form, made = PressForm(posted(request)), {"token": ""}
    who = row.candidates.filter(pk=candidate).values_list("name", flat=True).first() or ""

    def act() -> dict[str, Any]:
        handle = suggest_handle(request.district)  # type: ignore[attr-defined]
        held, made["token"] = confirm_nomination(row, candidate, actor=actor, handle=handle)
        return {"assignment": held.pk}

    back = surface.url("nomination", row.pk)
    title = _("确认{name}当选{post}？").format(name=who, post=post_name(row.building.name, row.unit))
    if request.method == "POST" and act_once(request, form, act):
        if not made["token"]:
            messages.success(request, _("确认了，从今天起任职。"))
            return redirect(back)
        told = {"name": who, "link": invitation_link(request, made["token"]), "back": back}
        return surface.page(request, "invited", told, heading=_("确认了"), back=back)
    what = _("从今天起任职。没有平台账号的，会得到一个只显示一次的邀请链接，请当面交给他。")
    context = {"form": form, "what": what, "verb": _("确认当选"), "back": back, "title": title}
    return surface.page(request, "act", context, heading=title, back=back, status=422 if form.is_bound else 200)


@keepers_page
@any_method
def call_off(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_round(actor, pk)
    require_confirmer(row, actor)
    form = PressForm(posted(request))

    def act() -> None:
        call_off_nomination(row, actor=actor)

    return act_page(
        request, surface, form, act, title=_("取消这次推选？"), verb=_("取消推选"),
        back=surface.url("nomination", row.pk), done=_("推选取消了"),
        what=_("谁也不任职；投过的票留在记录里，不能恢复。"),
    )  # fmt: skip
