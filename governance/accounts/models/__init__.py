from governance.accounts.models.membership import ApiToken, Membership, Staff
from governance.accounts.models.notice import Notice
from governance.accounts.models.user import User

__all__ = ["ApiToken", "Membership", "Notice", "Staff", "User"]
