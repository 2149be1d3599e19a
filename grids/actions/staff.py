"""Taking somebody on: an account, a post and the link to sign in, in one step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from governance.accounts.actions.create_staff import create_staff
from governance.accounts.actions.invitations import issue_invitation
from governance.accounts.models import Membership
from governance.kernel.actors import Actor
from grids.actions.posts import assign_post
from grids.models import Post


@transaction.atomic
def invite_staff(
    *, handle: str, name: str, phone: str = "", posts: Iterable[Post] = (), since: date, actor: Actor
) -> tuple[Membership, str]:
    """Enter a person, put them into posts from that day on, and give the token of their invitation.

    Raises what ``create_staff``, ``assign_post`` and ``issue_invitation`` raise; then nothing is left behind.
    """
    membership = create_staff(handle=handle, name=name, phone=phone, actor=actor)
    for post in posts:
        assign_post(post, membership=membership, since=since, actor=actor)
    return membership, issue_invitation(membership, actor=actor)
