"""Residents sign in with a code sent to their phone (standards B.8). No account is needed to report or to follow."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Max
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from governance.accounts.models import Membership, Resident, ResidentSession, SmsCode, User
from governance.accounts.tasks import hand_over
from governance.accounts.tokens import hash_secret
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import MOBILE, keyed_hash, keyed_hashes, normal_phone
from governance.kernel.errors import DomainError, Invalid

DIGITS = 6
LIFE = timedelta(minutes=5)
AGAIN_AFTER = timedelta(seconds=60)
TRIES = 5
KEPT = timedelta(days=90)
BORROWED = timedelta(hours=1)

_OF_PHONE, _OF_ADDRESS = 7001, 7002  # kinds of advisory locks, taken in this order


@dataclass(frozen=True)
class Sent:
    """The code that is on its way, by its row; ``code`` itself is for the gateway, and for the page of a demo."""

    code_id: int
    code: str


@transaction.atomic
def request_code(*, phone: str, address: str, actor: Actor, voice: bool = False) -> Sent:
    """Send a fresh code to a number, after the commit.

    Nothing here asks who the number belongs to, so nothing in the answer or its duration can tell: known, unknown and
    closed accounts are the same. ``address`` is the caller's; of IPv6 the first 64 bits count. Raises ``Invalid`` (no
    mobile number) and ``DomainError`` 429: ``too_soon`` (60 s), ``enough_today`` (5 a day and number),
    ``enough_here`` (``SMS_DAILY_PER_ADDRESS`` a day and address).
    """
    digits = normal_phone(phone)
    if not MOBILE.fullmatch(digits):
        sentence = _("请填 11 位手机号，座机收不到短信。")
        raise Invalid("no_mobile", sentence, fields={"phone": [sentence]})
    now, place = clock.now(), f"address:{_network(address)}"
    _serialize(_OF_PHONE, digits)
    _serialize(_OF_ADDRESS, place)
    _check_limits(digits, place, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = SmsCode.objects.create(
        phone_hash=keyed_hash(digits),
        address_hash=keyed_hash(place),
        code_hash=keyed_hash(_said(digits, code)),
        is_voice=voice,
        sent_at=now,
    )
    audit.record("resident_code.send", actor=actor, object_kind="sms_code", object_id=row.pk, voice=voice)
    transaction.on_commit(partial(hand_over, row.pk, phone=digits, code=code, voice=voice))
    return Sent(row.pk, code)


def confirm_code(code_id: int, *, phone: str, code: str, actor: Actor) -> Resident:
    """Who holds the phone, for who knows the code sent to it; the code is then used up. Makes the membership once.

    Wrong, used, expired and tried too often get the same ``Invalid`` ``code_refused``. ``DomainError`` ``closed``: the
    membership has been closed; said only to who holds the phone. No savepoint around it all: a wrong try must stay
    counted although it raises, under the row's lock, so that tries at the same moment wait for each other.
    """
    digits, now = normal_phone(phone), clock.now()
    row = SmsCode.objects.select_for_update().filter(pk=code_id).first()
    if row is None or row.used_at is not None or row.tries >= TRIES or now >= row.sent_at + LIFE:
        raise _refusal()
    row.tries += 1
    if not _is_one_of(_said(digits, normal_phone(code)), row.code_hash):
        row.save(update_fields=["tries"])
        audit.record("sign_in", actor=actor, object_kind="sms_code", object_id=row.pk, succeeded=False, tries=row.tries)
        raise _refusal()
    row.used_at = now
    row.save(update_fields=["tries", "used_at"])
    resident = _resident_of(digits, now)
    member = resident.membership
    who = Actor(name=member.kind, membership_id=member.pk, user_id=member.user_id)
    audit.record(
        "sign_in", actor=who, object_kind="membership", object_id=member.pk, succeeded=member.is_active, way="sms"
    )
    if not member.is_active:
        raise DomainError("closed", _("这个号码现在不能登录，请联系社区。报事和查进度不用登录。"), status=422)
    return resident


@transaction.atomic
def open_session(resident: Resident, *, borrowed: bool, actor: Actor) -> str:
    """The token of a new session, the only copy: 90 days on one's own phone, an hour on a ``borrowed`` one."""
    now, token = clock.now(), secrets.token_urlsafe(32)
    ResidentSession.objects.create(
        resident=resident,
        token_hash=hash_secret(token),
        created_at=now,
        expires_at=now + (BORROWED if borrowed else KEPT),
    )
    return token


