"""Template tags and filters of the design system: words, classes and phrases that no view should have to build.

They take plain values and hold no business rule. ``templates/README.md`` shows them in use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.keyed import new_key
from governance.kernel.modes import chosen_modes

register = template.Library()

# The vocabulary of lamps, pills, dots and clock bars.
STATES = {
    "new": gettext_lazy("待签收"),
    "doing": gettext_lazy("在办"),
    "soon": gettext_lazy("临期"),
    "over": gettext_lazy("超期"),
    "check": gettext_lazy("待核查"),
    "done": gettext_lazy("办结"),
    "hold": gettext_lazy("暂停"),
}

# What a resident may answer: value of the button, icon, word.
FACES = (
    ("satisfied", "good", gettext_lazy("满意")),
    ("so_so", "mid", gettext_lazy("还行")),
    ("unsolved", "bad", gettext_lazy("没解决")),
)

# The four steps a resident sees.
STEPS = (
    ("received", gettext_lazy("收到")),
    ("doing", gettext_lazy("在办")),
    ("checking", gettext_lazy("查看")),
    ("rating", gettext_lazy("您评价")),
)

CLOCK_END = 116  # percent; the bar's overdue zone ends here

_HOURS = "零一二三四五六七八九十"
_SYMBOL = re.compile(r'<symbol id="i-([\w-]+)"[^>]*>(.*?)</symbol>', re.S)


# ---------------------------------------------------------------- icons, lamps, classes
@cache
def _sprite() -> dict[str, str]:
    text = (settings.BASE_DIR / "static/src/icons/sprite.svg").read_text(encoding="utf-8")
    return dict(_SYMBOL.findall(text))


def icon_names() -> list[str]:
    """All names ``{% icon %}`` knows."""
    return sorted(_sprite())


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """An icon of our sprite, drawn in place (no second request, works from any static host).

    ``label`` makes it speak to screen readers; without it the icon is decoration. An unknown name raises ``KeyError``:
    a page without its icon is a mistake of ours, not of the data.
    """
    drawing = SafeString(_sprite()[name])  # our own file, nothing from outside
    css = f"i {extra}".strip()
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', css, label, drawing
        )
    return format_html('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', css, drawing)


@register.filter
def state_word(state: str) -> str:
    """The Chinese word of a state: ``over`` is 超期."""
    return str(STATES[state])


@register.inclusion_tag("components/lamp.html")
def lamp(state: str, word: str = "", show: bool = False) -> dict[str, Any]:
    """Lamp of a state; its word is in the accessible name, or beside it with ``show=True``."""
    return {"state": state, "word": word, "show": show}


@register.filter
def percent_class(value: float | None, end: int = CLOCK_END) -> str:
    """``65.4`` is ``p65``. Rounded down, so that 99.9 does not look finished; held between 0 and ``end``."""
    return f"p{max(0, min(int(end), int(value or 0)))}"


@register.filter
def width_class(value: float | None) -> str:
    """Width of a stretch of a clock bar in percent of the limit, ``w1`` to ``w100``."""
    return f"w{max(1, min(100, round(value or 0)))}"


# ---------------------------------------------------------------- phrases
@register.filter
def masked_phone(value: str | None) -> str:
    """``18612345521`` is ``186****5521``; a landline keeps its last four digits. Never shows more than seven digits."""
    digits = re.sub(r"\D", "", value or "")
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-4:]}" if len(digits) >= 7 else "****" if digits else ""


@register.filter
def local_day(moment: date | None) -> str:
    """今天, 昨天, 明天, otherwise 11月23日, with the year if it is another one. A moment is judged in Asia/Shanghai."""
    if moment is None:
        return ""
    day, today = clock.local(moment).date() if isinstance(moment, datetime) else moment, clock.today()
    near = {
        today: _("今天"),
        today - timedelta(days=1): _("昨天"),
        today + timedelta(days=1): _("明天"),
    }
    if day in near:
        return near[day]
    written = _("%(month)d月%(day)d日") % {"month": day.month, "day": day.day}
    return written if day.year == today.year else _("%(year)d年%(rest)s") % {"year": day.year, "rest": written}


@register.filter
def local_time(moment: datetime | None) -> str:
    """``今天 17:30`` or ``11月23日 17:30``."""
    return "" if moment is None else f"{local_day(moment)} {clock.local(moment):%H:%M}"


@register.filter
def spoken_time(moment: datetime | None) -> str:
    """The way one says it to a resident: ``11月23日 下午五点半``."""
    if moment is None:
        return ""
    at = clock.local(moment)
    parts = ((6, _("凌晨")), (12, _("上午")), (13, _("中午")), (18, _("下午")), (24, _("晚上")))
    part = next(word for end, word in parts if at.hour < end)
    hour = at.hour if at.hour <= 12 else at.hour - 12
    name = "两" if hour == 2 else _HOURS[hour] if hour <= 10 else "十二" if hour == 12 else "十一"
    minutes = {0: "", 15: _("一刻"), 30: _("半")}.get(at.minute)
    tail = _("%(minute)d 分") % {"minute": at.minute} if minutes is None else minutes
    return f"{local_day(moment)} {part}{name}{_('点')}{tail}"


# ---------------------------------------------------------------- the page as a whole
@register.simple_tag(takes_context=True)
def html_modes(context: Mapping[str, Any], allowed: str = "") -> SafeString:
    """Attributes of ``<html>`` for the visitor's modes among ``allowed`` (``"elder theme"``)."""
    modes = chosen_modes(context.get("request"))
    names = [name for name in allowed.split() if name in modes]
    return format_html_join("", ' data-{}="{}"', ((name, modes[name]) for name in names))


