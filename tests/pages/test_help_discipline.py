"""The handbook on applications, helping, pressure from above and deadlines, by role."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.kernel.tenancy.context import no_district

pytestmark = pytest.mark.django_db
ASKING = ("申请退单", "申请延期", "申请暂停", "就算不同意", "加派协办", "回复督办", "撤回申请")
ANSWERING = ("等您答复", "没有答复会怎样", "“我催的”")


def text_of(role: str) -> str:
    with no_district():
        return Client().get(f"/help/{role}/").content.decode()


@pytest.mark.parametrize("role", ["grid-worker", "grid-leader", "community", "street", "department"])
def test_who_handles_reads_what_may_be_asked_for_and_what_silence_means(role: str) -> None:
    text = text_of(role)
    assert [words for words in ASKING if words not in text] == []


@pytest.mark.parametrize(("role", "suspends"), [("grid-worker", False), ("grid-leader", False), ("department", True)])
def test_only_who_may_suspend_reads_how(role: str, suspends: bool) -> None:
    assert ("申请挂账" in text_of(role)) is suspends


@pytest.mark.parametrize("role", ["community", "street"])
def test_who_answers_reads_what_happens_if_they_do_not(role: str) -> None:
    text = text_of(role)
    assert [words for words in ANSWERING if words not in text] == []


@pytest.mark.parametrize(("role", "publishes"), [("community", False), ("street", True), ("official", True)])
def test_who_publishes_reads_how_an_issue_goes_out_and_is_withdrawn(role: str, publishes: bool) -> None:
    assert ("看要发出的文字" in text_of(role)) is publishes


@pytest.mark.parametrize("role", ["grid-worker", "grid-leader", "community", "street", "department", "official"])
def test_the_explanation_of_a_deadline_and_its_pauses_is_found(role: str) -> None:
    text = text_of(role)
    assert "为什么是这个时间" in text
    assert "画斜纹" in text


def test_residents_read_why_their_date_moved_or_stands_still() -> None:
    assert "为什么时间变了、停了" in text_of("resident")
