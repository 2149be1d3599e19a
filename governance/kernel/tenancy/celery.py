"""The district travels in the task's headers; ``DistrictTask`` opens its scope and transaction."""

from __future__ import annotations

from typing import Any

from celery import Task
from celery.signals import before_task_publish

from governance.kernel.tenancy.context import NoDistrict, district_transaction, optional_district_id

HEADER = "district_id"


@before_task_publish.connect(weak=False)
def _stamp(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None and headers.get(HEADER) is None:
        headers[HEADER] = optional_district_id()


class DistrictTask(Task):
    """Base of tasks that work for one district: scope and one transaction around the whole body.

    A task sent without a district raises ``NoDistrict`` instead of guessing. Set ``opens_transaction = False`` where
    the body commits in batches of its own.
    """

    abstract = True
    opens_transaction = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from governance.kernel.tenancy.context import district_scope

        district_id = getattr(self.request, HEADER, None) or (self.request.headers or {}).get(HEADER)
        if district_id is None:
            raise NoDistrict(f"task {self.name} was sent without a district")
        opener = district_transaction if self.opens_transaction else district_scope
        with opener(int(district_id)):
            return super().__call__(*args, **kwargs)
