"""Explicit grants beyond a post (deputies, task forces, a shared file), held by django-guardian.

Models of our own with a real foreign key, because guardian's generic tables carry no district and would lie outside
row security. One row per person and area or organization, never per ticket.
"""

from __future__ import annotations

from django.db import models
from guardian.models import UserObjectPermissionBase

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models.area import Area
from grids.models.organization import Organization


class AreaGrant(DistrictModel, UserObjectPermissionBase):
    content_object = DistrictForeignKey(Area, models.CASCADE)

    class Meta(DistrictModel.Meta):
        unique_together: list[str] = []
        constraints = [
            models.UniqueConstraint(fields=["district", "user", "permission", "content_object"], name="areagrant_once")
        ]


class OrganizationGrant(DistrictModel, UserObjectPermissionBase):
    content_object = DistrictForeignKey(Organization, models.CASCADE)

    class Meta(DistrictModel.Meta):
        unique_together: list[str] = []
        constraints = [
            models.UniqueConstraint(
                fields=["district", "user", "permission", "content_object"], name="organizationgrant_once"
            )
        ]
