"""The texts of the law as a district words them: which version holds today. Read everywhere, changed rarely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from governance.accounts.models import LegalText
from governance.kernel import clock
from governance.kernel.reference import per_district


@dataclass(frozen=True)
class Version:
    """``number`` 0 is the text the platform comes with; its ``text`` is empty where a page words it itself."""

    number: int
    text: str
    valid_from: date | None = None


@per_district
def _versions() -> dict[str, tuple[Version, ...]]:
    found: dict[str, tuple[Version, ...]] = {}
    for kind, version, text, valid_from in LegalText.objects.order_by("version").values_list(
        "kind", "version", "text", "valid_from"
    ):
        found[kind] = (*found.get(kind, ()), Version(version, text, valid_from))
    return found


def versions(kind: str) -> tuple[Version, ...]:
    """All versions of a text, the oldest first, those of the future included."""
    return _versions().get(kind, ())


def in_force(kind: str) -> tuple[Version, ...]:
    """The versions that hold or have held, the oldest first."""
    today = clock.today()
    return tuple(row for row in versions(kind) if row.valid_from is not None and row.valid_from <= today)


def current(kind: str) -> Version:
    """The version that holds today; number 0 where the district has published none."""
    held = in_force(kind)
    return held[-1] if held else Version(0, default_text(kind))


def default_text(kind: str) -> str:
    """The platform's own wording. The privacy page words itself; a filing number cannot be guessed."""
    if kind != LegalText.Kind.CONSENT:
        return ""
    return _(
        "工作人员替我登记诉求前，已经告诉我：登记我的称呼和电话，只用来办理这件事、和我联系、办完后回访。\n\n"
        "我可以不同意；不同意时匿名登记，一样办理。我可以随时要求查看、更正或删除自己的称呼和电话。\n\n"
        "我同意。"
    )
