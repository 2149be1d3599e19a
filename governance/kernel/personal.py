"""Which columns hold a name, a number or an address of a person, judged by what they are called.

Such a column is encrypted (``EncryptedTextField``), or stands below with the reason why it need not be.
"""

from __future__ import annotations

import re

from django.apps import apps
from django.db import models

from governance.kernel.crypto import EncryptedTextField, KeyedHashField

_OF_A_PERSON = re.compile(
    r"(^|_)(name|names|phone|mobile|tel|contact|address|identity|card|email|birth|born|wechat|person|handle|assessors)"
    r"(_|$)"
)
_OURS = ("governance", "grids", "requests_intake", "services", "deliberation", "party_org", "analytics")

PLAIN: dict[str, str] = {
    "accounts.ApiToken.name": "what a program's key is for",
    "accounts.Authenticator.name": "which second factor it is",
    "accounts.ImpactAssessment.assessors": "an office or colleagues who signed an assessment kept for the authority",
    "accounts.NotificationSettings.email_sender": "the office's own address, read by whoever gets its messages",
    "accounts.SecurityIncident.contact": "the office that people affected by an incident may call: published",
    "accounts.User.handle": "an account name that the district gives; it need not and should not be a person's name",
    "grids.Area.name": "a place",
    "grids.Building.address": "a place",
    "grids.Building.name": "a place",
    "grids.Compound.address": "a place",
    "grids.Compound.name": "a place",
    "grids.Organization.name": "an office",
    "grids.Organization.phone": "an office's published number",
    "grids.Post.name": "a post, not who holds it",
    "grids.RegisterImport.file_name": "the name of a file",
    "households.GridElement.address": "a place",
    "households.GridElement.name": "a place or a thing in the street",
    "households.HouseholdTag.name": "a word for a kind of household",
    "households.ServiceRole.name": "a role in which somebody serves",
    "visits.MustVisitRule.name": "a word for what happened, or the tag's name",
    "visits.VisitOutcome.name": "a word for what came of a visit",
    "territory.GridChangePart.name": "a place",
    "territory.LegacyGridRef.name": "a place",
    "kernel.CalendarDay.name": "a holiday",
    "kernel.District.name": "a district",
    "kernel.NationalCalendarDay.name": "a holiday",
    "posts.BusinessLine.name": "a line of business",
    "requests_intake.Campaign.name": "a piece of work of some weeks",
    "requests_intake.Category.name": "a kind of matter",
    "requests_intake.MediationCommittee.name": "a committee",
    "requests_intake.MediationCommittee.phone": "an office's published number",
    "requests_intake.SeasonTemplate.name": "a part of the year",
    "requests_intake.ChannelSetting.name": "a way in",
    "requests_intake.Ticket.address_text": "where something is broken; must be found by words, and goes after its term",
    "requests_intake.TicketTransition.actor_name": "the post acted in, or a part of the system",
    "requests_intake.Whistle.address_text": "where organizations are to come; goes after its term",
    "requests_intake.WhistleTransition.actor_name": "the post acted in, or a part of the system",
    "desks.SavedView.name": "conditions of a list",
    "services.AnnouncementTransition.actor_name": "the post acted in",
}


def columns_of_persons() -> list[models.Field]:
    """Text columns of our models whose name says that they hold something of a person."""
    return [
        field
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.split(".")[0] in _OURS
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not isinstance(field, KeyedHashField)
        and not field.choices
        and _OF_A_PERSON.search(field.name)
    ]


def label_of(field: models.Field) -> str:
    return f"{field.model._meta.label}.{field.name}"


def unprotected_columns() -> list[str]:
    """Those that are neither encrypted nor in ``PLAIN``; empty when every one is accounted for."""
    return [
        label_of(field)
        for field in columns_of_persons()
        if not isinstance(field, EncryptedTextField) and label_of(field) not in PLAIN
    ]
