"""What may be asked, and what is an answer to it. A canvass asks little: no identity, no illness, no belief."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.masking import looks_masked, masked_words
from grids.canvasses.models import CanvassField
from grids.households.actions.tags import stigma_sentence

LABEL, CHOICE, WORDS = 40, 20, 60
MOST_CHOICES = 8
MOST_NUMBER = 10_000
Kind = CanvassField.Kind

_NOT_ASKED = re.compile(
    r"身份证|证件|护照|户口簿|银行卡|卡号|账号|密码|病史|病情|病名|得过|患病|患有|患者|诊断|用药|吃什么药|传染|精神病|精神障碍|残疾|怀孕|宗教|信仰|民族|政治面貌|工资|收入|指纹|人脸"
)
"""Sensitive by law (PIPL, art. 28) or no business of a round at the doors (read_first 1)."""
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){13,18}[\dXx]?")
"""An identity number or a bank card, written in a word."""


def label_wrong(text: str) -> str:
    """What is wrong with a question, empty where nothing is."""
    if not text or len(text) > LABEL:
        return _("请写问什么，最多 {n} 字。").format(n=LABEL)
    if (found := _NOT_ASKED.search(text)) is not None:
        return _("摸排不问“{word}”：证件、病情、收入、信仰都不收集，换一种问法或不问。").format(word=found.group())
    return stigma_sentence(text)


def words_wrong(text: str) -> str:
    """What is wrong with words somebody wrote down."""
    if len(text) > WORDS:
        return _("最多 {n} 字。").format(n=WORDS)
    if _LONG_NUMBER.search(text):
        return _("不写证件号、银行卡号。")
    if looks_masked(text):
        return masked_words()
    return stigma_sentence(text)


def option_words(field: CanvassField, option: int) -> str:
    """是, 否 or the word chosen."""
    if field.kind == Kind.YES_NO:
        return _("是") if option else _("否")
    return str(field.choices[option]) if option < len(field.choices) else ""


def options_of(field: CanvassField) -> list[tuple[int, str]]:
    """What can be chosen, as it is offered: yes before no."""
    if field.kind == Kind.YES_NO:
        return [(1, _("是")), (0, _("否"))]
    return list(enumerate(field.choices)) if field.kind == Kind.CHOICE else []


def key_of(field: CanvassField) -> str:
    """The name of a question in forms and in errors."""
    return f"field_{field.pk}"


def check_values(
    fields: Sequence[CanvassField], values: Mapping[int, Any]
) -> tuple[dict[int, dict[str, Any]], dict[str, list[str]]]:
    """The columns to be kept by question id, and what is wrong by ``key_of``. Empty answers are left out."""
    kept: dict[int, dict[str, Any]] = {}
    wrong: dict[str, list[str]] = {}
    for field in fields:
        value = values.get(field.pk)
        if value is None or value == "":
            if field.is_required:
                wrong[key_of(field)] = [_("这一题要答。")]
            continue
        columns, sentence = _column(field, value)
        if sentence:
            wrong[key_of(field)] = [sentence]
        else:
            kept[field.pk] = columns
    return kept, wrong


def _column(field: CanvassField, value: Any) -> tuple[dict[str, Any], str]:
    if field.kind in (Kind.YES_NO, Kind.CHOICE):
        known = {option for option, _word in options_of(field)}
        good = isinstance(value, int) and int(value) in known
        return ({"option": int(value)}, "") if good else ({}, _("请从列出的里面选一个。"))
    if field.kind == Kind.NUMBER:
        good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NUMBER
        return ({"number": value}, "") if good else ({}, _("请填 0 到 {most} 的数。").format(most=MOST_NUMBER))
    if field.kind == Kind.DAY:
        return ({"day": value}, "") if isinstance(value, date) else ({}, _("请填日期，如 2026-11-18。"))
    text = str(value).strip()
    return {"words": text}, words_wrong(text)
