from grids.patrols.models.patrol import Patrol, PatrolCrew, PatrolPointCheck
from grids.patrols.models.plan import PatrolPlan, PatrolPoint, PatrolShift
from grids.patrols.models.round import BuildingRound

__all__ = ["BuildingRound", "Patrol", "PatrolCrew", "PatrolPlan", "PatrolPoint", "PatrolPointCheck", "PatrolShift"]
