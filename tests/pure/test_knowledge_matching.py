"""Finding an article by what is typed, and offering one for what is said."""

from datetime import UTC, date, datetime

import pytest

from requests_intake.knowledge_matching import Entry, best_for, heard, kept_share, rank


def entry(article_id: int, *terms: tuple[str, str]) -> Entry:
    return Entry(
        article_id=article_id,
        version=1,
        terms=tuple(term for term, _sounds in terms),
        sounds=tuple(tuple(sounds.split()) for _term, sounds in terms),
        category_id=None,
        owner_id=1,
        review_on=date(2027, 1, 1),
        written_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


ALLOWANCE = entry(1, ("高龄津贴怎么申请？", "gao ling jin tie zen me shen qing"), ("老人补贴", "lao ren bu tie"))
WATER = entry(2, ("家里停水了怎么办？", "jia li ting shui le zen me ban"), ("停水", "ting shui"))
LIFT = entry(3, ("老楼想装电梯，第一步做什么？", "lao lou xiang zhuang dian ti"), ("加装电梯", "jia zhuang dian ti"))
ALL = [ALLOWANCE, WATER, LIFT]


@pytest.mark.parametrize("typed", ["高龄津贴", "gljt", "jt", "jintie", "gaoling", "GLJT", "gl津贴", "老人补贴", "lrbt"])
def test_words_initials_and_syllables_find_the_allowance_and_nothing_else(typed):
    assert [row.article_id for row in ALL if rank(row, typed)] == [1]


@pytest.mark.parametrize("typed", ["ngji", "aolin", "iao", "津贴停水", "工资"])
def test_what_begins_within_a_syllable_or_stands_in_no_term_finds_nothing(typed):
    assert [rank(row, typed) for row in ALL] == [0, 0, 0]


def test_a_whole_term_stands_before_its_beginning_and_that_before_its_middle():
    assert rank(WATER, "停水") > rank(WATER, "家里") > rank(WATER, "怎么办")


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("我妈八十了，那个高龄津贴怎么领啊", [1]),
        ("老人补贴还发不发", [1]),
        ("小区停水三天了没人管", [2]),
        ("老楼加装电梯要什么手续", [3]),
        ("三单元楼道灯坏了一个星期", []),
        ("请问怎么办理", []),
        ("gljt", [1]),
        ("", []),
        ("？", []),
    ],
)
def test_own_words_are_offered_the_article_they_ask_for(said, ids):
    assert [row.article_id for row in best_for(said, ALL, most=2)] == ids


def test_at_most_so_many_are_offered_the_likeliest_first():
    said = "停水了，高龄津贴怎么申请"
    assert heard(ALLOWANCE, said) > heard(WATER, said) > 0
    assert [row.article_id for row in best_for(said, ALL, most=1)] == [1]


def test_a_reply_keeps_an_answer_as_far_as_its_words_stand_in_it():
    answer = "带身份证和户口簿到社区服务中心窗口。"
    assert kept_share(answer, f"您好！{answer}谢谢") == 1
    assert kept_share(answer, "已经电话答复") == 0
    assert kept_share("", "任何话") == 0
