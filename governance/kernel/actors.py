"""Who acts. Every action takes an ``Actor``; what it may do is decided by the policies from its roles."""

from __future__ import annotations

from dataclasses import dataclass

HEADS = frozenset({"building_head", "unit_head"})
"""Kinds of post of residents who serve their own building: told things, they handle no matter and read nobody's."""

ADVISERS = frozenset({"party_instructor", "community_police", "legal_adviser", "chief_justice_adviser"})
"""Kinds of post beside the staff of a place: people one can turn to, each post held by one person (S0-07, S3-03).
They handle no matter, are in nobody's queue and read nobody's."""


@dataclass(frozen=True, slots=True)
class Role:
    """What one post, or one explicit grant, makes of a person.

    ``kind`` is the post's (``grid_worker``, ``street_dispatcher`` …); ``level`` and ``area_id`` say which rows it
    covers; ``organization_id`` whose work orders it handles.
    """

    kind: str
    level: str
    area_id: int | None
    organization_id: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of the district, a requester who proved one ticket is theirs, or a named part of the system."""

    name: str
    membership_id: int | None = None
    user_id: int | None = None
    roles: tuple[Role, ...] = ()
    ticket_id: int | None = None
    is_system: bool = False

    @classmethod
    def system(cls, name: str) -> Actor:
        return cls(name=name, is_system=True)

    @classmethod
    def requester(cls, ticket_id: int) -> Actor:
        """Somebody who knows a ticket's number and its phone tail or one-time code."""
        return cls(name="requester", ticket_id=ticket_id)

    @classmethod
    def public(cls) -> Actor:
        """Anybody with the public form before them."""
        return cls(name="public")

    @property
    def role_kinds(self) -> frozenset[str]:
        return frozenset(role.kind for role in self.roles)

    @property
    def is_staff(self) -> bool:
        return self.membership_id is not None

    @property
    def principal(self) -> str:
        """Stable text that names the actor in audit and idempotency rows."""
        return f"member:{self.membership_id}" if self.membership_id else self.name
