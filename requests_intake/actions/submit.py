"""A resident's words become a ticket. The page, the desk, the API, the importer and the replay all come here."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.masking import looks_masked, masked_words
from governance.kernel.recordings import StoredRecording
from governance.kernel.storage import StoredImage
from governance.kernel.tenancy.context import current_district_id
from grids.patrols.actions.patrols import count_find
from grids.queries import Located, locate
from grids.reference import territory
from requests_intake import channels, classification, routing
from requests_intake.actions.accept import accept_and_dispatch, start_desk_clock
from requests_intake.actions.campaigns import label_new_ticket
from requests_intake.actions.consents import Agreed, check_agreed, keep_consent
from requests_intake.actions.context import savepoint
from requests_intake.actions.letters import await_secretary
from requests_intake.actions.route import apply_rules, keep_failure
from requests_intake.models import Attachment, Channel, Requester, RequestType, Ticket, Urgency
from requests_intake.models.ticket import ONLINE_CHANNELS
from requests_intake.mover import Mover
from requests_intake.numbering import make_number
from requests_intake.policies import TicketPolicy, require_recorder
from requests_intake.reference import CategoryRef, rules
from requests_intake.rulings import Ruling

TITLE_LENGTH = 60
CONTENT_LENGTH = 5_000
EXTERNAL_LENGTH = 60
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PUBLIC_CHANNELS = (Channel.WEB, Channel.TO_SECRETARY)


@dataclass(frozen=True)
class Report:
    """What somebody says: the words, where, and who. Empty strings and None where nothing was said."""

    content: str
    title: str = ""
    request_type: str = ""
    category_code: str = ""
    urgency: str = ""
    channel: str = Channel.WEB
    building_id: int | None = None
    address: str = ""
    point: tuple[float, float] | None = None  # longitude, latitude (WGS-84)
    keeps_point: bool = True  # else it only finds the place and is not stored: where a worker stood is their own matter
    community_id: int | None = None
    name: str = ""
    phone: str = ""
    is_anonymous: bool = False
    is_confidential: bool = False
    is_proactive: bool = False
    about_id: int | None = None  # the organization a report is about: it never gets it
    start_level: str = ""  # the grid worker who has already fixed it keeps it, whatever level the category begins at
    occurred_at: datetime | None = None
    source: str = ""
    source_ref: str = ""
    external_number: str = ""  # and limit of the system that sent it: the stricter limit becomes the promise
    external_due_at: datetime | None = None
    photos: Sequence[StoredImage] = ()
    recordings: Sequence[StoredRecording] = ()
    campaign_ids: Sequence[int] = ()  # 专项 whose label the ticket bears from the start
    is_paper: bool = False  # the photos are of the letter or form itself
    privacy_version: int | None = None  # of the notice the requester was shown, and of the text agreed to; 0: our own
    consent_version: int | None = None
    agreed: Agreed | None = None  # the requester to another reporting for them


@dataclass(frozen=True)
class Submitted:
    """The ticket, and the one-time code to follow it where no phone was left (shown once, kept as a hash)."""

    ticket: Ticket
    follow_code: str


@savepoint
def submit_ticket(
    report: Report,
    *,
    actor: Actor,
    at: datetime | None = None,
    tell: bool = True,
    part_of: Ticket | None = None,
) -> Submitted:
    """Record a ticket; locate, classify, accept and dispatch it in the same transaction where that is possible.

    A ticket without a known place, or a restricted one, waits at the district desk with a clock of its own. Raises
    ``Invalid`` with a sentence per field. At most 12 statements. ``part_of``: the ticket it is split from; requester,
    day and what was promised are then that one's (``actions/split.py``).
    """
    _check(report)
    check_agreed(report.agreed, actor=actor)
    if part_of is None:
        # Of a part, the right to split has been asked, and its channel is the original's.
        _require_recorder(report, actor)
    moment = at or clock.now()
    place = locate(
        building_id=report.building_id, address=report.address, point=report.point, community_id=report.community_id
    )
    is_letter = report.channel == Channel.TO_SECRETARY
    if is_letter and place.community_id is None:
        raise Invalid("no_community", _("请选社区，信才知道写给谁。"), fields={"community": [_("请选社区。")]})
    suggestion = (None, None) if is_letter else classify_report(report)
    category = suggestion[0]
    phone = "" if report.is_anonymous else normal_phone(report.phone)
    requester = _save_requester(report, phone, moment)
    agreed = report.agreed if requester else None
    code = "" if phone or part_of else "".join(secrets.choice(_CODE_ALPHABET) for _i in range(8))
    center = territory().center()
    request_type = report.request_type or classification.suggest_type(report.content)
    ticket = Ticket(
        number=next_number(moment),
        state="",
        channel=report.channel,
        source=report.source,
        source_ref=report.source_ref,
        external_number=report.external_number.strip(),
        external_due_at=report.external_due_at,
        request_type=request_type,
        category_id=category.id if category else None,
        category_confidence=suggestion[1],
        urgency=urgency_of_report(report, category, moment),
        title=(report.title or _first_words(report.content))[:120],
        content=report.content,
        requester=requester,
        is_anonymous=report.is_anonymous,
        is_confidential=report.is_confidential,
        is_restricted=is_letter or request_type == RequestType.REPORT or bool(category and category.pure.is_restricted),
        about_id=report.about_id,
        recorded_by_id=actor.membership_id,
        is_proactive=report.is_proactive,
        patrol_id=_patrol_of(report, actor, part_of),
        follow_code_hash=keyed_hash(code) if code else "",
        address_text=report.address,
        lng=report.point[0] if report.point and report.keeps_point else None,
        lat=report.point[1] if report.point and report.keeps_point else None,
        organization_id=center.id,
        level=center.level,
        max_level=routing.LEVELS[0],
        occurred_at=report.occurred_at,
        submitted_at=moment,
    )
    _refuse_known(ticket, actor)
    apply_place(ticket, place)
    if part_of is not None:
        _belong_to(ticket, part_of)
    ticket.needs_return_visit = not report.is_proactive and request_type not in (
        rules().policy(moment)[1].return_visit.not_for
    )
    mover = Mover(actor, at=moment, tell=tell)
    # Who has already fixed it keeps it: no rule sends it elsewhere.
    ruling = apply_rules(ticket, category, mover) if not (report.start_level or is_letter) else Ruling()
    texts = {"privacy_version": report.privacy_version, "consent_version": report.consent_version}
    shown: dict[str, Any] = {name: number for name, number in texts.items() if number is not None}
    shown |= agreed.payload() if agreed else {}
    mover.add_ticket(ticket)
    waits = place.located_by == "none" or ticket.is_restricted
    if waits:
        shown |= ruling.payload()
    mover.move("submit", ticket, channel=report.channel, located_by=place.located_by, **shown)
    if is_letter:
        await_secretary(mover, ticket)
    elif waits:
        start_desk_clock(mover, ticket)
    else:
        since = part_of.accepted_at if part_of else None
        level = report.start_level
        accept_and_dispatch(mover, ticket, category, start_level=level, ruling=ruling, promised_since=since)
    mover.flush()
    keep_failure(ticket, ruling, mover)
    keep_consent(ticket, agreed, version=report.consent_version, actor=actor, at=moment)
    label_new_ticket(ticket, report.campaign_ids, actor=actor)
    purpose = Attachment.Purpose.PAPER if report.is_paper else Attachment.Purpose.REPORT
    attach_files(ticket, [*report.photos, *report.recordings], purpose, actor.membership_id, moment)
    return Submitted(ticket, code)


def _patrol_of(report: Report, actor: Actor, part_of: Ticket | None) -> int | None:
    """The patrol its recorder is on just now (S3-21). What was written without a network arrives in its order."""
    if part_of is not None:
        return part_of.patrol_id
    is_find = report.channel == Channel.PATROL and report.is_proactive
    return count_find(actor) if is_find else None


def _belong_to(part: Ticket, original: Ticket) -> None:
    """What a part has of the matter it is split from: who asked, when, and how discreetly it is handled."""
    part.requester_id, part.follow_code_hash = original.requester_id, original.follow_code_hash
    part.submitted_at, part.occurred_at = original.submitted_at, original.occurred_at
    part.external_due_at = original.external_due_at
    part.is_anonymous, part.is_confidential = original.is_anonymous, original.is_confidential
    part.is_restricted = part.is_restricted or original.is_restricted
    # Whom the matter is about is outside of every part of it.
    part.about_id = original.about_id


def apply_place(ticket: Ticket, place: Located) -> None:
    """Copy a located place onto the ticket."""
    ticket.area_id, ticket.street_id, ticket.community_id = place.area_id, place.street_id, place.community_id
    ticket.grid_id, ticket.building_id, ticket.compound_id = place.grid_id, place.building_id, place.compound_id
    ticket.located_by = place.located_by


def _check(report: Report) -> None:
    fields: dict[str, list[str]] = {}
    if not report.content.strip():
        fields["content"] = [_("请说说发生了什么。")]
    elif len(report.content) > CONTENT_LENGTH:
        fields["content"] = [
            _("内容最多 {limit} 字，现在 {length} 字。").format(limit=CONTENT_LENGTH, length=len(report.content))
        ]
    if report.channel not in Channel.values:
        fields["channel"] = [_("没有这个渠道。")]
    if report.request_type and report.request_type not in RequestType.values:
        fields["request_type"] = [_("没有这种诉求类型。")]
    if report.urgency and report.urgency not in Urgency.values:
        fields["urgency"] = [_("没有这种紧急程度。")]
    if report.category_code and report.category_code not in rules().by_code:
        fields["category"] = [_("没有这个分类。")]
    fields |= _check_about(report.about_id)
    fields |= {name: [masked_words()] for name in ("name", "phone") if looks_masked(getattr(report, name))}
    phone = normal_phone(report.phone)
    if "phone" not in fields and report.phone.strip() and not 7 <= len(phone) <= 13:
        fields["phone"] = [_("电话号码不对，请检查。")]
    if len(report.external_number.strip()) > EXTERNAL_LENGTH:
        fields["external_number"] = [_("来件编号最多 {limit} 个字。").format(limit=EXTERNAL_LENGTH)]
    if report.point is not None and not (-180 <= report.point[0] <= 180 and -90 <= report.point[1] <= 90):
        fields["point"] = [_("位置不对，请重新定位或写地址。")]
    if fields:
        raise Invalid("invalid_report", _("有些内容需要修改。"), fields=fields)


def _require_recorder(report: Report, actor: Actor) -> None:
    if not actor.is_system and (actor.is_staff or report.channel not in PUBLIC_CHANNELS):
        require_recorder(actor)
        _require_channel(report, actor)


def _require_channel(report: Report, actor: Actor) -> None:
    if channels.only_online(actor) and report.channel not in ONLINE_CHANNELS:
        raise NotAllowed("online_only", _("网络联络员只登记电话和网上来的事，当面说的请社区工作者登记。"))
    if report.channel == Channel.TO_SECRETARY:
        sentence = _("写给书记的信只由本人写，不能代为登记。")
        raise Invalid("own_letter", sentence, fields={"channel": [sentence]})
    if channels.is_closed(report.channel):
        sentence = _("本区没有开通“{channel}”，请选别的渠道。").format(channel=channels.channel_name(report.channel))
        raise Invalid("channel_closed", sentence, fields={"channel": [sentence]})


def _refuse_known(ticket: Ticket, actor: Actor) -> None:
    """A matter the sender numbered is recorded once (S3-13b); whoever may see it is told where.

    Of two at the same moment one waits for the other here, also on both sides of midnight, where each has a day's
    counter of its own.
    """
    if not ticket.external_number:
        return
    with connection.cursor() as cursor:
        named = f"external:{current_district_id()}:{ticket.channel}:{ticket.external_number}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [named])
    same = Ticket.objects.filter(channel=ticket.channel, external_number=ticket.external_number)
    if not same.exists():
        return
    known = TicketPolicy.visible(actor).filter(pk__in=same.values("pk")).values_list("number", flat=True).first()
    words = {"channel": channels.channel_name(ticket.channel), "number": known}
    sentence = (
        _("{channel}的这个编号已经登记过，是 {number}。")
        if known
        else _("{channel}的这个编号已经登记过，不在您的范围内。")
    ).format(**words)
    raise DomainError(
        "external_known",
        sentence,
        status=422,
        fields={"external_number": [sentence]},
        **({"number": known} if known else {}),
    )


def _check_about(organization_id: int | None) -> dict[str, list[str]]:
    if organization_id is not None and organization_id not in territory().organizations:
        return {"about": [_("没有这个单位。")]}
    if organization_id is not None and organization_id == territory().center().id:
        # The confidential desk sits there: nobody is to judge their own house.
        return {"about": [_("反映区指挥中心的，请直接找纪检监察机关，这里不受理。")]}
    return {}


def classify_report(report: Report) -> tuple[CategoryRef | None, float | None]:
    by_code = rules().by_code
    if report.category_code:
        return by_code[report.category_code], None
    found = classification.suggest(report.content, rules().lexicon, 1, title=report.title)
    return (by_code[found[0].code], found[0].confidence) if found else (None, None)


def urgency_of_report(report: Report, category: CategoryRef | None, moment: datetime) -> str:
    """What was chosen, else the more pressing of what the words say and what the category brings with it.

    The policy may raise it by category and season (SLA D.2 overrides) and never lowers it.
    """
    urgency = report.urgency
    if not urgency:
        said = classification.suggest_urgency(f"{report.title} {report.content}").urgency
        by_category = category.pure.urgency if category else Urgency.NORMAL.value
        order = [Urgency.CRITICAL.value, Urgency.URGENT.value, Urgency.COMPLEX.value, Urgency.NORMAL.value]
        urgency = min((said, by_category), key=order.index)
    _version, policy = rules().policy(moment)
    return policy.effective_urgency(urgency, category.code if category else "", clock.local(moment).date())


def _first_words(content: str) -> str:
    first = content.strip().replace("\r", "").split("\n")[0]
    for stop in "。！？!?；;":
        first = first.split(stop)[0]
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"


def _save_requester(report: Report, phone: str, moment: datetime) -> Requester | None:
    if report.is_anonymous or not (phone or report.name.strip()):
        return None
    return Requester.objects.create(
        name=report.name.strip()[:40],
        phone=phone,
        phone_hash=keyed_hash(phone) if phone else "",
        tail_hash=keyed_hash(f"tail:{phone[-4:]}") if phone else "",
        created_at=moment,
    )


def next_number(moment: datetime) -> str:
    """The next number of the day; tickets and cases of mediation draw from one counter."""
    day = clock.local(moment).date()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO requests_intake_numbercounter (district_id, day, last) VALUES (%s, %s, 1) "
            "ON CONFLICT (district_id, day) DO UPDATE SET last = requests_intake_numbercounter.last + 1 RETURNING last",
            [current_district_id(), day],
        )
        return make_number(day, cursor.fetchone()[0])


def attach_photos(
    ticket: Ticket, photos: Sequence[StoredImage], purpose: str, membership_id: int | None, moment: datetime
) -> None:
    """Write the rows of photos that are in the storage already; one statement, none without photos."""
    attach_files(ticket, photos, purpose, membership_id, moment)


def attach_files(
    ticket: Ticket,
    files: Sequence[StoredImage | StoredRecording],
    purpose: str,
    membership_id: int | None,
    moment: datetime,
) -> None:
    """The same for photos and recordings together."""
    common: dict[str, Any] = {"ticket": ticket, "purpose": purpose, "uploaded_by_id": membership_id}
    rows = [
        Attachment(**common, **_columns(stored), created_at=moment, size=stored.size, sha256=stored.sha256)
        for stored in files
    ]
    if rows:
        Attachment.objects.bulk_create(rows)


def _columns(stored: StoredImage | StoredRecording) -> dict[str, Any]:
    if isinstance(stored, StoredImage):
        measures = {"width": stored.width, "height": stored.height}
        return {"file": stored.file, "thumbnail": stored.thumbnail, **measures}
    return {"file": stored.file, "media_type": stored.media_type, "seconds": stored.seconds, "width": 0, "height": 0}
