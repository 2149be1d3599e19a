"""Writing, publishing, reviewing and finding answers; who may, and what residents see of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope, scope_at
from requests_intake import knowledge
from requests_intake.actions.knowledge import (
    Wording,
    change_owner,
    confirm_reviewed,
    count_helped,
    publish_article,
    record_use,
    restore_version,
    tell_due_reviews,
    withdraw_article,
    write_article,
)
from requests_intake.models import KnowledgeArticle, KnowledgeHelp, KnowledgeUse, KnowledgeVersion
from requests_intake.reference import rules
from requests_intake.tasks import tell_due_answers
from tests.cases import report
from tests.world import World, make_district

pytestmark = pytest.mark.django_db

ANSWER = "带身份证和户口簿到社区服务中心窗口申请。"


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def wording(question: str = "高龄津贴怎么申请？", answer: str = ANSWER, **more: Any) -> Wording:
    return Wording(**{"question": question, "answer": answer, "synonyms": ["老人补贴"], **more})


def written(actor: Actor, article: KnowledgeArticle | None = None, **more: Any) -> KnowledgeArticle:
    based_on = article.last_version if article else 0
    return write_article(article, wording(**more), review_on=in_days(180), based_on=based_on, actor=actor)


def published(actor: Actor, **more: Any) -> KnowledgeArticle:
    return publish_article(written(actor, **more), actor=actor)


def found(text: str) -> list[str]:
    return [entry.question for entry in knowledge.find_published(text)[0]]


# ---------------------------------------------------------------- versions and what is published
def test_a_draft_is_seen_by_nobody_until_it_is_published(world: World) -> None:
    article = written(world.staff)
    assert (article.state, article.owner_id) == ("draft", world.committee.pk)
    assert found("津贴") == []
    assert knowledge.offers("高龄津贴怎么领") == []
    publish_article(article, actor=world.staff)
    assert found("津贴") == ["高龄津贴怎么申请？"]
    assert [answer.text for answer in knowledge.offers("高龄津贴怎么领")] == [ANSWER]


def test_question_synonyms_category_and_answer_change_only_with_the_published_version(world: World) -> None:
    category = next(ref for ref in rules().categories.values() if ref.name == "高龄津贴")
    article = published(world.staff)
    new = {"question": "敬老卡怎么办？", "answer": "去窗口。", "synonyms": ["敬老卡"], "category_id": category.id}
    article = written(world.staff, article, **new)
    seen = knowledge.published_answer(article.pk)
    assert seen is not None
    assert (seen.entry.terms, seen.text, seen.category) == (("高龄津贴怎么申请？", "老人补贴"), ANSWER, "")
    assert (found("敬老卡"), found("jlk"), found("老人补贴")) == ([], [], ["高龄津贴怎么申请？"])
    publish_article(article, actor=world.staff)
    seen = knowledge.published_answer(article.pk)
    assert seen is not None
    assert (seen.entry.terms, seen.text, seen.category) == (("敬老卡怎么办？", "敬老卡"), "去窗口。", "高龄津贴")
    assert (found("jlk"), found("老人补贴")) == (["敬老卡怎么办？"], [])


def test_of_two_writers_the_second_is_told_and_nothing_is_lost(world: World) -> None:
    article = written(world.staff)
    write_article(article, wording(answer="第一位写的"), review_on=in_days(9), based_on=1, actor=world.staff)
    with pytest.raises(DomainError) as refused:
        write_article(article, wording(answer="第二位写的"), review_on=in_days(9), based_on=1, actor=world.secretary)
    assert (refused.value.code, refused.value.status) == ("conflict", 409)
    assert "第 2 版" in refused.value.message
    assert list(article.versions.order_by("number").values_list("answer", flat=True)) == [ANSWER, "第一位写的"]


def test_what_was_published_meanwhile_by_another_is_not_published_unseen(world: World) -> None:
    article = written(world.staff)
    written(world.secretary, article, answer="另一位写的")
    with pytest.raises(DomainError, match="新的一版"):
        publish_article(article, version=1, actor=world.staff)


def test_an_old_version_comes_back_as_a_new_one(world: World) -> None:
    article = written(world.staff, published(world.staff), answer="改坏了", question="改坏的问题")
    article = restore_version(article, 1, based_on=2, actor=world.staff)
    last = article.versions.get(number=3)
    assert (last.question, last.answer, last.synonyms) == ("高龄津贴怎么申请？", ANSWER, ["老人补贴"])
    assert last.note == "恢复第 1 版"
    assert article.published_version == 1
    with pytest.raises(NotFound):
        restore_version(article, 9, based_on=3, actor=world.staff)


def test_a_version_can_be_neither_changed_nor_deleted(world: World) -> None:
    article = written(world.staff)
    for act in (lambda: article.versions.update(answer="另一个"), lambda: article.versions.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_withdrawn_is_found_no_more_and_published_again_it_is(world: World) -> None:
    article = withdraw_article(published(world.staff), actor=world.staff)
    assert (found("津贴"), knowledge.offers("高龄津贴"), knowledge.published_answer(article.pk)) == ([], [], None)
    with pytest.raises(DomainError, match="没有在发布"):
        withdraw_article(article, actor=world.staff)
    publish_article(article, actor=world.staff)
    assert found("津贴") == ["高龄津贴怎么申请？"]
    with pytest.raises(DomainError, match="已经发布"):
        publish_article(article, actor=world.staff)


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"question": "  "}, "question", "请写问题"),
        ({"question": "问" * 81}, "question", "最多 80 字"),
        ({"answer": ""}, "answer", "请写答案"),
        ({"answer": "答" * 1001}, "answer", "最多 1000 字"),
        ({"synonyms": ["一"]}, "synonyms", "2 至 30 个字"),
        ({"synonyms": [f"说法{n}" for n in range(13)]}, "synonyms", "最多 12 个说法"),
        ({"category_id": 10**9}, "category", "没有这个分类"),
    ],
)
def test_a_wrong_wording_is_refused_with_its_sentence(
    world: World, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        written(world.staff, **wrong)
    assert sentence in refused.value.fields[field][0]
    assert not KnowledgeArticle.objects.exists()


@pytest.mark.parametrize("days", [0, -1, 800])
def test_the_review_date_lies_ahead_and_within_two_years(world: World, days: int) -> None:
    article = written(world.staff)
    with pytest.raises(Invalid) as refused:
        confirm_reviewed(article, review_on=in_days(days), actor=world.staff)
    assert "review_on" in refused.value.fields


def test_the_same_question_is_not_asked_twice(world: World) -> None:
    published(world.staff)
    with pytest.raises(Invalid) as refused:
        written(world.dispatcher)
    assert "已经有这个问题" in refused.value.fields["question"][0]


# ---------------------------------------------------------------- who may
def test_the_keeping_organization_and_those_above_change_an_article_nobody_else(world: World) -> None:
    article = written(world.staff)
    for actor in (world.secretary, world.dispatcher, world.center):
        article = written(actor, article, answer=f"{actor.name} 写的")
    for actor in (world.handler, world.other_secretary, world.other_dispatcher):
        with pytest.raises(NotAllowed, match="春晓社区居委会维护"):
            written(actor, article)


def test_a_department_keeps_its_own_articles_only(world: World) -> None:
    article = written(world.handler, question="停水了怎么办？")
    assert article.owner_id == world.water.pk
    written(world.handler_leader, article, question="停水了怎么办？", answer="先看通知。")
    with pytest.raises(NotAllowed, match="自来水公司维护"):
        publish_article(article, actor=world.urban_handler)


@pytest.mark.parametrize("name", ["worker", "official", "supervisor", "visitor", "admin"])
def test_other_posts_write_nothing(world: World, name: str) -> None:
    with pytest.raises(NotAllowed, match="不能改知识库"):
        written(getattr(world, name))


def test_another_owner_keeps_it_from_now_on(world: World) -> None:
    article = change_owner(published(world.staff), organization_id=world.water.pk, actor=world.staff)
    seen = knowledge.published_answer(article.pk)
    assert seen is not None
    assert seen.owner == world.water.name
    with pytest.raises(NotAllowed):
        withdraw_article(article, actor=world.staff)
    for wrong in (world.grid_team.pk, world.water.pk, 10**9):
        with pytest.raises(Invalid):
            change_owner(article, organization_id=wrong, actor=world.center)


def test_everything_done_with_an_article_is_audited(world: World) -> None:
    article = published(world.staff)
    confirm_reviewed(article, review_on=in_days(90), actor=world.staff)
    change_owner(article, organization_id=world.street_office.pk, actor=world.staff)
    withdraw_article(article, actor=world.dispatcher)
    told = AuditEvent.objects.filter(object_kind="knowledge", object_id=article.pk).order_by("id")
    assert list(told.values_list("action", flat=True)) == [
        f"knowledge.{name}" for name in ("write", "publish", "review", "owner", "withdraw")
    ]


# ---------------------------------------------------------------- reviewing
def test_a_due_article_is_told_once_to_its_keepers_and_a_review_moves_the_date_without_a_text(world: World) -> None:
    article = published(world.staff)
    assert tell_due_reviews() == 0
    with scope_at(world.district, clock.now() + timedelta(days=181)):
        assert tell_due_reviews() == 2
        assert tell_due_answers.run() == 0
        notices = Notice.objects.filter(kind="knowledge_review")
        told = {world.members["staff"].pk, world.members["secretary"].pk}
        assert set(notices.values_list("membership_id", flat=True)) == told
        assert notices[0].path == f"/desk/answers/{article.pk}/"
        seen = knowledge.published_answer(article.pk)
        assert seen is not None
        assert seen.is_under_review
        confirm_reviewed(article, review_on=in_days(30), actor=world.staff)
        seen = knowledge.published_answer(article.pk)
        assert seen is not None
        assert (seen.is_under_review, article.versions.count()) == (False, 1)
        assert tell_due_reviews() == 0
    with scope_at(world.district, clock.now() + timedelta(days=181 + 31)):
        assert tell_due_reviews() == 2


def test_an_article_past_its_date_is_reviewed_before_it_is_published(world: World) -> None:
    article = written(world.staff)
    with scope_at(world.district, clock.now() + timedelta(days=181)):
        with pytest.raises(DomainError, match="先复核"):
            publish_article(article, actor=world.staff)
        confirm_reviewed(article, review_on=in_days(30), actor=world.staff)
        publish_article(article, actor=world.staff)


# ---------------------------------------------------------------- finding
@pytest.mark.parametrize("text", ["津贴", "gljt", "jt", "jintie", "gl津贴", "老人补贴", "lrbt", "户口簿 窗口"])
def test_words_synonyms_initials_syllables_and_words_of_the_answer_find_it(world: World, text: str) -> None:
    published(world.staff)
    published(world.staff, question="停水了怎么办？", answer="先看通知。", synonyms=[])
    assert knowledge.find_published(text) == ([knowledge.shelf()[KnowledgeArticle.objects.order_by("pk")[0].pk]], True)


def test_the_question_stands_before_the_answer_and_what_comes_near_is_said_to(world: World) -> None:
    published(world.staff, question="物业费贵怎么办？", answer="也可以问停水的事。", synonyms=[])
    published(world.staff, question="停水了怎么办？", answer="先看通知。", synonyms=[])
    assert found("停水") == ["停水了怎么办？", "物业费贵怎么办？"]
    assert [entry.question for entry in knowledge.find_published("停水好几天")[0]] == ["停水了怎么办？"]
    assert knowledge.find_published("停水好几天")[1] is False


def test_finding_and_offering_take_two_statements_and_one(world: World, django_assert_num_queries: Any) -> None:
    for n in range(30):
        published(world.staff, question=f"停水第{n}问怎么办？", synonyms=[])
    knowledge.shelf()
    with django_assert_num_queries(1):
        assert len(knowledge.offers("停水第3问")) == 2
    with django_assert_num_queries(0):
        assert knowledge.offers("楼道灯坏了") == []
    with django_assert_num_queries(2):
        entries, _exact = knowledge.find_published("停水")
        assert len(knowledge.answers_of(entries[:20])) == 20


def test_the_desk_finds_drafts_by_their_last_words(world: World) -> None:
    article = written(world.staff, published(world.staff), question="敬老卡怎么办？")
    listed = knowledge.articles_for_desk("drafts", "jlk", own=[world.committee.pk])
    assert [(row.pk, row.question) for row in listed] == [(article.pk, "敬老卡怎么办？")]
    assert knowledge.counts_for_desk([world.committee.pk]) == {
        "all": 1, "mine": 1, "due": 0, "drafts": 1, "withdrawn": 0,
    }  # fmt: skip


# ---------------------------------------------------------------- use
def test_help_is_counted_by_day_and_article(world: World) -> None:
    article = published(world.staff)
    for _n in range(3):
        count_helped(article.pk)
    row = KnowledgeHelp.objects.get()
    assert (row.article_id, row.day, row.helped) == (article.pk, clock.today(), 3)
    withdraw_article(article, actor=world.staff)
    with pytest.raises(NotFound):
        count_helped(article.pk)


def test_the_version_a_ticket_was_answered_with_is_kept_unless_hardly_a_word_of_it_is_left(world: World) -> None:
    article = published(world.staff)
    ticket = report(world, content="请问高龄津贴怎么申请")
    assert not record_use(ticket, "", reply=ANSWER, actor=world.worker)
    assert not record_use(ticket, f"{article.pk}-1", reply="已电话答复", actor=world.worker)
    assert not record_use(ticket, f"{article.pk}-7", reply=ANSWER, actor=world.worker)
    for _twice in range(2):
        assert record_use(ticket, f"{article.pk}-1", reply=f"您好，{ANSWER}", actor=world.worker)
    use = KnowledgeUse.objects.get()
    assert (use.ticket_id, use.article_id, use.version) == (ticket.pk, article.pk, 1)
    assert use.used_by_id == world.members["worker"].pk


def test_another_district_finds_and_changes_nothing(world: World) -> None:
    article = published(world.staff)
    foreign = make_district("t2", 2)
    with district_scope(foreign.district):
        assert found("津贴") == []
        assert knowledge.published_answer(article.pk) is None
        assert not KnowledgeArticle.objects.exists()
        assert not KnowledgeVersion.objects.exists()
        with pytest.raises(NotFound):
            withdraw_article(article, actor=foreign.center)
        with pytest.raises(NotFound):
            count_helped(article.pk)
    assert knowledge.published_answer(article.pk) is not None
