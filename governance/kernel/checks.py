"""System checks: database safety and the shape of district models."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, models

from governance.kernel.audit import KEPT_AT_LEAST
from governance.kernel.tenancy.guard import district_models, tenancy_problems
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


@register(Tags.models)
def check_district_models(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Composite references, district-led unique constraints, and the filtering manager on every district model."""
    found: list[CheckMessage] = []
    for model in district_models():
        options = model._meta
        if options.base_manager_name != "objects":
            found.append(Error(f"{model.__name__}.Meta must inherit DistrictModel.Meta", id="kernel.E001"))
        for field in options.local_fields:
            target = field.related_model if field.is_relation else None
            inside = isinstance(target, type) and issubclass(target, DistrictModel)
            if inside and not isinstance(field, DistrictForeignKey):
                found.append(Error(f"{model.__name__}.{field.name} must be a DistrictForeignKey", id="kernel.E002"))
            if field.unique and not field.primary_key:
                found.append(Error(f"{model.__name__}.{field.name}: unique across districts", id="kernel.E003"))
        found += [
            Error(f"{constraint.name} must begin with the district", id="kernel.E003")
            for constraint in options.constraints
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields[:1] != ("district",)
        ]
        if options.unique_together or options.local_many_to_many:
            found.append(Error(f"{model.__name__}: use constraints and explicit link tables", id="kernel.E004"))
    return found


@register(Tags.security)
def check_audit_is_kept(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Logs are kept for six months at least (Cybersecurity Law, art. 23)."""
    if settings.AUDIT_KEEP_DAYS >= KEPT_AT_LEAST:
        return []
    return [Error(f"AUDIT_KEEP_DAYS must be {KEPT_AT_LEAST} or more", id="kernel.E012")]


@register(Tags.database)
def check_database(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The application's own connection keeps districts apart, and Chinese words can be indexed."""
    found: list[CheckMessage] = []
    if "default" in (databases or ()) and "owner" not in settings.DATABASES:
        found += [Error(text, id="kernel.E010") for text in tenancy_problems(connections["default"])]
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT '路灯' ~ '^[[:alpha:]]+$'")
            if not cursor.fetchone()[0]:
                found.append(
                    Error(
                        f"database {alias} does not know Chinese letters (LC_CTYPE=C?)",
                        hint="Create it with --locale-provider=builtin --locale=C.UTF-8 (or ICU, or C.UTF-8).",
                        id="kernel.E011",
                    )
                )
    return found
