"""常见问题 for residents, offered while they type, and 知识库 at the desk. Requests open their own scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.knowledge import Wording, publish_article, withdraw_article, write_article
from requests_intake.models import KnowledgeArticle, KnowledgeHelp, KnowledgeUse, KnowledgeVersion, Ticket
from tests.cases import report
from tests.pages.residents import page
from tests.world import World, make_district

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = "带身份证和户口簿到社区服务中心窗口申请。"
SAID = "请问我妈八十岁了，高龄津贴怎么申请？"


@pytest.fixture
def article(world: World) -> KnowledgeArticle:
    return make_article(world)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def make_article(world: World, *, published: bool = True, **more: Any) -> KnowledgeArticle:
    values = {"question": "高龄津贴怎么申请？", "answer": ANSWER, "synonyms": ["老人补贴"], **more}
    with district_transaction(world.district.pk):
        made = write_article(None, Wording(**values), review_on=clock.today() + timedelta(days=180), actor=world.staff)
        return publish_article(made, actor=world.staff) if published else made


def said_in(world: World, article: KnowledgeArticle, **changes: Any) -> dict[str, Any]:
    """The form of the next version, as its page sends it."""
    with district_transaction(world.district.pk):
        last = KnowledgeVersion.objects.get(article_id=article.pk, number=article.last_version)
        return {
            "question": last.question, "answer": last.answer, "synonyms": "、".join(last.synonyms), "category": "",
            "review_on": (clock.today() + timedelta(days=99)).isoformat(), "note": "",
            "based_on": article.last_version, "idempotency_key": str(uuid4()), **changes,
        }  # fmt: skip


def versions(world: World, article: KnowledgeArticle) -> list[str]:
    with district_transaction(world.district.pk):
        return list(
            KnowledgeVersion.objects.filter(article=article).order_by("number").values_list("answer", flat=True)
        )


# ---------------------------------------------------------------- residents
def test_an_answer_is_found_read_and_said_to_have_helped_without_scripts(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    assert 'href="/d/t1/answers/"' in page(client.get("/d/t1/"))
    listed = page(client.get("/d/t1/answers/?q=gljt"))
    assert f'href="/d/t1/answers/{article.pk}/"' in listed
    text = page(client.get(f"/d/t1/answers/{article.pk}/"))
    assert ANSWER in text
    assert "更新于" in text
    assert "由春晓社区居委会维护" in text
    assert 'href="/d/t1/report/">没解决？去报事' in text
    assert "内容正在复核" not in text
    sent = {"answer": article.pk, "idempotency_key": str(uuid4())}
    for _twice in range(2):
        assert "好的，不用报了" in page(client.post("/d/t1/answers/helped/", sent))
    with district_transaction(world.district.pk):
        assert list(KnowledgeHelp.objects.values_list("helped", flat=True)) == [1]


def test_nothing_found_leads_to_a_report(world: World, article: KnowledgeArticle, client: Client) -> None:
    text = page(client.get("/d/t1/answers/?q=火星移民"))
    assert "没有查到“火星移民”" in text
    assert 'href="/d/t1/report/"' in text


def test_past_its_review_date_an_answer_is_still_shown_and_says_so(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    with district_transaction(world.district.pk):
        KnowledgeArticle.objects.update(review_on=clock.today())
    text = page(client.get(f"/d/t1/answers/{article.pk}/"))
    assert "内容正在复核" in text
    assert ANSWER in text


def test_drafts_withdrawn_ones_and_those_of_another_district_are_no_public_pages(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    draft = make_article(world, published=False, question="停水了怎么办？")
    make_district("t2", 2)
    assert client.get(f"/d/t1/answers/{draft.pk}/").status_code == 404
    assert client.get(f"/d/t2/answers/{article.pk}/").status_code == 404
    assert client.post("/d/t2/answers/helped/", {"answer": article.pk}).status_code == 404
    assert "还没有常见问题" in page(client.get("/d/t2/answers/"))
    with district_transaction(world.district.pk):
        withdraw_article(article, actor=world.staff)
    assert client.get(f"/d/t1/answers/{article.pk}/").status_code == 404


def test_while_one_types_at_most_two_answers_are_offered_and_none_in_danger(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    for n in range(3):
        make_article(world, question=f"停水第{n}种情况怎么办？", synonyms=["停水"])
    hints = page(client.post("/d/t1/report/hints/", {"content": SAID}))
    assert "看看是不是这个答案" in hints
    assert ANSWER in hints
    assert f'form="helped" name="answer" value="{article.pk}"' in hints
    assert page(client.post("/d/t1/report/hints/", {"content": "小区停水了"})).count("<details") == 2
    assert "看看是不是" not in page(client.post("/d/t1/report/hints/", {"content": "楼道灯坏了"}))
    danger = page(client.post("/d/t1/report/hints/", {"content": "停水，楼上着火了，有人被困"}))
    assert "tel:119" in danger
    assert "看看是不是" not in danger


def test_an_offer_does_not_stop_a_report(world: World, article: KnowledgeArticle, client: Client) -> None:
    form = {"content": SAID, "building": world.building.pk, "idempotency_key": str(uuid4())}
    text = page(client.post("/d/t1/report/", {**form, "look": "1"}))
    assert "看看是不是这个答案" in text
    assert client.post("/d/t1/report/", form).status_code == 302


# ---------------------------------------------------------------- the desk: writing
def test_an_article_is_written_previewed_published_reviewed_and_withdrawn(world: World, client: Client) -> None:
    world.sign_in(client, "staff")
    new = {
        "question": "低保怎么申请？", "answer": "到街道申请。", "synonyms": "最低生活保障，吃低保", "category": "1003",
        "review_on": (clock.today() + timedelta(days=30)).isoformat(), "based_on": 0,
        "idempotency_key": str(uuid4()),
    }  # fmt: skip
    shown = client.post("/desk/answers/new/", {**new, "preview": "1"})
    assert shown.status_code == 200
    assert "居民会看到" in page(shown)
    with district_transaction(world.district.pk):
        assert not KnowledgeArticle.objects.exists()
    for _twice in range(2):
        assert client.post("/desk/answers/new/", new).status_code == 302
    with district_transaction(world.district.pk):
        made = KnowledgeArticle.objects.get()
        assert KnowledgeVersion.objects.get().synonyms == ["最低生活保障", "吃低保"]
    url = f"/desk/answers/{made.pk}/"
    assert "草稿" in page(client.get(url))

    def do(name: str, **more: Any) -> Any:
        assert client.get(f"{url}{name}/").status_code == 200
        return client.post(f"{url}{name}/", {"idempotency_key": str(uuid4()), **more})

    assert do("publish", version=1).status_code == 302
    assert "低保怎么申请" in page(client.get("/d/t1/answers/"))
    assert do("review", review_on="2020-01-01").status_code == 422
    assert do("review", review_on=(clock.today() + timedelta(days=60)).isoformat()).status_code == 302
    assert do("owner", owner=world.street_office.pk).status_code == 302
    assert client.post(f"{url}withdraw/", {"idempotency_key": str(uuid4())}).status_code == 403
    world.sign_in(client, "dispatcher")
    assert do("withdraw").status_code == 302
    assert "已撤下" in page(client.get(url))
    assert client.get(f"{url}nothing/").status_code == 404


def test_a_mistake_is_said_beside_its_field_and_keeps_what_was_typed(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    world.sign_in(client, "staff")
    sent = said_in(world, article, question="高龄津贴怎么申请？", answer="我写了很久的话", review_on="2020-01-01")
    response = client.post(f"/desk/answers/{article.pk}/edit/", sent)
    assert response.status_code == 422
    assert "复核日期要在今天以后" in text_of(response)
    assert "我写了很久的话" in text_of(response)


def test_who_writes_second_sees_the_other_version_keeps_their_own_and_may_store_it_then(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    world.sign_in(client, "secretary")
    mine = said_in(world, article, answer="书记写的")
    with district_transaction(world.district.pk):
        wording = Wording(question="高龄津贴怎么申请？", answer="社工写的")
        write_article(article, wording, review_on=clock.today() + timedelta(9), based_on=1, actor=world.staff)
    url = f"/desk/answers/{article.pk}/edit/"
    response = client.post(url, mine)
    text = text_of(response)
    assert response.status_code == 422
    assert "别人存了第 2 版" in text
    assert "郑社工刚存的" in text
    assert "社工写的" in re.sub(r"</?(ins|del)>", "", text)
    assert "书记写的</textarea>" in text
    assert versions(world, article) == [ANSWER, "社工写的"]
    based_on = re.search(r'name="based_on" value="(\d+)"', text)
    assert based_on is not None
    assert client.post(url, {**mine, "based_on": based_on[1], "idempotency_key": str(uuid4())}).status_code == 302
    assert versions(world, article) == [ANSWER, "社工写的", "书记写的"]


def test_the_versions_say_who_and_what_became_different_and_an_old_one_comes_back(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    world.sign_in(client, "staff")
    changed = ANSWER.replace("户口簿", "银行卡")
    sent = said_in(world, article, answer=changed, note="改了要带的")
    assert client.post(f"/desk/answers/{article.pk}/edit/", sent).status_code == 302
    url = f"/desk/answers/{article.pk}/versions/"
    text = page(client.get(url))
    assert "<del>户口簿</del><ins>银行卡</ins>" in text
    assert "改了要带的" in text
    assert "郑社工" in text
    restore = f"/desk/answers/{article.pk}/restore/"
    assert 'name="number" value="1"' in page(client.get(f"{restore}?number=1"))
    key = {"idempotency_key": str(uuid4())}
    assert client.post(restore, {"number": 1, "based_on": 1, **key}).status_code == 422
    assert client.post(restore, {"number": 1, "based_on": 2, **key}).status_code == 302
    assert versions(world, article) == [ANSWER, changed, ANSWER]


def test_the_list_filters_and_searches(world: World, article: KnowledgeArticle, client: Client) -> None:
    make_article(world, published=False, question="停水了怎么办？", synonyms=[])
    world.sign_in(client, "handler")

    def listed(query: str) -> list[str]:
        return re.findall(r"<b>([^<]+？)</b>", page(client.get(f"/desk/answers/{query}")))

    assert sorted(listed("")) == ["停水了怎么办？", "高龄津贴怎么申请？"]
    assert listed("?view=mine") == []
    assert listed("?view=drafts") == ["停水了怎么办？"]
    assert listed("?q=gljt") == ["高龄津贴怎么申请？"]
    assert listed("?view=due") == []
    with district_transaction(world.district.pk):
        KnowledgeArticle.objects.filter(state="published").update(review_on=clock.today())
    assert listed("?view=due") == ["高龄津贴怎么申请？"]
    assert "到期复核" in page(client.get("/desk/answers/?view=due"))


def test_whom_an_article_does_not_belong_to_reads_it_and_is_refused_to_change_it(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    world.sign_in(client, "handler")
    text = page(client.get(f"/desk/answers/{article.pk}/"))
    assert "由春晓社区居委会和它的上级改" in text
    assert "改写" not in text
    refused = client.get(f"/desk/answers/{article.pk}/edit/")
    assert refused.status_code == 403
    assert "请找他们改" in text_of(refused)


def test_statements_do_not_grow_with_articles_or_versions(world: World, client: Client) -> None:
    first = make_article(world)
    world.sign_in(client, "staff")
    addresses = ("/d/t1/answers/", "/d/t1/answers/?q=jt", "/desk/answers/", f"/desk/answers/{first.pk}/versions/")

    def counted() -> list[int]:
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                page(client.get(address))
            found.append(len(captured.captured_queries))
        return found

    before = counted()
    with district_transaction(world.district.pk):
        for n in range(2, 9):
            wording = Wording(question="高龄津贴怎么申请？", answer=f"第 {n} 次改")
            write_article(first, wording, review_on=clock.today() + timedelta(9), based_on=n - 1, actor=world.staff)
            make_article(world, question=f"津贴第 {n} 问？")
    assert counted() == before


# ---------------------------------------------------------------- the desk: answering
@pytest.fixture
def consult(world: World) -> Callable[[], Ticket]:
    def make() -> Ticket:
        with district_transaction(world.district.pk):
            ticket = report(world, content=SAID)
            assert ticket.request_type == "consult"
            if ticket.state == "submitted":
                ticket = accept_ticket(ticket, actor=world.center)
            return dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.center)

    return make


def test_a_consult_is_answered_with_one_click_and_the_version_is_recorded(
    world: World, article: KnowledgeArticle, client: Client, consult: Callable[[], Ticket]
) -> None:
    ticket = consult()
    world.sign_in(client, "handler")
    text = page(client.get(f"/desk/t/{ticket.number}/"))
    assert "知识库里的答案" in text
    assert "签收以后，一点就能用它答复" in text
    with district_transaction(world.district.pk):
        sign_order(ticket, actor=world.handler)
    link = re.search(r'href="([^"]+resolve/\?answer=[^"]+)"', page(client.get(f"/desk/t/{ticket.number}/")))
    assert link is not None
    form = page(client.get(link[1].replace("&amp;", "&")))
    assert f"{ANSWER}</textarea>" in form
    assert f'name="answer" value="{article.pk}-1"' in form
    sent = {"note": f"阿姨您好，{ANSWER}", "answer": f"{article.pk}-1", "idempotency_key": str(uuid4())}
    assert client.post(f"/desk/t/{ticket.number}/resolve/", sent).status_code == 302
    with district_transaction(world.district.pk):
        use = KnowledgeUse.objects.get()
        assert (use.ticket_id, use.article_id, use.version) == (ticket.pk, article.pk, 1)
    assert "答复用了“高龄津贴怎么申请？”第 1 版" in page(client.get(f"/desk/t/{ticket.number}/"))
    assert '<b class="num">1</b> 件诉求用它答复' in page(client.get(f"/desk/answers/{article.pk}/"))


def test_only_a_consult_is_offered_answers(world: World, article: KnowledgeArticle, client: Client) -> None:
    with district_transaction(world.district.pk):
        ticket = report(world, content="高龄津贴三个月没有发，我要投诉你们")
    assert ticket.request_type != "consult"
    world.sign_in(client, "center")
    assert "知识库里的答案" not in page(client.get(f"/desk/t/{ticket.number}/"))


def test_the_dispatcher_on_the_phone_is_offered_the_answer(
    world: World, article: KnowledgeArticle, client: Client
) -> None:
    world.sign_in(client, "dispatcher")
    text = page(client.post("/desk/new/hints/", {"content": SAID}))
    assert "可以当场答复" in text
    assert ANSWER in text
