from governance.accounts.models.invitation import Invitation
from governance.accounts.models.membership import ApiToken, Membership, Staff
from governance.accounts.models.notice import Notice
from governance.accounts.models.notification import Delivery, NotificationPreference, NotificationSettings, Robot
from governance.accounts.models.office import ImpactAssessment, LegalText, PlatformFeedback, SecurityIncident
from governance.accounts.models.resident import Resident, ResidentSession, SmsCode
from governance.accounts.models.sign_in import Authenticator, PasswordRecord, RecoveryCode
from governance.accounts.models.user import User

__all__ = [
    "ApiToken",
    "Authenticator",
    "Delivery",
    "ImpactAssessment",
    "Invitation",
    "LegalText",
    "Membership",
    "Notice",
    "NotificationPreference",
    "NotificationSettings",
    "PasswordRecord",
    "PlatformFeedback",
    "RecoveryCode",
    "Resident",
    "ResidentSession",
    "Robot",
    "SecurityIncident",
    "SmsCode",
    "Staff",
    "User",
]
