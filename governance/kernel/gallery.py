"""Sample data of the developers' page `/ui/gallery/`: every component once. Invented people and places."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from governance.kernel.templatetags.ui import STATES, icon_names


class SampleForm(forms.Form):
    """One field of each kind."""

    said = forms.CharField(label="想补充的话", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    phone = forms.CharField(label="手机号", help_text="只给办理的人看，显示时隐去中间四位")
    building = forms.ChoiceField(
        label="哪栋楼",
        choices=[("", "选楼栋"), ("1", "槐荫里 1 号楼"), ("3", "槐荫里 3 号楼")],
        widget=forms.Select(attrs={"data-combo": "输几个字找楼栋"}),
    )
    urgency = forms.ChoiceField(
        label="紧急程度",
        choices=[("normal", "一般"), ("urgent", "紧急"), ("critical", "特急")],
        widget=forms.RadioSelect,
        initial="normal",
    )
    secret = forms.BooleanField(label="请为我保密", required=False)


def _ticks(start: str, half: str, yellow: str, end: str) -> list[dict[str, Any]]:
    return [
        {"percent": 0, "label": "受理", "at": start, "kind": "from"},
        {"percent": 50, "label": "50%", "at": half, "kind": "mid"},
        {"percent": 80, "label": "80% 转黄", "at": yellow, "kind": "mid"},
        {"percent": 100, "label": "到期", "at": end, "kind": "stop"},
    ]


def sample() -> dict[str, Any]:
    """Context of ``gallery.html``; each key is an example of what its component takes."""
    ticks = _ticks("16日", "19日 12:00", "今天 17:30", "23日 17:30")
    return {
        "states": list(STATES),
        "icons": icon_names(),
        "form": SampleForm({"phone": "12", "urgency": "normal"}),
        "page": Paginator(range(480), 20).page(7),
        "clocks": [
            {
                "name": "对居民的承诺",
                "note": "5 个工作日，不重置",
                "state": "doing",
                "phrase": "剩 1 天 5 小时",
                "percent": 65,
                "wide": True,
                "ticks": ticks,
            },
            {
                "name": "街道工单",
                "note": "第 3 张",
                "state": "soon",
                "phrase": "剩 5 小时",
                "percent": 86,
                "wide": True,
                "ticks": ticks,
            },
            {
                "name": "部门工单·区城市管理局",
                "note": "停表 2 天",
                "state": "over",
                "phrase": "超期 1 天",
                "percent": 112,
                "ticks": ticks,
                "pauses": [
                    {
                        "percent": 16,
                        "width": 14,
                        "running": False,
                        "words": "暂停过 4日 10:00 至 5日 17:30：等居民约时间",
                    }
                ],
            },
            {"name": "按时办结", "note": "", "state": "done", "phrase": "余 1 天", "percent": 80, "ticks": ticks},
        ],
        "ledger": [
            {"span": "10月26日", "holder": "受理", "days": "0", "total": "0", "note": "受理当天不计", "kind": ""},
            {
                "span": "11月4—5日",
                "holder": "城市管理局（停表）",
                "days": "2",
                "total": "8",
                "note": "法定检测",
                "kind": "hold",
            },
            {"span": "合计", "holder": "", "days": "", "total": "14.7 / 15", "note": "按时", "kind": "sum"},
        ],
        "rungs": [
            {
                "name": "网格",
                "lines": ["周网格员", "26日 → 27日"],
                "use": "限 3 天·用 0.5 天",
                "reason": "上报·无执法权",
            },
            {
                "name": "社区",
                "lines": ["槐荫社区 陈书记", "27日 → 29日"],
                "use": "限 6 天·用 2.0 天",
                "reason": "上报·协商未成",
            },
            {"name": "街道", "lines": ["柳荫街道 何调度"], "use": "限 9 天·用 1.8 天", "reason": "派单"},
            {"name": "部门", "lines": ["区城市管理局"], "use": "余 10.7 天", "current": True, "mark": "主办"},
        ],
        "steps": [
            {"title": "回访：已解决", "by": "电话·孙回访员", "at": "11月18日 10:10", "dot": "done"},
            {
                "title": "返工",
                "by": "回访不满意",
                "at": "11月11日 19:36",
                "dot": "hold",
                "say": "晚上还是有味。",
                "speaker": "赵大爷",
            },
            {
                "title": "社区上报街道",
                "by": "陈书记·槐荫社区",
                "at": "19日 16:40",
                "dot": "up",
                "say": "堵点在围墙外。",
            },
            {"title": "受理", "by": "随手拍", "at": "10月26日 18:52", "dot": ""},
        ],
        "pairs": [
            {"key": "首接负责", "value": "周网格员，全程跟进"},
            {"key": "主办", "value": "区城市管理局"},
            {"key": "同处诉求", "value": "90 天内 2 件", "url": "#"},
        ],
        "first": {"word": "不满意", "icon": "bad", "at": "11月11日", "note": "未解决"},
        "final": {"word": "基本满意", "icon": "good", "at": "11月18日", "note": "已解决"},
        "suggestion": {
            "value": "7",
            "name": "区排水管护中心",
            "sure": True,
            "reasons": ["职责目录 4.2：围墙外市政排水支管由其养护", "近 90 天同类 14 件由其主办，12 件按时办结"],
            "alternatives": [
                {"value": "8", "name": "槐荫里物业", "note": "红线内"},
                {"value": "9", "name": "街道城市管理办", "note": "协办"},
            ],
            "other_url": "#",
        },
        "segments": [
            {"label": "全部", "url": "#", "current": True, "count": None},
            {"label": "热线", "url": "#", "current": False, "count": 3},
        ],
        "rows": [
            {
                "id": 1,
                "url": "#",
                "title": "东门烧烤摊占用消防通道，已说两次",
                "state": "over",
                "left": "超期 1 小时",
                "urgency": "紧急",
                "urgent": True,
                "place": "翠竹社区·建业里东门·占用消防通道",
            },
            {
                "id": 2,
                "url": "#",
                "title": "同一处人行道再次反映，下雨积水",
                "state": "soon",
                "left": "剩 6 小时",
                "urgency": "一般",
                "place": "新桥社区·新桥路 43 号·道路破损",
                "flag": "疑似重复",
            },
            {
                "id": 3,
                "url": "#",
                "title": "3 号楼北侧污水井堵了，漫到单元门口",
                "state": "doing",
                "left": "剩 1 天 5 小时",
                "urgency": "一般",
                "place": "槐荫社区·槐荫里 3 号楼·排水管网",
                "side": "今天 17:30 转黄",
                "current": True,
            },
        ],
        "batch": [{"label": "一起派单", "url": "#", "main": True}, {"label": "催办", "url": "#"}],
        "keys": [{"key": "D", "word": "改派"}, {"key": "R", "word": "退回"}],
        "shell": {"place": "云溪区·柳荫街道", "person": "何调度", "post": "街道调度员", "when": "11月20日 周五 10:24"},
    }


def gallery(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    return render(request, "gallery.html", sample())


urlpatterns = [path("ui/gallery/", gallery, name="ui-gallery")]
