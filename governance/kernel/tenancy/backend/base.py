"""PostgreSQL wrapper that tells the server which district a transaction works for.

``SET LOCAL app.district`` is sent once before the first statement of a transaction and again whenever the scope
changes inside it. It is transaction-local on purpose: a session-level setting leaks to other districts behind a
pooler. In autocommit nothing is set, so a protected table then fails loudly in its own policy.
"""

from django.db.backends.postgresql import base

from governance.kernel.tenancy.context import optional_district_id

_UNSET = object()


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._applied = _UNSET
        self.execute_wrappers.append(self._apply_district)

    def _apply_district(self, execute, sql, params, many, context):
        if not self.get_autocommit() and not self.needs_rollback:
            wanted = optional_district_id()
            if self._applied is _UNSET or self._applied != wanted:
                with self.connection.cursor() as cursor:
                    # SET LOCAL rather than set_config(): a distributed PostgreSQL forwards only the former.
                    cursor.execute("SET LOCAL app.district = '%s'" % ("" if wanted is None else int(wanted)))
                self._applied = wanted
        return execute(sql, params, many, context)

    def _forget(self):
        self._applied = _UNSET

    def connect(self):
        self._forget()
        super().connect()

    def set_autocommit(self, *args, **kwargs):
        self._forget()
        super().set_autocommit(*args, **kwargs)

    def _commit(self):
        self._forget()
        return super()._commit()

    def _rollback(self):
        self._forget()
        return super()._rollback()

    def _savepoint_rollback(self, sid):
        # Rolling back to a savepoint reverts a SET LOCAL made after it.
        super()._savepoint_rollback(sid)
        self._forget()
