"""Numbers too small to show: one of a few could be told who it is.

Restricted matters (reports, letters) are in one number alone, of the whole district, and only from five up.
No street, community, category, channel or level has them, and no number that opens rows does.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from analytics.facts import Period, totals
from requests_intake.restricted_register import guarded


def restricted_words(period: Period) -> str:
    """Restricted matters received in a period, in words; of fewer than five only that they are few. Two statements."""
    everything, others = (
        sum(totals(period, "street", measures=("submitted",), confidential=each).values()) for each in (True, False)
    )
    return _("{number} 件").format(number=guarded(everything - others))
