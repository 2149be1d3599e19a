"""The templates of the seasons, which the district's administrator keeps."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from requests_intake.actions.context import savepoint
from requests_intake.models import SeasonTemplate
from requests_intake.reference import rules
from requests_intake.seasons import read_day

_FIELDS = ("name", "text", "checklist", "scope", "starts_on", "ends_on", "due_days", "is_active")


@savepoint
def save_template(template: SeasonTemplate | None, wanted: dict[str, Any], *, actor: Actor) -> SeasonTemplate:
    """A new template or a changed one; tasks that were made stay as they are.

    Raises ``NotAllowed`` and ``Invalid`` with the sentences by field.
    """
    require_administrator(actor)
    row = SeasonTemplate.objects.select_for_update().get(pk=template.pk) if template else SeasonTemplate()
    fields: dict[str, list[str]] = {}
    if SeasonTemplate.objects.filter(name=wanted["name"]).exclude(pk=row.pk).exists():
        fields["name"] = [_("已经有一个同名的季节。")]
    for name in ("starts_on", "ends_on"):
        try:
            read_day(wanted[name])
        except ValueError:
            fields[name] = [_("写成 11-01 这样的日期。")]
    category = rules().by_code.get(wanted["category"])
    if wanted["category"] and category is None:
        fields["category"] = [_("没有这个分类。")]
    if fields:
        raise Invalid("season_invalid", _("请检查填写的内容。"), fields=fields)
    for name in _FIELDS:
        setattr(row, name, wanted[name])
    row.category_id = category.id if category else None
    row.save()
    audit.record("settings.season", actor=actor, object_kind="season", object_id=row.pk, is_active=row.is_active)
    return row
