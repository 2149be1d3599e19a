"""Keeping the knowledge base true: writing, publishing, withdrawing, reviewing, handing over; and counting its use.

An article is kept by one organization. It is changed by the people of that organization and of those above it, in
posts of ``EDITORS``; the district's desk stands above all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.reference import bump_reference
from grids.reference import Holder, territory
from requests_intake import knowledge
from requests_intake.actions.context import savepoint
from requests_intake.knowledge_matching import kept_share
from requests_intake.models import KnowledgeArticle, KnowledgeHelp, KnowledgeUse, KnowledgeVersion, Ticket
from requests_intake.reference import rules

EDITORS = frozenset(
    {
        "community_secretary", "community_staff", "street_dispatcher", "street_leader", "district_dispatcher",
        "department_handler", "department_leader",
    }
)  # fmt: skip
ANSWER_LENGTH = 1_000  # as long as a reply to a ticket may be
QUESTION_LENGTH, SYNONYM_LENGTH, MOST_SYNONYMS, NOTE_LENGTH = 80, 30, 12, 100
LONGEST_REVIEW = timedelta(days=731)
_KEPT_OF_ANSWER = 0.5
State = KnowledgeArticle.State


@dataclass(frozen=True)
class Wording:
    """What one version says."""

    question: str
    answer: str
    synonyms: Sequence[str] = ()
    category_id: int | None = None
    note: str = ""


def own_organizations(actor: Actor) -> list[int]:
    """The organizations in whose name somebody may write, the first of their posts first."""
    found = [role.organization_id for role in actor.roles if role.kind in EDITORS and role.organization_id is not None]
    return list(dict.fromkeys(found))


def may_edit(actor: Actor, owner_id: int) -> bool:
    """Whether somebody belongs to the organization that keeps an article, or to one above it."""
    own, places, seen = set(own_organizations(actor)), territory(), set()
    current: int | None = owner_id if owner_id in places.organizations else places.center().id
    while current is not None and current not in seen:
        if current in own:
            return True
        seen.add(current)
        current = places.superior(current)
    return actor.is_system


def require_editor(actor: Actor, owner_id: int | None = None) -> None:
    """Raise ``NotAllowed`` with a sentence that says why."""
    if not actor.is_system and not own_organizations(actor):
        raise NotAllowed("editors_only", _("您的岗位不能改知识库。社区、街道、部门和区调度台的人可以。"))
    if owner_id is not None and not may_edit(actor, owner_id):
        name = territory().organization_name(owner_id) or territory().center().name
        raise NotAllowed("not_owner", _("这一条由{name}维护，请找他们改。").format(name=name))


def find_article(article_id: int, *, lock: bool = False) -> KnowledgeArticle:
    articles = KnowledgeArticle.objects.select_for_update() if lock else KnowledgeArticle.objects.all()
    found = articles.filter(pk=article_id).first()
    if found is None:
        raise NotFound("no_article", _("知识库里没有这一条。"))
    return found


def _of(article: KnowledgeArticle, actor: Actor) -> KnowledgeArticle:
    """The article's row, locked, for somebody who may change it."""
    found = find_article(article.pk, lock=True)
    require_editor(actor, found.owner_id)
    return found


def _check_review(review_on: date, fields: dict[str, list[str]]) -> None:
    if review_on <= clock.today():
        fields["review_on"] = [_("复核日期要在今天以后。")]
    elif review_on > clock.today() + LONGEST_REVIEW:
        fields["review_on"] = [_("最长两年复核一次，请选早一点的日期。")]


def _check(wanted: Wording, article: KnowledgeArticle | None) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    if not wanted.question or len(wanted.question) > QUESTION_LENGTH:
        fields["question"] = [_("请写问题，最多 {limit} 字。").format(limit=QUESTION_LENGTH)]
    else:
        same = knowledge.with_versions(KnowledgeArticle.objects.exclude(pk=article.pk if article else None))
        if same.filter(question=wanted.question).exclude(state=State.WITHDRAWN).exists():
            fields["question"] = [_("知识库里已经有这个问题了，请改那一条。")]
    if not wanted.answer or len(wanted.answer) > ANSWER_LENGTH:
        fields["answer"] = [_("请写答案，最多 {limit} 字。").format(limit=ANSWER_LENGTH)]
    if len(wanted.synonyms) > MOST_SYNONYMS or any(not 1 < len(word) <= SYNONYM_LENGTH for word in wanted.synonyms):
        limits = {"most": MOST_SYNONYMS, "limit": SYNONYM_LENGTH}
        fields["synonyms"] = [_("最多 {most} 个说法，每个 2 至 {limit} 个字。").format(**limits)]
    if wanted.category_id is not None and wanted.category_id not in rules().categories:
        fields["category"] = [_("没有这个分类。")]
    if len(wanted.note) > NOTE_LENGTH:
        fields["note"] = [_("最多 {limit} 字。").format(limit=NOTE_LENGTH)]
    return fields


