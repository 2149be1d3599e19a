"""What a row that maps an older grid to ours means against what is mapped already (S3-19)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from grids.importing.errors import RowError
from grids.importing.register import Register
from grids.importing.writing import Writer
from grids.models import Level
from grids.territory.models import LegacyGridRef


class LegacyRows:
    """The same system, code and grid is the same reference: a file given again makes nothing new.

    A code may name several of our grids; that is no mistake of the row but of the old cut, and the list of references
    says so (``legacy.conflicts``). Rows take nothing away: a wrong reference is removed on that list.
    """

    def __init__(self, register: Register, writer: Writer, actor: Actor, shared: dict[str, Any]) -> None:
        self.register, self.writer = register, writer

    @cached_property
    def _known(self) -> dict[tuple[str, str, str], LegacyGridRef]:
        """Read with the first row: planners are made before the batch's transaction, outside the district's scope."""
        rows = LegacyGridRef.objects.select_related("grid")
        return {(row.system, row.code, row.grid.code): row for row in rows}

    def plan(self, given: dict[str, Any]) -> tuple[bool, bool]:
        grid = self.register.areas.get(given["grid"])
        if grid is None or grid.level != Level.GRID:
            raise RowError(_("没有代码为 {code} 的网格").format(code=given["grid"]))
        if grid.ended_on is not None:
            raise RowError(_("网格“{name}”已停用").format(name=grid.name))
        key = (given["system"].strip(), given["code"].strip().upper(), grid.code)
        found = self._known.get(key)
        if found is not None:
            values = {"name": given["name"]} if "name" in given else {}
            return False, self.writer.change(found, values)
        row = LegacyGridRef(system=key[0], code=key[1], grid=grid, name=given.get("name", ""))
        self._known[key] = row
        self.writer.create(row)
        return True, False
