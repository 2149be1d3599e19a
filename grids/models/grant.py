"""Explicit grants beyond a post (deputies, task forces, a shared file), held by django-guardian.

Models of our own with a real foreign key, because guardian's generic tables carry no district and would lie outside
row security. One row per person and area or organization, never per ticket.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictManager, DistrictModel
from grids.models.area import Area
from grids.models.organization import Organization


class GrantManager(DistrictManager, UserObjectPermissionManager):
    """Guardian's verbs on the district's rows."""


class AreaGrant(DistrictModel, UserObjectPermissionBase):
    # Guardian finds this model through the visible reverse relation; without one it would write its generic table.
    content_object = DistrictForeignKey(Area, models.CASCADE, related_name="grants")

    objects: ClassVar[GrantManager] = GrantManager()

    class Meta(DistrictModel.Meta):
        unique_together: ClassVar[list[str]] = []
        constraints = [
            models.UniqueConstraint(fields=["district", "user", "permission", "content_object"], name="areagrant_once")
        ]


class OrganizationGrant(DistrictModel, UserObjectPermissionBase):
    content_object = DistrictForeignKey(Organization, models.CASCADE, related_name="grants")

    objects: ClassVar[GrantManager] = GrantManager()

    class Meta(DistrictModel.Meta):
        unique_together: ClassVar[list[str]] = []
        constraints = [
            models.UniqueConstraint(
                fields=["district", "user", "permission", "content_object"], name="organizationgrant_once"
            )
        ]