@register.simple_tag(takes_context=True)
def mode(context: Mapping[str, Any], name: str) -> str:
    """The visitor's value of one mode, or nothing."""
    return chosen_modes(context.get("request")).get(name, "")


@register.simple_tag(takes_context=True)
def mode_url(context: Mapping[str, Any], **values: str) -> str:
    """Link that remembers a mode and comes back here: ``{% mode_url elder="22" %}``, empty to switch off."""
    request: HttpRequest | None = context.get("request")
    query = urlencode({**values, **({"next": request.get_full_path()} if request else {})})
    try:
        return f"{reverse('ui-mode')}?{query}"
    except NoReverseMatch:
        return f"?{urlencode(values)}"


@register.filter
def split_words(value: str) -> list[str]:
    return value.split()


@register.filter
def page_range(page: Page) -> list[int | str]:
    """Page numbers to show, with the ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def is_number(value: object) -> bool:
    return isinstance(value, int)


@register.simple_tag
def demo_badge() -> SafeString:
    """演示数据, wherever the installation holds invented people; the second word gives way where there is no room."""
    if not settings.DEMO:
        return SafeString("")
    return format_html('<span class="demo">{}<span>{}</span></span>', _("演示"), _("数据"))


@register.simple_tag
def faces() -> list[dict[str, str]]:
    return [{"value": value, "icon": drawing, "word": str(word)} for value, drawing, word in FACES]


@register.simple_tag
def resident_steps(current: str) -> list[dict[str, str]]:
    """The four steps with their class: ``ok`` behind, ``nw`` now. ``finished`` has all four behind."""
    names = [name for name, _word in STEPS]
    at = names.index(current) if current in names else len(names)
    return [
        {"word": str(word), "css": "ok" if index < at else "nw" if index == at else ""}
        for index, (_name, word) in enumerate(STEPS)
    ]


@register.simple_tag
def toast_of(message: Message) -> dict[str, str]:
    """What a toast shows of a Django message.

    A view adds a way back with ``extra_tags="undo=/desk/…"`` (a POST) or a link: ``extra_tags="go=/desk/… 换一个"``.
    """
    toast = {"text": str(message), "kind": "fail" if message.level_tag in ("error", "warning") else "ok"}
    kind, _sep, rest = (message.extra_tags or "").partition("=")
    address, _sep, label = rest.partition(" ")
    if kind == "undo":
        toast |= {"undo_url": address, "undo_label": label or _("撤回")}
    elif kind == "go":
        toast |= {"go_url": address, "go_label": label or _("看看")}
    return toast


@register.simple_block_tag
def panel(content: str, title: str = "", extra: str = "", label: str = "") -> SafeString:
    """``{% panel "过程" %}…{% endpanel %}``: a white card with a small grey heading."""
    return render_to_string("components/panel.html", {"title": title, "extra": extra, "label": label, "body": content})


@register.simple_tag
def form_key() -> SafeString:
    """The hidden key of a form that has no other field of its own: sent twice it acts once (``kernel.keyed``)."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', new_key())
