from privacy.models.disclosure import Disclosure, DisclosureAllowance, DisclosureCount
from privacy.models.request import PersonRequest
from privacy.models.retention import Certificate, LegalHold, RetentionRule

__all__ = [
    "Certificate",
    "Disclosure",
    "DisclosureAllowance",
    "DisclosureCount",
    "LegalHold",
    "PersonRequest",
    "RetentionRule",
]
