"""常见问题 for programs: published answers only, the best fit first, in the district of the address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.kernel import clock
from governance.kernel.tenancy.context import no_district
from requests_intake.actions.knowledge import Wording, publish_article, write_article
from requests_intake.models import KnowledgeArticle
from requests_intake.reference import rules
from tests.world import World, make_district

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(world: World) -> KnowledgeArticle:
    category = rules().by_code["1104"]
    for question in ("停水了怎么办？", "高龄津贴怎么申请？"):
        wording = Wording(question=question, answer="到窗口。", category_id=category.id if "津贴" in question else None)
        made = write_article(None, wording, review_on=clock.today() + timedelta(days=9), actor=world.staff)
        publish_article(made, actor=world.staff)
    draft = Wording(question="津贴的草稿", answer="还没写完")
    write_article(None, draft, review_on=clock.today() + timedelta(days=9), actor=world.staff)
    return made


def get(path: str) -> Any:
    with no_district():
        return Client().get(path)


def test_what_is_published_is_found_with_its_version_and_keeper(world: World, article: KnowledgeArticle) -> None:
    found = get("/d/t1/api/v1/public/answers/?q=jt").json()
    assert (found["count"], found["is_exact"]) == (1, True)
    row = found["results"][0]
    assert row == get(f"/d/t1/api/v1/public/answers/{article.pk}/").json()
    assert (row["question"], row["version"], row["kept_by"]) == ("高龄津贴怎么申请？", 1, "春晓社区居委会")
    assert (row["category"]["code"], row["is_under_review"]) == ("1104", False)


@pytest.mark.parametrize(("query", "count"), [("", 2), ("?category=11", 1), ("?category=1104", 1), ("?category=77", 0)])
def test_categories_narrow_the_list(world: World, article: KnowledgeArticle, query: str, count: int) -> None:
    assert get(f"/d/t1/api/v1/public/answers/{query}").json()["count"] == count


@pytest.mark.parametrize("query", ["?words=x", "?page=0", "?page=a", "?q=" + "字" * 81])
def test_a_question_that_is_not_understood_is_refused(world: World, query: str) -> None:
    response = get(f"/d/t1/api/v1/public/answers/{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_another_district_and_no_district_give_nothing(world: World, article: KnowledgeArticle) -> None:
    make_district("t2", 2)
    assert get("/d/t2/api/v1/public/answers/?q=津贴").json()["count"] == 0
    assert get(f"/d/t2/api/v1/public/answers/{article.pk}/").status_code == 404
    assert get("/api/v1/public/answers/").status_code == 404
