from requests_intake.models.application import Application
from requests_intake.models.attachment import Attachment
from requests_intake.models.campaign import BatchReport, BatchReportRow, Campaign, TicketCampaign
from requests_intake.models.channel import ChannelSetting
from requests_intake.models.circular import Circular
from requests_intake.models.clinic import ClinicBooking, ClinicDay, ClinicDuty
from requests_intake.models.clock import FIELD_MOVES, RUNNING_LIMITS, Clock, ClockEntry, ClockKind
from requests_intake.models.clock_check import ClockCheck
from requests_intake.models.consent import Consent
from requests_intake.models.duplicate import TicketMerge, TicketRepeat, TicketSplit
from requests_intake.models.evaluation import EvaluationEntry
from requests_intake.models.follow_up import DrawSeed, FollowUp, SampleDraw, UnreasonableClaim
from requests_intake.models.grid_message import GridMessage, GridMessageFlag
from requests_intake.models.knowledge import KnowledgeArticle, KnowledgeHelp, KnowledgeUse, KnowledgeVersion
from requests_intake.models.mediation import (
    MediationAgreement,
    MediationCase,
    MediationExtension,
    MediationKind,
    MediationMember,
    MediationMode,
    MediationParty,
    MediationSession,
    MediationVisit,
)
from requests_intake.models.mediation_register import CommitteeMember, MediationCommittee
from requests_intake.models.outcome import Note, Rating, ReturnVisit, Solved, Verification, VisitChannel
from requests_intake.models.proactive import ProactiveOrigin, ProactiveTask, SeasonTemplate
from requests_intake.models.reference import Category, LimitPolicy, NumberCounter, ReplyPhrase
from requests_intake.models.restricted import CaseMember
from requests_intake.models.routing import RoutingFailure, RoutingRuleSet
from requests_intake.models.supervision import Supervision
from requests_intake.models.ticket import Channel, Requester, RequestType, Satisfaction, Ticket, Urgency
from requests_intake.models.transition import TicketTransition
from requests_intake.models.upload import PhotoUpload
from requests_intake.models.visit_ticket import VisitTicket
from requests_intake.models.whistle import (
    ReportIn,
    Whistle,
    WhistleKind,
    WhistleLimits,
    WhistleNote,
    WhistleTarget,
    WhistleTicket,
    WhistleTransition,
)
from requests_intake.models.work_order import WorkOrder

__all__ = [
    "FIELD_MOVES",
    "RUNNING_LIMITS",
    "Application",
    "Attachment",
    "BatchReport",
    "BatchReportRow",
    "Campaign",
    "CaseMember",
    "Category",
    "Channel",
    "ChannelSetting",
    "Circular",
    "ClinicBooking",
    "ClinicDay",
    "ClinicDuty",
    "Clock",
    "ClockCheck",
    "ClockEntry",
    "ClockKind",
    "CommitteeMember",
    "Consent",
    "DrawSeed",
    "EvaluationEntry",
    "FollowUp",
    "GridMessage",
    "GridMessageFlag",
    "KnowledgeArticle",
    "KnowledgeHelp",
    "KnowledgeUse",
    "KnowledgeVersion",
    "LimitPolicy",
    "MediationAgreement",
    "MediationCase",
    "MediationCommittee",
    "MediationExtension",
    "MediationKind",
    "MediationMember",
    "MediationMode",
    "MediationParty",
    "MediationSession",
    "MediationVisit",
    "Note",
    "NumberCounter",
    "PhotoUpload",
    "ProactiveOrigin",
    "ProactiveTask",
    "Rating",
    "ReplyPhrase",
    "ReportIn",
    "RequestType",
    "Requester",
    "ReturnVisit",
    "RoutingFailure",
    "RoutingRuleSet",
    "SampleDraw",
    "Satisfaction",
    "SeasonTemplate",
    "Solved",
    "Supervision",
    "Ticket",
    "TicketCampaign",
    "TicketMerge",
    "TicketRepeat",
    "TicketSplit",
    "TicketTransition",
    "UnreasonableClaim",
    "Urgency",
    "Verification",
    "VisitChannel",
    "VisitTicket",
    "Whistle",
    "WhistleKind",
    "WhistleLimits",
    "WhistleNote",
    "WhistleTarget",
    "WhistleTicket",
    "WhistleTransition",
    "WorkOrder",
]
