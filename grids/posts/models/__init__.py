from grids.posts.models.force import Force, ForceSkill
from grids.posts.models.law import LawBuilding, LawCheck
from grids.posts.models.line import BusinessLine, LineAssignment
from grids.posts.models.nomination import Candidate, HouseholdVote, NominationRound

__all__ = [
    "BusinessLine",
    "Candidate",
    "Force",
    "ForceSkill",
    "HouseholdVote",
    "LawBuilding",
    "LawCheck",
    "LineAssignment",
    "NominationRound",
]
