"""Two people at one form: whoever saves second is told what the first has changed.

A form carries the values it was drawn from; the action compares them with the row it has locked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db.models import Model
from django.utils.translation import gettext as _

from governance.kernel.errors import DomainError


def stamp_of(row: Model, names: Sequence[str]) -> str:
    """The values of these fields (attribute names) as a form carries them."""
    return json.dumps({name: _text(getattr(row, name)) for name in names}, ensure_ascii=False)


def require_unchanged(row: Model, names: Sequence[str], stamp: str) -> None:
    """Raise ``DomainError`` ``changed_meanwhile`` with the new ``stamp`` where somebody has saved in between.

    An empty stamp (programs, the import) compares nothing.
    """
    if not stamp:
        return
    try:
        seen = json.loads(stamp)
    except ValueError:
        seen = None
    now = stamp_of(row, names)
    if isinstance(seen, dict) and seen == json.loads(now):
        return
    before = seen if isinstance(seen, dict) else {}
    words = [_said(row, name) for name in names if before.get(name) != _text(getattr(row, name))]
    message = _("您打开这一页以后，别人改过：{what}。您填的都还在；确认后再保存一次，就以您填的为准。").format(
        what="；".join(words)
    )
    raise DomainError("changed_meanwhile", message, stamp=now)


def _said(row: Model, name: str) -> str:
    field = row._meta.get_field(name)
    value = getattr(row, name)
    if field.is_relation:
        value = getattr(row, field.name)
    elif getattr(field, "choices", None):
        value = getattr(row, f"get_{name}_display")()
    label = str(getattr(field, "verbose_name", name))
    return _("{label}现在是“{value}”").format(label=label, value="" if value is None else value)


def _text(value: object) -> str:
    return "" if value is None else str(value)
