from grids.visits.models.care import CareBenefit, CareContact, CareLink, CareObject
from grids.visits.models.contact import (
    BuildingSponsor,
    ContactLink,
    ContactMember,
    ContactMessage,
    HubReach,
    PartyHub,
    SponsorHelp,
)
from grids.visits.models.must import MustVisit, MustVisitRule
from grids.visits.models.visit import REACHED, Visit, VisitOutcome, VisitPlan

__all__ = [
    "REACHED",
    "BuildingSponsor",
    "CareBenefit",
    "CareContact",
    "CareLink",
    "CareObject",
    "ContactLink",
    "ContactMember",
    "ContactMessage",
    "HubReach",
    "MustVisit",
    "MustVisitRule",
    "PartyHub",
    "SponsorHelp",
    "Visit",
    "VisitOutcome",
    "VisitPlan",
]
