"""The demo's knowledge base goes in once, through the real actions, and is neither empty nor perfect."""

from __future__ import annotations

import json
import re

import pytest
from django.db.models import Count

from analytics import demo_answers
from analytics.demo_answers import load_demo_answers
from requests_intake import knowledge
from requests_intake.models import KnowledgeArticle, KnowledgeVersion
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_articles_are_uneven_and_loaded_once(world: World) -> None:
    assert load_demo_answers(world.district) == 26
    assert load_demo_answers(world.district) == 0
    counts = knowledge.counts_for_desk([world.water.pk])
    assert {**counts, "mine": 0} == {"all": 26, "mine": 0, "due": 3, "drafts": 3, "withdrawn": 1}
    assert counts["mine"] >= 1
    grown = KnowledgeArticle.objects.annotate(n=Count("versions")).filter(n=3, published_version=3)
    assert grown.count() == 3
    by_people = KnowledgeVersion.objects.filter(written_by=world.members["staff"].pk)
    assert by_people.exists()
    assert knowledge.find_published("gljt")[1] is True


def test_the_words_hold_no_numbers_and_say_that_they_are_a_demo(world: World) -> None:
    for entry in json.loads(demo_answers._DATA.read_text(encoding="utf-8"))["articles"]:
        texts = [entry["question"], entry["answer"], *(text for text, _note in entry.get("later", ()))]
        assert not [text for text in texts if re.search(r"\d", text)], entry["question"]
    load_demo_answers(world.district)
    assert not KnowledgeVersion.objects.exclude(answer__endswith="（演示内容，以本地窗口的答复为准）").exists()
