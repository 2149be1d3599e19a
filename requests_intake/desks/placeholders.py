"""Words in braces that stand for something of the ticket at hand. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ANY = re.compile(r"[{｛]\s*([^{}｛｝]{0,20}?)\s*[}｝]")

# What may be written, and an example of what comes out.
PLACEHOLDERS: Mapping[str, str] = {
    "编号": "261118-00017",
    "地点": "槐荫里 3 号楼",
    "分类": "排水管网",
    "单位": "区排水管护中心",
    "承办人": "王工",
    "今天": "11月18日",
    "期限": "11月23日",
}


def unknown_in(text: str) -> list[str]:
    """Placeholders that stand for nothing, and braces left open, as they were written."""
    wrong = [found[0] for found in _ANY.finditer(text) if found[1] not in PLACEHOLDERS]
    return wrong + re.findall(r"[{}｛｝]", _ANY.sub("", text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """What is not known of this ticket stays as a blank to be written (____), so that nobody sends a brace."""
    return _ANY.sub(lambda found: values.get(found[1]) or "____", text)