@savepoint
def write_article(
    article: KnowledgeArticle | None,
    wanted: Wording,
    *,
    review_on: date,
    actor: Actor,
    based_on: int = 0,
    owner_id: int | None = None,
) -> KnowledgeArticle:
    """A new article (a draft), or the next version of one, on which nothing is published yet.

    ``based_on``: the version the writer had before them; if another came meanwhile, ``DomainError`` ``conflict`` (409)
    and nothing is written. What is published stays as it is. Raises ``NotAllowed`` and ``Invalid`` as well.
    """
    wanted = Wording(
        question=wanted.question.strip(),
        answer=wanted.answer.replace("\r\n", "\n").strip(),
        synonyms=list(dict.fromkeys(word.strip() for word in wanted.synonyms if word.strip())),
        category_id=wanted.category_id,
        note=wanted.note.strip(),
    )
    if article is None:
        owner = owner_id or next(iter(own_organizations(actor)), territory().center().id)
        require_editor(actor, owner)
        row = KnowledgeArticle(owner_id=owner)
    else:
        row = _of(article, actor)
        if row.last_version != based_on:
            raise DomainError(
                "conflict",
                _("您打开以后，别人存了第 {number} 版。您写的还在，请对照新的一版再存。").format(
                    number=row.last_version
                ),
                last_version=row.last_version,
            )
    fields = _check(wanted, article)
    _check_review(review_on, fields)
    if fields:
        raise Invalid("invalid_article", _("有些内容需要修改。"), fields=fields)
    row.review_on, row.changed_at = review_on, clock.now()
    row.last_version += 1
    row.save()
    version = KnowledgeVersion.objects.create(
        article=row,
        number=row.last_version,
        question=wanted.question,
        synonyms=list(wanted.synonyms),
        sounds=knowledge.sounds_of([wanted.question, *wanted.synonyms]),
        category_id=wanted.category_id,
        answer=wanted.answer,
        note=wanted.note,
        written_by_id=actor.membership_id,
        written_at=clock.now(),
    )
    knowledge.index_version(knowledge.DESK_KIND, version)
    _told("knowledge.write", row, actor, version=row.last_version)
    return row


def _told(action: str, row: KnowledgeArticle, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind="knowledge", object_id=row.pk, **detail)
    # The shelf of published articles is reference data: also its review dates and owners.
    bump_reference()


@savepoint
def restore_version(article: KnowledgeArticle, number: int, *, based_on: int, actor: Actor) -> KnowledgeArticle:
    """Write what an earlier version said as the newest one. Raises as ``write_article``."""
    old = KnowledgeVersion.objects.filter(article_id=article.pk, number=number).first()
    if old is None:
        raise NotFound("no_version", _("没有这一版。"))
    wanted = Wording(
        question=old.question,
        answer=old.answer,
        synonyms=old.synonyms,
        # A category that is no longer in use is not brought back.
        category_id=old.category_id if old.category_id in rules().categories else None,
        note=_("恢复第 {number} 版").format(number=number),
    )
    review_on = max(article.review_on, clock.today() + timedelta(days=1))
    return write_article(article, wanted, review_on=review_on, based_on=based_on, actor=actor)


@savepoint
def publish_article(article: KnowledgeArticle, *, actor: Actor, version: int | None = None) -> KnowledgeArticle:
    """Residents read the last version from now on. ``version``: the one the person looked at; if a newer one came
    meanwhile, ``conflict``."""
    row = _of(article, actor)
    if version is not None and version != row.last_version:
        raise DomainError("conflict", _("刚刚有人存了新的一版，请看过再发布。"))
    if row.state == State.PUBLISHED and row.published_version == row.last_version:
        raise DomainError("published_already", _("最新一版已经发布了。"))
    if row.review_on <= clock.today():
        raise DomainError("review_first", _("复核日期已经过了，请先复核，再发布。"))
    row.state, row.published_version = State.PUBLISHED, row.last_version
    row.published_at = row.changed_at = clock.now()
    row.save()
    knowledge.index_version(knowledge.PUBLIC_KIND, row.versions.get(number=row.published_version))
    _told("knowledge.publish", row, actor, version=row.published_version)
    return row


