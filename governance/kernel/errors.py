"""Errors a user can understand. People and machines get the same object, rendered in one place."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A refused act: a stable ``code``, a sentence in the user's language, an HTTP status and data.

    ``fields`` maps a field's name to the sentences about it.
    """

    status = 409

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        fields: dict[str, list[str]] | None = None,
        **data: Any,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.data = data
        if status is not None:
            self.status = status


class NotAllowed(DomainError):
    """Inside the scope but without the right."""

    status = 403


class NotFound(DomainError):
    """Outside the scope: as if it did not exist."""

    status = 404


class Invalid(DomainError):
    """The input cannot be accepted as it is."""

    status = 422
