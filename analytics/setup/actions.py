"""What only the platform's administrator does: the very first account, and new districts."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from analytics.setup.queries import administrators
from governance.accounts.actions.create_staff import NewStaff, create_staff
from governance.accounts.actions.invitations import issue_invitation
from governance.accounts.models import Membership, User
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction
from grids.actions.bands import adopt_band
from grids.actions.found import found_center, found_departments
from grids.actions.posts import assign_post
from grids.generation import CODES, load_district, read_spec
from grids.models import Post, PostKind
from grids.visits.actions.must import adopt_usual_events
from grids.visits.actions.outcomes import USUAL_OUTCOMES, set_outcomes
from requests_intake.actions.reference import load_reference_data

logger = logging.getLogger(__name__)

# Numbers up to this one are left to the model districts, which are loaded by their own numbers.
_RESERVED_IDS = 100


def setup_token() -> str:
    """What proves that the first visitor runs this installation: ``SETUP_TOKEN``, else a word made from its key.

    The same in every process and after every restart, so that the one in the log still fits.
    """
    return settings.SETUP_TOKEN or salted_hmac("analytics.setup", "first", algorithm="sha256").hexdigest()[:24]


def is_untouched() -> bool:
    """Whether nobody has an account yet: only then the first one may be made in the browser."""
    return not User.objects.exists()


@transaction.atomic
def create_first_user(*, token: str, handle: str, password: str) -> User:
    """The platform's administrator, once. Raises ``NotFound`` ever after, ``Invalid`` for what cannot be accepted."""
    _one_at_a_time()
    if not is_untouched():
        raise NotFound("set_up_already", _("这个平台已经开通过了。"))
    if not constant_time_compare(token.strip(), setup_token()):
        raise Invalid("wrong_token", _("开通口令不对。"), fields={"token": [_("开通口令不对，请到服务日志里查看。")]})
    user = User(handle=handle, is_staff=True, is_superuser=True)
    fields = {}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        fields.update(error.message_dict)
    try:
        validate_password(password, user)
    except ValidationError as error:
        fields["password"] = error.messages
    if fields:
        raise Invalid("account_invalid", _("请检查填写的内容。"), fields=fields)
    user.set_password(password)
    user.save()
    logger.warning("The first administrator of the platform was created; /setup/first/ is closed.")
    return user


@dataclass(frozen=True)
class NewDistrict:
    """``template``: code of a model district whose way up and departments are taken, or empty."""

    code: str
    name: str
    area_code: str
    template: str = ""
    with_territory: bool = False


@transaction.atomic
def create_district(wanted: NewDistrict, *, administrator: NewStaff, actor: Actor) -> tuple[District, str]:
    """A district that can be administered, and the token of its first administrator's invitation.

    Raises ``NotAllowed`` (not the platform), ``Invalid`` (with the sentences by field; the handle and name of the
    person under ``handle`` and ``person``) and ``DomainError`` ``demo_only`` for made-up territory outside a demo.
    """
    require_administrator(actor)
    if wanted.with_territory and not (settings.DEMO and wanted.template):
        raise DomainError("demo_only", _("只有演示环境、并且选了样板，才能带上虚构的街道和人员。"))
    _one_at_a_time()
    district = _checked(wanted)
    if wanted.with_territory:
        spec = read_spec(wanted.template)
        load_district(
            dataclasses.replace(
                spec, id=district.pk, code=wanted.code, name=wanted.name, area_code=wanted.area_code, residents=None
            )
        )
        district = District.objects.get(pk=district.pk)
    else:
        district.save(force_insert=True)
    with district_transaction(district):
        if not wanted.with_territory:
            center = found_center(actor=actor)
            if wanted.template:
                found_departments(center, actor=actor)
                adopt_band(read_spec(wanted.template).households_per_grid)
        load_reference_data()
        set_outcomes(USUAL_OUTCOMES, actor=Actor.system("setup"))
        adopt_usual_events(actor=Actor.system("setup"))
        try:
            member = create_staff(handle=administrator.handle, name=administrator.name, actor=actor)
        except DomainError as error:
            # The form has a district's name as well.
            error.fields = {"person" if name == "name" else name: text for name, text in error.fields.items()}
            raise
        post = Post.objects.get(kind=PostKind.DISTRICT_ADMIN, ended_on=None)
        assign_post(post, membership=member, since=clock.today(), actor=actor)
        token = issue_invitation(member, actor=actor)
        audit.record(
            "district.create", actor=actor, object_kind="district", object_id=district.pk, template=wanted.template
        )
    return district, token


def invite_administrator(district: District, *, membership_id: int, actor: Actor) -> tuple[Membership, str]:
    """A new link for somebody who administers a district today: the first was lost, has expired, or nobody else there
    can help. Returns the member and the token.

    Raises ``NotFound`` for anybody else, and what ``issue_invitation`` raises.
    """
    require_administrator(actor)
    with district_transaction(district):
        member = administrators().filter(pk=membership_id).first()
        if member is None:
            raise NotFound("no_administrator", _("这个人现在不是这个区的管理员。"))
        return member, issue_invitation(member, actor=actor)


def _checked(wanted: NewDistrict) -> District:
    last = District.objects.aggregate(last=Max("pk"))["last"] or 0
    path = read_spec(wanted.template).escalation_path if wanted.template else None
    district = District(
        id=max(last, _RESERVED_IDS) + 1, code=wanted.code, name=wanted.name.strip(), area_code=wanted.area_code
    )
    if path:
        district.escalation_path = list(path)
    try:
        district.full_clean()
    except ValidationError as error:
        raise Invalid("district_invalid", _("请检查填写的内容。"), fields=error.message_dict) from error
    if wanted.code in CODES:
        raise Invalid("code_reserved", _("请检查填写的内容。"), fields={"code": [_("这个代号留给样板区用。")]})
    return district


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('platform_setup'))")
