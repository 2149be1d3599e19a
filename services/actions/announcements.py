"""Announcements: drafted, published once and for all, corrected in a new version, withdrawn with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.kernel import audit, clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import SearchEntry
from governance.kernel.search import index_objects
from governance.kernel.tenancy.context import current_district_id
from grids.reference import Holder
from services.audience import Audience, audience_of, check_scope, staff_of, target_rows
from services.models import (
    Announcement,
    AnnouncementTarget,
    AnnouncementTransition,
    AnnouncementVersion,
    Delivery,
)
from services.policies import AnnouncementPolicy, require_publisher

SEARCH_KIND = "announcement"
BATCH = 1_000  # rows of one INSERT: a district's whole staff is a handful of statements

_State = Announcement.State


@dataclass(frozen=True)
class Draft:
    """What an announcement says. ``visible_until``: the last day, None for no end."""

    title: str
    text: str
    kind: str = Announcement.Kind.OTHER
    visible_until: date | None = None
    is_pinned: bool = False
    wants_receipt: bool = False


@transaction.atomic
def draft_announcement(draft: Draft, *, organization_id: int, audience: Audience, actor: Actor) -> Announcement:
    """A new draft of one of the actor's offices. Raises ``NotAllowed``; ``Invalid`` with the sentences by field."""
    organization = require_publisher(actor, organization_id)
    assert actor.membership_id is not None  # only people hold posts
    _check_words(draft.title, draft.text, draft.visible_until)
    check_scope(audience, organization)
    with connection.cursor() as cursor:
        # Two drafts at once must not take the same number.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('announcement_number'), %s)", [current_district_id()])
    last = Announcement.objects.aggregate(last=Max("number"))["last"] or 0
    row = Announcement(
        number=last + 1, organization_id=organization.id, author_id=actor.membership_id, created_at=clock.now()
    )
    _fill(row, draft, audience)
    row.save()
    AnnouncementTarget.objects.bulk_create(target_rows(row.pk, audience), batch_size=BATCH)
    _index(row)
    _tell(row, "draft", actor)
    return row


@transaction.atomic
def edit_draft(announcement: Announcement, draft: Draft, *, audience: Audience, actor: Actor) -> Announcement:
    """Change everything but the office. Only before it is published. Raises as ``draft_announcement``."""
    row = _locked("edit", announcement, actor)
    organization = require_publisher(actor, row.organization_id)
    _check_words(draft.title, draft.text, draft.visible_until)
    check_scope(audience, organization)
    _fill(row, draft, audience)
    row.save()
    AnnouncementTarget.objects.filter(announcement=row).delete()
    AnnouncementTarget.objects.bulk_create(target_rows(row.pk, audience), batch_size=BATCH)
    _index(row)
    _tell(row, "edit", actor)
    return row


@transaction.atomic
def discard_draft(announcement: Announcement, *, actor: Actor) -> None:
    """A draft nobody has seen leaves nothing but its line in the audit."""
    row = _locked("discard", announcement, actor)
    _tell(row, "discard", actor)
    SearchEntry.objects.filter(kind=SEARCH_KIND, object_id=row.pk).delete()
    row.delete()


@transaction.atomic
def publish_announcement(announcement: Announcement, *, actor: Actor) -> Announcement:
    """From now on it is read. Who of the staff is addressed is settled now, one delivery each; the outbox tells them.

    Raises ``NotAllowed``; ``DomainError`` ``not_draft``; ``Invalid`` (its last day has passed, its places are gone,
    nobody is in the posts it addresses).
    """
    row = _locked("publish", announcement, actor)
    organization = require_publisher(actor, row.organization_id)
    _check_words(row.title, row.text, row.visible_until)
    audience = audience_of(AnnouncementTarget.objects.filter(announcement=row))
    check_scope(audience, organization)
    staff = staff_of(audience)
    if not row.is_public and not staff:
        raise Invalid("nobody_in_post", _("这些岗位现在没有人（缺岗），没有人会收到。请换岗位或改发给居民。"))
    row.state, row.published_at = _State.PUBLISHED, clock.now()
    row.save(update_fields=["state", "published_at"])
    _keep_version(row, "", actor)
    Delivery.objects.bulk_create(_deliveries(row, staff.values()), batch_size=BATCH)
    _move(row, "publish", _State.DRAFT, actor, staff=len(staff))
    return row


