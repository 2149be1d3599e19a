"""Rows of staff: who it is, which post, and since when. Writing goes through the actions that pages use."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from governance.accounts.actions.create_staff import create_staff
from governance.accounts.models import Membership, Staff, User
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, keyed_hashes, normal_phone
from governance.kernel.errors import DomainError
from governance.kernel.masking import looks_masked, masked_words
from governance.kernel.tenancy.context import current_district
from grids.actions.posts import assign_post
from grids.importing.errors import RowError
from grids.importing.register import Register
from grids.importing.writing import Writer
from grids.models import Organization, Post, PostKind


class People:
    """Plans rows of staff; keeps what it saw, so that the same row twice is one person in one post."""

    def __init__(self, register: Register, writer: Writer, actor: Actor) -> None:
        self.register, self.writer, self.actor = register, writer, actor
        self._seen: set[tuple[int, int]] = set()

    def plan(self, given: dict[str, Any]) -> tuple[bool, bool]:
        """Returns whether anything is new, and whether anything known was changed. Raises ``RowError``."""
        organization = self.register.organizations.get(given["organization"])
        if organization is None or organization.ended_on is not None:
            raise RowError(_("没有名为“{name}”的单位").format(name=given["organization"]))
        found = self._find(given)
        self._check_post(organization, given)
        person, is_new = (found, False) if found is not None else (self._enter(given), True)
        changed = self._correct(person, given) if not is_new else False
        post, post_is_new, post_changed = self._post(organization, given)
        assigned = self._assign(post, person, given)
        return is_new or post_is_new or assigned, changed or post_changed

    def _find(self, given: dict[str, Any]) -> Staff | None:
        if looks_masked(given["name"]) or looks_masked(given.get("phone")):
            raise RowError(masked_words())
        phone, handle = normal_phone(given.get("phone", "")), given.get("handle", "")
        if given.get("phone") and not 7 <= len(phone) <= 12:
            raise RowError(_("手机号码不完整"))
        if not phone and not handle:
            raise RowError(_("手机和账号至少填一项"))
        known = [person for key in keyed_hashes(phone) for person in self.register.people.get(key, [])] if phone else []
        if handle:
            found = self.register.handles.get(handle)
            if found is None:
                self._check_handle(handle)
        elif len(known) > 1:
            raise RowError(_("这个手机号有多名人员在用，请填写账号"))
        else:
            found = known[0] if known else None
        if found is not None and found.name != given["name"]:
            raise RowError(_("这个账号或手机号属于另一个姓名的人员"))
        if found is not None and not found.membership.is_active:
            raise RowError(_("这名人员已停用，请先在人员页面恢复"))
        return found

    def _check_handle(self, handle: str) -> None:
        try:
            User(handle=handle).clean_fields(exclude=["password"])
        except ValidationError as error:
            raise RowError("；".join(error.messages)) from None
        if self.register.is_taken(handle):
            raise RowError(_("账号“{handle}”已被使用").format(handle=handle))

    def _check_post(self, organization: Organization, given: dict[str, Any]) -> None:
        """Everything that could be refused later is refused before anybody is entered."""
        kind = given.get("post_kind")
        name = given.get("post") or (PostKind(kind).label if kind else None)
        if not name:
            raise RowError(_("岗位类型和岗位名称至少填一项"))
        post = self.register.posts.get((organization.name, str(name)))
        if post is None and kind is None:
            raise RowError(_("“{name}”是新岗位，要填岗位类型").format(name=name))
        if post is not None and post.ended_on is not None:
            raise RowError(_("岗位“{name}”已撤销").format(name=name))
        if post is not None and kind is not None and post.kind != kind:
            raise RowError(_("岗位“{name}”已有另一种类型，导入不改变").format(name=name))

    def _enter(self, given: dict[str, Any]) -> Staff:
        phone = normal_phone(given.get("phone", ""))
        handle = given.get("handle") or self._free_handle()
        if self.writer.is_dry:
            member = Membership(kind=Membership.Kind.STAFF, is_active=True)
            person = Staff(membership=member, name=given["name"], phone=phone)
        else:
            try:
                member = create_staff(handle=handle, name=given["name"], phone=phone, actor=self.actor)
            except DomainError as error:
                said = [text for texts in error.fields.values() for text in texts]
                raise RowError("；".join(said or [error.message])) from None
            person = Staff.objects.get(membership=member)
            person.membership = member
            for made in (member.user, member, person):
                self.writer.made(made)
        self.register.handles[handle] = person
        if phone:
            self.register.people.setdefault(keyed_hash(phone), []).append(person)
        return person

    def _free_handle(self) -> str:
        while True:
            handle = f"{current_district().code}-{secrets.token_hex(3)}"
            if handle not in self.register.handles and not self.register.is_taken(handle):
                return handle

    def _correct(self, person: Staff, given: dict[str, Any]) -> bool:
        if "phone" not in given:
            return False
        phone = normal_phone(given["phone"])
        return self.writer.change(person, {"phone": phone, "phone_hash": keyed_hash(phone)})

    def _post(self, organization: Organization, given: dict[str, Any]) -> tuple[Post, bool, bool]:
        kind = str(given.get("post_kind", ""))
        name = given.get("post") or str(PostKind(kind).label)
        leads = {"is_leader": given["is_leader"]} if "is_leader" in given else {}
        post = self.register.posts.get((organization.name, name))
        if post is not None:
            return post, False, self.writer.change(post, leads)
        post = Post(organization=organization, kind=kind, name=name, **leads)
        self.register.posts[organization.name, name] = post
        self.writer.create(post)
        return post, True, False

    def _assign(self, post: Post, person: Staff, given: dict[str, Any]) -> bool:
        pair = (id(post), id(person))
        if pair in self._seen or (post.pk, person.membership_id) in self.register.assignments:
            return False
        self._seen.add(pair)
        if not self.writer.is_dry:
            if post.pk is None:
                self.writer.flush()
            try:
                made = assign_post(
                    post, membership=person.membership, since=given.get("since") or clock.today(), actor=self.actor
                )
            except DomainError as error:
                raise RowError(error.message) from None
            self.writer.made(made)
        return True
