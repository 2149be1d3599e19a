"""What every table of a district inherits."""

from __future__ import annotations

from typing import Any

from django.db import models

from governance.kernel.tenancy.context import current_district_id


class DistrictQuerySet(models.QuerySet):
    """Rows of the district in scope; see ``DistrictManager``."""


class DistrictManager(models.Manager.from_queryset(DistrictQuerySet)):  # type: ignore[misc]
    """Adds the explicit ``district_id`` filter and refuses to work without a scope.

    Row security isolates; the filter lets indexes that begin with the district be used and a distributed
    database route the statement to one shard.
    """

    def get_queryset(self) -> DistrictQuerySet:
        return super().get_queryset().filter(district_id=current_district_id())


class DistrictModel(models.Model):
    """A row that belongs to one district.

    The database primary key is ``(district_id, id)``; Django keeps ``id``. ``ProtectTables`` in the app's migration
    makes the key, the composite foreign keys and the row security; a system check finds a table without them.
    """

    district = models.ForeignKey(
        "kernel.District",
        models.PROTECT,
        default=current_district_id,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name="区",
    )

    objects = DistrictManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def _do_update(self, base_qs: Any, *args: Any) -> Any:
        return super()._do_update(base_qs.filter(district_id=self.district_id), *args)


class DistrictForeignKey(models.ForeignKey):
    """A reference inside one district: ``(district_id, x_id) → (district_id, id)``.

    Foreign key checks ignore row security, so only the composite form keeps a row from pointing into another
    district. The constraint itself is made by ``ProtectTables``/``AddCompositeKey``.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs["db_index"] = self.db_index  # type: ignore[attr-defined]
        return name, path, args, kwargs
