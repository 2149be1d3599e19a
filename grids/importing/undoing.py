"""Taking an import back: what it made goes, what it changed gets its old values, nothing in use is touched."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.models import Membership, User
from governance.kernel.bulk import update_rows
from governance.kernel.tenancy.context import current_district_id
from grids.importing.writing import JOURNALED, model_of, restorable
from grids.models import RegisterImport, RegisterImportChange

_NAMES = {
    "Area": gettext_lazy("区域"),
    "AreaBorder": gettext_lazy("边界"),
    "Organization": gettext_lazy("单位"),
    "Compound": gettext_lazy("小区"),
    "Building": gettext_lazy("楼栋"),
    "Unit": gettext_lazy("单元"),
    "Room": gettext_lazy("户室"),
    "User": gettext_lazy("账号"),
    "Membership": gettext_lazy("人员"),
    "Staff": gettext_lazy("人员"),
    "Post": gettext_lazy("岗位"),
    "PostAssignment": gettext_lazy("任职"),
    "Ticket": gettext_lazy("诉求"),
    "WorkOrder": gettext_lazy("工单"),
    "TicketTransition": gettext_lazy("办理记录"),
    "Notice": gettext_lazy("消息"),
    "ApiToken": gettext_lazy("接口令牌"),
    "RegisterImport": gettext_lazy("登记导入"),
}
_SHOWN = 20


def _made(job: RegisterImport) -> dict[type[models.Model], list[int]]:
    found: dict[type[models.Model], list[int]] = defaultdict(list)
    rows = RegisterImportChange.objects.filter(register_import=job, is_new=True).values_list("model", "object_id")
    for label, pk in rows:
        found[model_of(label)].append(pk)
    return found


def uses(job: RegisterImport) -> list[str]:
    """What has come to depend on the objects the import made, in words; empty where it can be undone."""
    made = _made(job)
    found: list[str] = []
    for model, ids in made.items():
        for relation in model._meta.get_fields(include_hidden=True):
            if not (relation.auto_created and not relation.concrete and relation.is_relation):
                continue
            referrer: Any = relation.related_model
            field: Any = getattr(relation, "field", None)
            if field is None or field.many_to_many or referrer._meta.auto_created:
                continue
            rows = referrer._base_manager.filter(**{f"{field.name}__in": ids})
            if referrer in made:
                rows = rows.exclude(pk__in=made[referrer])
            pairs = rows.order_by(field.attname).values_list(field.attname, flat=True)
            users: dict[int, int] = defaultdict(int)
            for pk in pairs[:1000]:
                users[pk] += 1
            names = model._base_manager.in_bulk(list(users)[:_SHOWN])
            what = _NAMES.get(referrer.__name__, referrer._meta.verbose_name)
            found += [
                _("{kind}“{name}”已有{what}").format(
                    kind=_NAMES.get(model.__name__, model._meta.verbose_name), name=_named(names[pk]), what=what
                )
                for pk in names
            ]
    if User in made:
        used = User.objects.filter(pk__in=made[User], last_login__isnull=False).values_list("handle", flat=True)
        found += [_("账号“{name}”已登录过").format(name=handle) for handle in used[:_SHOWN]]
    return found[:_SHOWN]


def _named(row: models.Model) -> str:
    return row.user.handle if isinstance(row, Membership) else str(row)


def take_back(job: RegisterImport) -> int:
    """Restore and delete, inside the caller's transaction. Returns how many changed rows were left as they are, because
    somebody has changed them again since."""
    left = 0
    entries: dict[str, list[RegisterImportChange]] = defaultdict(list)
    for entry in RegisterImportChange.objects.filter(register_import=job, is_new=False).order_by("-id"):
        entries[entry.model].append(entry)
    for label, changes in entries.items():
        model = model_of(label)
        rows = model._base_manager.in_bulk([change.object_id for change in changes])
        groups: dict[tuple[str, ...], dict[int, Any]] = defaultdict(dict)
        for change in changes:
            row = rows.get(change.object_id)
            if row is None or any(getattr(row, name) != value for name, value in restorable(row, change.after).items()):
                left += 1
                continue
            before = restorable(row, change.before)
            for name, value in before.items():
                setattr(row, name, value)
            groups[tuple(sorted(before))][row.pk] = row
        for names, group in groups.items():
            update_rows(list(group.values()), names)
    made = _made(job)
    with connection.cursor() as cursor:
        for model in reversed(JOURNALED):
            if not made.get(model):
                continue
            table, ids = model._meta.db_table, made[model]
            if any(field.name == "district" for field in model._meta.local_fields):
                cursor.execute(
                    f'DELETE FROM "{table}" WHERE district_id = %s AND id = ANY(%s)', [current_district_id(), ids]
                )
            else:
                cursor.execute(f'DELETE FROM "{table}" WHERE id = ANY(%s)', [ids])
        # Whatever still points at a deleted row must say so now, not when the request ends.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return left
