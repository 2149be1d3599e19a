"""短信和提醒: what leaves the platform, and the robots of groups. For the district's administrator."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from governance.accounts.actions.notifications import (
    MOST_PUSHES,
    RobotRules,
    Wanted,
    change_notification_settings,
    save_robot,
    test_robot,
)
from governance.accounts.models import Delivery, Robot
from governance.accounts.notifications.channels import channel
from governance.accounts.notifications.preferences import rules_of_district
from governance.accounts.notifications.words import error_words
from governance.kernel.keyed import KeyedForm, act_once, new_key
from grids.reference import territory
from grids.views.manage_acts import actor_of_page, administrator_required

_TIME = re.compile(r"(\d{1,2})[:：](\d{2})")


class SettingsForm(KeyedForm):
    sms_to_residents = forms.BooleanField(
        label=gettext_lazy("给诉求人发短信"), required=False,
        help_text=gettext_lazy(
            "登记、受理、没按时办好致歉、办完请评价、结案。不写诉求内容，匿名的不发；晚上 9 点到早上 8 点只发特急的。"
        ),
    )  # fmt: skip
    sms_to_staff = forms.BooleanField(
        label=gettext_lazy("工作人员可以用短信收提醒"), required=False,
        help_text=gettext_lazy("各人在“我的账号”里自己选。提醒只写“新工单待签收”和编号。"),
    )  # fmt: skip
    email_to_staff = forms.BooleanField(label=gettext_lazy("工作人员可以用邮件收提醒"), required=False)
    email_sender = forms.CharField(
        label=gettext_lazy("发件邮箱"), max_length=120, required=False,
        help_text=gettext_lazy("收件人看到的发件人。空着就用平台的。"), widget=forms.EmailInput,
    )  # fmt: skip
    pushes_a_day = forms.IntegerField(
        label=gettext_lazy("每人每天最多几次"),
        help_text=gettext_lazy("默认值，可调整。短信、邮件合着算，特急的不算；多的合在一起，按下面的时间发。"),
        error_messages={"invalid": gettext_lazy("填一个整数。")},
    )
    digest_times = forms.CharField(
        label=gettext_lazy("汇总什么时候发"), max_length=60,
        help_text=gettext_lazy("工作日发，用顿号分开，例如 08:30、13:30、17:00。默认值，可调整。"),
    )  # fmt: skip

    def wanted(self) -> Wanted:
        said = {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}
        return Wanted(**{**said, "digest_times": self.cleaned_data["digest_times"]})

    def clean_pushes_a_day(self) -> int:
        number = int(self.cleaned_data["pushes_a_day"])
        if not 1 <= number <= MOST_PUSHES:
            raise forms.ValidationError(_("填 1 到 {most}。").format(most=MOST_PUSHES))
        return number

    def clean_digest_times(self) -> tuple[str, ...]:
        parts = [part for part in re.split(r"[、,，;；\s]+", self.cleaned_data["digest_times"]) if part]
        found = []
        for part in parts:
            said = _TIME.fullmatch(part)
            if said is None or int(said[1]) > 23 or int(said[2]) > 59:
                raise forms.ValidationError(_("“{part}”不是时间，写成 08:30 这样。").format(part=part))
            found.append(f"{int(said[1]):02d}:{said[2]}")
        return tuple(found)


class RobotForm(KeyedForm):
    organization = forms.TypedChoiceField(
        label=gettext_lazy("哪个单位的群"), coerce=int, widget=forms.Select(attrs={"data-combo": ""}),
        help_text=gettext_lazy("派给这个单位的新工单、快到期和超期，会在群里提醒一句，只有编号。"),
    )  # fmt: skip
    service = forms.ChoiceField(
        label=gettext_lazy("哪个平台"), choices=Robot.Service.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选平台。")},
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("群的名字"), max_length=40, help_text=gettext_lazy("自己认得就行。"))
    webhook = forms.CharField(
        label=gettext_lazy("机器人地址"), max_length=500, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    secret = forms.CharField(
        label=gettext_lazy("加签密钥"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)

    def __init__(self, *args: Any, robot: Robot | None = None, **kwargs: Any) -> None:
        if robot is not None:
            kwargs["initial"] = {
                "organization": robot.organization_id, "service": robot.service, "title": robot.title,
                "is_active": robot.is_active,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        places = sorted(territory().organizations.values(), key=lambda row: (row.level, row.name))
        self.fields["organization"].choices = [("", _("请选单位")), *((row.id, row.name) for row in places)]  # type: ignore[attr-defined]
        self.fields["webhook"].sometimes = True  # type: ignore[attr-defined]
        if robot is None:
            self.fields["webhook"].help_text = _("在群里添加机器人后得到的完整地址，以 https:// 开头。")
            self.fields["secret"].help_text = _("钉钉的安全设置选“加签”时，以 SEC 开头的那一串。企业微信没有。")
        else:
            self.fields["webhook"].help_text = _("已加密保存，不再显示。要换才填，空着不变。")
            kept = _("已加密保存，不再显示。要换才填，空着不变；换了地址要重新填。")
            self.fields["secret"].help_text = kept if robot.secret else _("还没有填。钉钉选了“加签”才要。")

    def rules(self) -> RobotRules:
        said = self.cleaned_data
        return RobotRules(
            organization_id=said["organization"], service=said["service"], title=said["title"],
            webhook=said["webhook"], secret=said["secret"], is_active=said["is_active"],
        )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    rules = rules_of_district()
    initial = {
        "sms_to_residents": rules.sms_to_residents,
        "sms_to_staff": rules.sms_to_staff,
        "email_to_staff": rules.email_to_staff,
        "email_sender": rules.email_sender,
        "pushes_a_day": rules.pushes_a_day,
        "digest_times": "、".join(f"{each:%H:%M}" for each in rules.digest_times),
    }
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=initial)

    def act() -> None:
        change_notification_settings(form.wanted(), actor=actor_of_page(request))

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("存好了，从下一条消息起按新的来。"))
        return redirect("manage:notifications")
    places = territory()
    robots = [
        {"robot": row, "organization": places.organization_name(row.organization_id), "key": new_key()}
        for row in Robot.objects.order_by("-is_active", "title", "pk")
    ]
    context = {
        "form": form,
        "robots": robots,
        "ready": [
            {"key": _("短信网关"), "value": _ready(channel("sms").is_available())},
            {"key": _("邮件服务器"), "value": _ready(channel("email").is_available())},
            {"key": _("群机器人"), "value": "、".join(settings.ROBOT_HOSTS) or _("没有允许的域名")},
        ],
        "dead": Delivery.objects.filter(state=Delivery.State.DEAD).count(),
    }
    return render(request, "manage/notifications.html", context, status=422 if form.is_bound else 200)


def _ready(is_ready: bool) -> str:
    return _("已接好") if is_ready else _("还没接，请运维配置")


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_robot(request: HttpRequest) -> HttpResponse:
    return _robot_page(request, None)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def robot(request: HttpRequest, pk: int) -> HttpResponse:
    return _robot_page(request, get_object_or_404(Robot, pk=pk))


def _robot_page(request: HttpRequest, known: Robot | None) -> HttpResponse:
    form = RobotForm(request.POST if request.method == "POST" else None, robot=known)

    def act() -> dict[str, Any]:
        return {"id": save_robot(known, form.rules(), actor=actor_of_page(request)).pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("存好了。发一条测试消息，看群里收到没有。"))
        return redirect("manage:notifications")
    context = {"form": form, "known": known, "title": known.title if known else _("加一个群机器人")}
    return render(request, "manage/robot.html", context, status=422 if form.is_bound else 200)


@administrator_required
@require_POST
def try_robot(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message now and say what really became of it."""
    known = get_object_or_404(Robot, pk=pk)
    form = KeyedForm(request.POST)
    result: dict[str, str] = {}

    def act() -> None:
        result["error"] = test_robot(known, actor=actor_of_page(request))

    if not act_once(request, form, act):
        messages.warning(request, " ".join(map(str, form.non_field_errors())) or _("没有发，请再点一次。"))
    elif "error" not in result:
        messages.warning(request, _("这条测试消息刚才已经发过了。"))
    elif result["error"]:
        said = _("没有发到“{title}”：{reason}。").format(title=known.title, reason=error_words(result["error"]))
        messages.error(request, said)
    else:
        messages.success(request, _("“{title}”收下了测试消息，请到群里看一眼。").format(title=known.title))
    return redirect("manage:notifications")
