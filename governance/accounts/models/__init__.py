from governance.accounts.models.invitation import Invitation
from governance.accounts.models.membership import ApiToken, Membership, Staff
from governance.accounts.models.notice import Notice
from governance.accounts.models.office import ImpactAssessment, LegalText, PlatformFeedback, SecurityIncident
from governance.accounts.models.user import User

__all__ = [
    "ApiToken",
    "ImpactAssessment",
    "Invitation",
    "LegalText",
    "Membership",
    "Notice",
    "PlatformFeedback",
    "SecurityIncident",
    "Staff",
    "User",
]