@savepoint
def withdraw_article(article: KnowledgeArticle, *, actor: Actor) -> KnowledgeArticle:
    """Take an article off the public pages; its versions stay, and publishing brings it back."""
    row = _of(article, actor)
    if row.state != State.PUBLISHED:
        raise DomainError("not_published", _("这一条没有在发布。"))
    row.state, row.changed_at = State.WITHDRAWN, clock.now()
    row.save()
    _told("knowledge.withdraw", row, actor, version=row.published_version)
    return row


@savepoint
def confirm_reviewed(article: KnowledgeArticle, *, review_on: date, actor: Actor) -> KnowledgeArticle:
    """复核: somebody looked and it still holds; only the next review date changes, no text."""
    row = _of(article, actor)
    fields: dict[str, list[str]] = {}
    _check_review(review_on, fields)
    if fields:
        raise Invalid("invalid_review", _("复核日期需要修改。"), fields=fields)
    row.review_on, row.changed_at = review_on, clock.now()
    row.save()
    _told("knowledge.review", row, actor, version=row.published_version, review_on=review_on.isoformat())
    return row


@savepoint
def change_owner(article: KnowledgeArticle, *, organization_id: int, actor: Actor) -> KnowledgeArticle:
    """Another organization keeps the article from now on."""
    row = _of(article, actor)
    found = territory().organizations.get(organization_id)
    if found is None or found.level == "grid":
        raise Invalid("no_such_owner", _("请选维护单位。"), fields={"owner": [_("请选社区、街道、部门或区中心。")]})
    if row.owner_id == organization_id:
        raise Invalid("same_owner", _("已经由这个单位维护。"), fields={"owner": [_("已经由这个单位维护。")]})
    before, row.owner_id, row.changed_at = row.owner_id, organization_id, clock.now()
    row.save()
    _told("knowledge.owner", row, actor, before=before, after=organization_id)
    return row


@savepoint
def count_helped(article_id: int) -> None:
    """Somebody said that the answer was enough: one more on today's count of the article, and nothing about them."""
    if article_id not in knowledge.shelf():
        raise NotFound("no_article", _("知识库里没有这一条。"))
    row, _made = KnowledgeHelp.objects.get_or_create(article_id=article_id, day=clock.today())
    KnowledgeHelp.objects.filter(pk=row.pk).update(helped=F("helped") + 1)


def record_use(ticket: Ticket, key: str, *, reply: str, actor: Actor) -> bool:
    """Note that a ticket was answered with the words of a published version, named by ``Answer.key``.

    Not where hardly anything of these words is left in the reply. No statement without a key.
    """
    answer = knowledge.version_of_key(key) if key else None
    if answer is None or kept_share(answer.text, reply) < _KEPT_OF_ANSWER:
        return False
    KnowledgeUse.objects.get_or_create(
        ticket=ticket,
        article_id=answer.entry.article_id,
        version=answer.entry.version,
        defaults={"used_by_id": actor.membership_id, "used_at": clock.now()},
    )
    return True


def tell_due_reviews() -> int:
    """Tell the people of the keeping organization, once for each review date, that an article is due. How many told."""
    due = knowledge.with_versions(KnowledgeArticle.objects.filter(knowledge.is_due()))
    notices = [
        Notice(
            membership_id=holder.membership_id,
            source=f"knowledge-review:{row.pk}:{row.review_on}",
            kind="knowledge_review",
            brief=_("知识库到期复核"),
            text=_("知识库到期复核：{question}").format(question=row.question)[:200],
            path=f"/desk/answers/{row.pk}/",
            created_at=clock.now(),
        )
        for row in due
        for holder in _keepers(row.owner_id)
    ]
    told = Notice.objects.filter(kind="knowledge_review")
    before = told.count()
    tell(notices)
    return told.count() - before


def _keepers(owner_id: int) -> list[Holder]:
    """Those in the organization who may mend an article, else whoever answers for it above."""
    places = territory()
    serving = [holder for holder in places.serving(owner_id) if holder.kind in EDITORS]
    if serving:
        return serving
    responsible = places.responsible(owner_id)
    return [responsible] if responsible else []
