from grids.households.models.element import GridElement
from grids.households.models.figure import BaseFigure, BuildingGap
from grids.households.models.household import Household, HouseholdMove, Person
from grids.households.models.tag import HouseholdTag, HouseholdTagging, ServiceRole

__all__ = [
    "BaseFigure",
    "BuildingGap",
    "GridElement",
    "Household",
    "HouseholdMove",
    "HouseholdTag",
    "HouseholdTagging",
    "Person",
    "ServiceRole",
]