@transaction.atomic
def end_session(session: ResidentSession, *, actor: Actor) -> None:
    """Signed out: the token opens nothing any more."""
    member = session.resident.membership
    who = Actor(name=member.kind, membership_id=member.pk, user_id=member.user_id)
    if ResidentSession.objects.filter(pk=session.pk).delete()[0]:
        audit.record("sign_out", actor=who, object_kind="membership", object_id=member.pk)


def remember_name(resident: Resident, name: str, *, actor: Actor) -> None:
    """How the resident called themselves last, to be offered next time. Empty changes nothing."""
    name = name.strip()[:40]
    if name and name != resident.name:
        resident.name = name
        resident.save(update_fields=["name"])


def _refusal() -> Invalid:
    sentence = _("验证码不对，或者已经过期。请看最新的一条，或者再要一个。")
    return Invalid("code_refused", sentence, fields={"code": [sentence]})


def _said(phone: str, code: str) -> str:
    return f"sms:{phone}:{code}"


def _is_one_of(said: str, kept: str) -> bool:
    return any(constant_time_compare(digest, kept) for digest in keyed_hashes(said))


def _network(address: str) -> str:
    """The address by which a caller is counted: whoever has one IPv6 address has 2⁶⁴ of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)


def _serialize(kind: int, what: str) -> None:
    """One at a time for the same number or address, to the end of the transaction: what is counted stays true."""
    key = int(keyed_hash(what)[:8], 16) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, key])


def _check_limits(phone: str, place: str, now: datetime) -> None:
    midnight = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    sent = SmsCode.objects.filter(phone_hash__in=keyed_hashes(phone), sent_at__gt=min(midnight, now - AGAIN_AFTER))
    last = sent.aggregate(last=Max("sent_at"))["last"]
    if last is not None and now < last + AGAIN_AFTER:
        seconds = int((last + AGAIN_AFTER - now).total_seconds()) + 1
        raise DomainError("too_soon", _("刚发过一个，请等一分钟再要。"), status=429, seconds=seconds)
    tomorrow = int((midnight + timedelta(days=1) - now).total_seconds()) + 1
    if sent.filter(sent_at__gte=midnight).count() >= settings.SMS_DAILY_PER_PHONE:
        raise DomainError("enough_today", _("这个号码今天要的次数够多了，请明天再来。"), status=429, seconds=tomorrow)
    here = SmsCode.objects.filter(address_hash__in=keyed_hashes(place), sent_at__gte=midnight)
    if here.count() >= settings.SMS_DAILY_PER_ADDRESS:
        sentence = _("这个网络今天要的次数太多了，请换个网络或者明天再来。")
        raise DomainError("enough_here", sentence, status=429, seconds=tomorrow)


def _resident_of(phone: str, now: datetime) -> Resident:
    _serialize(_OF_PHONE, phone)
    rows = Resident.objects.select_related("membership")
    found = rows.filter(phone_hash__in=keyed_hashes(phone)).first()
    if found is None:
        # Nobody signs in with this handle: it has no password, and its membership is no member of staff's.
        user = User.objects.create(handle=f"r-{secrets.token_hex(8)}", password=make_password(None))
        member = Membership.objects.create(user=user, kind=Membership.Kind.RESIDENT, joined_at=now)
        return Resident.objects.create(membership=member, phone=phone, phone_hash=keyed_hash(phone), signed_in_at=now)
    found.signed_in_at = now
    found.save(update_fields=["signed_in_at"])
    return found
