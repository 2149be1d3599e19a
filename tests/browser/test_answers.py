"""A resident types a question and finds it answered before anything is reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from governance.kernel import clock
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.knowledge import Wording, publish_article, write_article
from requests_intake.models import KnowledgeHelp, Ticket
from tests.browser.conftest import PHONE
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_is_offered_while_one_types_and_spares_the_report(
    live_server: object, world: World, open_page: Callable[..., Page]
) -> None:
    server = live_server.url  # type: ignore[attr-defined]
    wording = Wording(question="高龄津贴怎么申请？", answer="到社区服务中心窗口申请。", synonyms=["老人补贴"])
    with district_transaction(world.district.pk):
        article = write_article(None, wording, review_on=clock.today() + timedelta(days=9), actor=world.staff)
        publish_article(article, actor=world.staff)
    page = open_page(PHONE)
    page.goto(f"{server}/d/{world.district.code}/report/")
    page.locator("#id_content").press_sequentially("老人补贴怎么领")
    offer = page.get_by_role("region", name="看看是不是这个答案")
    expect(offer).to_be_visible()
    answer = offer.get_by_text("到社区服务中心窗口申请。")
    expect(answer).to_be_hidden()
    offer.get_by_text("高龄津贴怎么申请？").click()
    expect(answer).to_be_visible()

    # Going on folds it away and keeps what was typed.
    offer.get_by_role("link", name="还是要报").click()
    expect(answer).to_be_hidden()
    expect(page.locator("#id_content")).to_have_value("老人补贴怎么领")

    offer.get_by_text("高龄津贴怎么申请？").click()
    offer.get_by_role("button", name="解决了，不用报了").click()
    expect(page.get_by_role("heading", name="好的，不用报了")).to_be_visible()
    with district_transaction(world.district.pk):
        assert KnowledgeHelp.objects.get().helped == 1
        assert not Ticket.objects.exists()
