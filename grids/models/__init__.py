from grids.models.absence import Absence
from grids.models.area import Area, AreaBorder, Level
from grids.models.band import HouseholdBand
from grids.models.building import Building, Compound, Room, Unit
from grids.models.grant import AreaGrant, OrganizationGrant
from grids.models.organization import SEPARATED, Organization, Post, PostAssignment, PostKind
from grids.models.register_import import RegisterImport, RegisterImportChange, RegisterImportRow

__all__ = [
    "SEPARATED",
    "Absence",
    "Area",
    "AreaBorder",
    "AreaGrant",
    "Building",
    "Compound",
    "HouseholdBand",
    "Level",
    "Organization",
    "OrganizationGrant",
    "Post",
    "PostAssignment",
    "PostKind",
    "RegisterImport",
    "RegisterImportChange",
    "RegisterImportRow",
    "Room",
    "Unit",
]