@transaction.atomic
def correct_announcement(
    announcement: Announcement, *, title: str, text: str, visible_until: date | None, note: str, actor: Actor
) -> Announcement:
    """A new version that says what was corrected; the earlier words stay readable and staff are told again.

    Raises ``NotAllowed``; ``DomainError`` ``not_published`` or ``unchanged``; ``Invalid`` with sentences by field.
    """
    row = _locked("correct", announcement, actor)
    note = _sentence(note, "note", _("请写明更正了什么，居民会看到。"))
    _check_words(title, text, visible_until)
    if (row.title, row.text, row.visible_until) == (title.strip(), text.strip(), visible_until):
        raise DomainError("unchanged", _("和现在的一样，没有更正。"))
    row.title, row.text, row.visible_until = title.strip(), text.strip(), visible_until
    row.version += 1
    row.corrected_at = clock.now()
    row.save(update_fields=["title", "text", "visible_until", "version", "corrected_at"])
    _keep_version(row, note, actor)
    _index(row)
    _move(row, "correct", _State.PUBLISHED, actor, version=row.version)
    return row


@transaction.atomic
def withdraw_announcement(announcement: Announcement, *, reason: str, actor: Actor) -> Announcement:
    """No longer shown; whoever opens its address reads that it was withdrawn, and why. By its office or one above.

    Raises ``NotAllowed``; ``DomainError`` ``not_published``; ``Invalid`` without a reason.
    """
    row = _locked("withdraw", announcement, actor)
    row.withdrawal = _sentence(reason, "reason", _("请写撤回原因，打开这条公告的人会看到。"))
    row.state, row.withdrawn_at = _State.WITHDRAWN, clock.now()
    row.save(update_fields=["state", "withdrawn_at", "withdrawal"])
    _move(row, "withdraw", _State.PUBLISHED, actor)
    return row


@transaction.atomic
def confirm_reading(announcement: Announcement, *, actor: Actor) -> bool:
    """The actor, addressed by it, has read the present version. False where it was not addressed to them."""
    rows = Delivery.objects.filter(announcement=announcement, membership_id=actor.membership_id)
    fresh = rows.exclude(read_version=announcement.version)
    fresh.update(read_at=clock.now(), read_version=announcement.version)
    return rows.exists()


def _locked(verb: str, announcement: Announcement, actor: Actor) -> Announcement:
    row: Announcement = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
    if AnnouncementPolicy.allows(actor, verb, row):
        return row
    drafted = verb in ("edit", "discard", "publish")
    if drafted and row.state != _State.DRAFT:
        raise DomainError("not_draft", _("这条公告已经发布过了，只能更正或撤回。"))
    if not drafted and row.state != _State.PUBLISHED:
        raise DomainError("not_published", _("这条公告现在没有在发布。"))
    require_publisher(actor, row.organization_id)
    raise NotAllowed("no_publisher", _("您的岗位不能这样处理这条公告。"))


def _check_words(title: str, text: str, visible_until: date | None) -> None:
    wrong: dict[str, list[str]] = {}
    if not title.strip():
        wrong["title"] = [_("请写标题。")]
    if not text.strip():
        wrong["text"] = [_("请写正文。")]
    if visible_until is not None and visible_until < clock.today():
        wrong["visible_until"] = [_("这一天已经过去了，请填今天或以后。")]
    if wrong:
        raise Invalid("announcement_incomplete", " ".join(words[0] for words in wrong.values()), fields=wrong)


def _sentence(text: str, field: str, otherwise: str) -> str:
    if not text.strip():
        raise Invalid("reason_missing", otherwise, fields={field: [otherwise]})
    return text.strip()[:200]


def _fill(row: Announcement, draft: Draft, audience: Audience) -> None:
    row.title, row.text = draft.title.strip(), draft.text.strip()
    row.kind, row.visible_until = draft.kind, draft.visible_until
    row.is_pinned, row.wants_receipt = draft.is_pinned, draft.wants_receipt
    row.is_public = audience.is_public


def _index(row: Announcement) -> None:
    index_objects(SEARCH_KIND, [(row.pk, f"{row.title} {row.text}")])


def _deliveries(row: Announcement, staff: Iterable[Holder]) -> list[Delivery]:
    return [
        Delivery(
            announcement_id=row.pk,
            membership_id=holder.membership_id,
            organization_id=holder.organization_id,
            post_kind=holder.kind,
        )
        for holder in staff
    ]


def _keep_version(row: Announcement, note: str, actor: Actor) -> None:
    AnnouncementVersion.objects.create(
        announcement=row, version=row.version, title=row.title, text=row.text, visible_until=row.visible_until,
        note=note, author_id=actor.membership_id, at=clock.now(),
    )  # fmt: skip


def _move(row: Announcement, move: str, from_state: str, actor: Actor, **payload: Any) -> None:
    outbox.write(
        [
            AnnouncementTransition(
                announcement=row, move=move, from_state=from_state, to_state=row.state, at=clock.now(),
                actor_id=actor.membership_id, actor_name=actor.name[:40], payload=payload,
            )
        ]
    )  # fmt: skip
    _tell(row, move, actor, **payload)


def _tell(row: Announcement, verb: str, actor: Actor, **detail: Any) -> None:
    audit.record(
        f"announcement.{verb}", actor=actor, object_kind="announcement", object_id=row.pk,
        number=row.number, organization=row.organization_id, **detail,
    )  # fmt: skip
