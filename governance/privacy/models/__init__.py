from governance.privacy.models.disclosure import Disclosure, DisclosureAllowance, DisclosureCount
from governance.privacy.models.request import PersonRequest
from governance.privacy.models.retention import Certificate, LegalHold, RetentionRule

__all__ = [
    "Certificate",
    "Disclosure",
    "DisclosureAllowance",
    "DisclosureCount",
    "LegalHold",
    "PersonRequest",
    "RetentionRule",
]
