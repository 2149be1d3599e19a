"""What follows from publishing, correcting, withdrawing: a line in the in-app inbox of everybody addressed."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import clock, outbox
from governance.kernel.actors import HEADS
from services.audience import ON_THE_GROUND
from services.models import AnnouncementTransition, Delivery


@outbox.after_commit(AnnouncementTransition)
def tell_addressed(transitions: Sequence[AnnouncementTransition]) -> None:
    """One notice per member and transition, however often it is told; then the deliveries are marked."""
    words = {"publish": _("公告"), "correct": _("公告更正"), "withdraw": _("公告撤回")}
    moment = clock.now()
    by_announcement: dict[int, list[Delivery]] = {}
    rows = {row.announcement_id for row in transitions}
    for delivery in Delivery.objects.filter(announcement_id__in=rows).select_related("announcement"):
        by_announcement.setdefault(delivery.announcement_id, []).append(delivery)
    notices = [
        Notice(
            membership_id=delivery.membership_id,
            source=f"announcement-transition:{row.pk}",
            kind="announcement",
            brief=words[row.move],
            text=f"{words[row.move]}：{delivery.announcement.title}"[:200],
            path=f"/{_surface(delivery)}/announcements/{delivery.announcement.number}/",
            created_at=moment,
        )
        for row in transitions
        for delivery in by_announcement.get(row.announcement_id, ())
        if delivery.membership_id != row.actor_id  # nobody is told what they did themselves
    ]
    tell(notices)
    Delivery.objects.filter(announcement_id__in=rows, delivered_at=None).update(delivered_at=moment)


def _surface(delivery: Delivery) -> str:
    return "m" if delivery.post_kind in ON_THE_GROUND | HEADS else "desk"
