"""Likeness of two reports: properties of the measure, and the sentences it is there for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_intake.similarity import Spot, likeness, match, metres, normal, pairs, same_place

WORDS = st.text(alphabet="楼道灯坏了三单元老人晚上看不见请问谢谢abc123 ，。!", max_size=60)
SPOTS = st.builds(
    Spot,
    building=st.one_of(st.none(), st.integers(1, 3)),
    compound=st.one_of(st.none(), st.integers(1, 2)),
    grid=st.one_of(st.none(), st.integers(1, 2)),
    point=st.one_of(st.none(), st.tuples(st.floats(113.0, 113.01), st.floats(34.0, 34.01))),
)


@given(WORDS)
def test_a_text_is_entirely_like_itself(text: str) -> None:
    assert likeness(text, text) == 1.0


@given(WORDS, WORDS)
def test_likeness_is_symmetric_and_between_nought_and_one(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0.0 <= likeness(one, other) <= 1.0


@given(WORDS, WORDS)
def test_texts_without_a_common_pair_have_no_likeness(one: str, other: str) -> None:
    if not pairs(normal(one)) & pairs(normal(other)) and (normal(one) or normal(other)):
        assert likeness(one, other) == 0.0


@given(WORDS)
def test_normalising_twice_changes_nothing_that_is_compared(text: str) -> None:
    assert likeness(normal(text), text) == 1.0 or normal(normal(text)) != normal(text)


@given(SPOTS, SPOTS)
def test_the_same_place_does_not_depend_on_the_order(one: Spot, other: Spot) -> None:
    assert same_place(one, other) == same_place(other, one)


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("三单元楼道灯坏了一个星期，老人晚上上下楼看不见。", "3单元楼道的灯坏了，晚上看不见", 0.5, 1.0),
        ("请问三单元的楼道灯坏了，谢谢！", "三单元楼道灯坏了", 1.0, 1.0),
        ("小区门口垃圾没人清，臭得很", "门口的垃圾几天没人清理了", 0.35, 1.0),
        ("三单元楼道灯坏了", "电动车乱停堵住消防通道", 0.0, 0.05),
        ("漏水", "楼上卫生间漏水把我家天花板泡坏了", 0.0, 0.2),
    ],
)
def test_what_people_say_of_one_matter_is_alike(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(one, other) <= most


def test_a_place_is_the_same_as_exactly_as_both_are_known() -> None:
    assert same_place(Spot(1, 1, 1), Spot(1, 1, 1)) == "building"
    assert same_place(Spot(1, 1, 1), Spot(2, 1, 1)) == "compound"
    assert same_place(Spot(None, None, 1), Spot(2, 1, 1)) == "grid"
    assert same_place(Spot(1, 1, 1), Spot(2, 2, 1)) == ""  # two buildings of two compounds in one grid
    assert same_place(Spot(point=(113.0, 34.0)), Spot(point=(113.0009, 34.0))) == "near"
    assert same_place(Spot(point=(113.0, 34.0)), Spot(point=(113.0012, 34.0))) == ""
    assert same_place(Spot(), Spot()) == ""
    assert metres((113.0, 34.0), (113.0, 34.001)) == pytest.approx(111.2, abs=0.3)


def test_the_less_exact_the_place_the_more_alike_the_words_must_be() -> None:
    assert match("building", same_category=True, same_parent=True, words=0.25) is not None
    assert match("grid", same_category=True, same_parent=True, words=0.25) is None
    assert match("building", same_category=False, same_parent=True, words=0.5) is None
    assert match("building", same_category=False, same_parent=True, words=0.7) is not None
    assert match("building", same_category=False, same_parent=False, words=1.0) is None
    assert match("", same_category=True, same_parent=True, words=1.0) is None
