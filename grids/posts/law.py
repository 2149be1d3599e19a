"""法治楼栋: the checklist of eight (S2-13). Pure but for the shipped list."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from grids.posts.models import LawBuilding

_State = LawBuilding.State


@lru_cache(maxsize=1)
def checklist() -> dict[str, str]:
    """Code → what must be so."""
    text = (Path(__file__).parent / "data" / "law_checks.json").read_text(encoding="utf-8")
    return {row["code"]: row["words"] for row in json.loads(text)}


def state_after(before: str, failed: Collection[str]) -> str:
    """Eight of eight give the title. A building that had it and fails is to be mended, until it passes again."""
    if not failed:
        return _State.HELD
    return _State.TO_MEND if before in (_State.HELD, _State.TO_MEND) else _State.TRYING
