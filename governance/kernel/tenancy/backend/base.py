"""PostgreSQL wrapper that tells the server which district a transaction works for.

``SET LOCAL app.district`` is sent once before the first statement of a transaction and again whenever the scope
changes inside it. It is transaction-local on purpose: a session-level setting leaks to other districts behind a
pooler. In autocommit nothing is set, so a protected table then fails loudly in its own policy.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from governance.kernel.tenancy.context import optional_district_id

_UNSET = object()


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._applied: object = _UNSET
        self.execute_wrappers.append(self._apply_district)

    def _apply_district(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not self.get_autocommit() and not self.needs_rollback:
            wanted = optional_district_id()
            if self._applied is _UNSET or self._applied != wanted:
                value = "" if wanted is None else int(wanted)
                with self.connection.cursor() as cursor:
                    # SET LOCAL rather than set_config(): a distributed PostgreSQL forwards only the former.
                    cursor.execute(f"SET LOCAL app.district = '{value}'")
                self._applied = wanted
        return execute(sql, params, many, context)

    def _forget(self) -> None:
        self._applied = _UNSET

    def connect(self) -> None:
        self._forget()
        super().connect()

    def set_autocommit(self, *args: Any, **kwargs: Any) -> None:
        self._forget()
        super().set_autocommit(*args, **kwargs)

    def _commit(self) -> Any:
        self._forget()
        return super()._commit()  # type: ignore[misc]

    def _rollback(self) -> Any:
        self._forget()
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        # Rolling back to a savepoint reverts a SET LOCAL made after it.
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._forget()
