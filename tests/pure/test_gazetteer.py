"""Reading places out of written addresses."""

from __future__ import annotations

import pytest

from grids.gazetteer import Gazetteer, Place, building_number

EAST, SPRING, SUMMER, WEST, AUTUMN = 1, 11, 12, 2, 21


@pytest.fixture
def names() -> Gazetteer:
    return Gazetteer(
        [
            ("东湖街道", Place("street", EAST, frozenset({EAST}))),
            ("西山街道", Place("street", WEST, frozenset({WEST}))),
            ("春晓社区", Place("community", SPRING, frozenset({EAST, SPRING}))),
            ("秋月社区", Place("community", AUTUMN, frozenset({WEST, AUTUMN}))),
            ("春晓社区第3网格", Place("grid", 113, frozenset({EAST, SPRING, 113}))),
            ("柳荫花园", Place("compound", 900, frozenset({EAST, SPRING}))),
            ("春晓", Place("compound", 904, frozenset({WEST, AUTUMN}))),
            ("秋月", Place("compound", 905, frozenset({WEST, AUTUMN}))),
            ("柳荫路18号", Place("compound", 900, frozenset({EAST, SPRING}))),
            ("柳荫花园东区", Place("compound", 901, frozenset({EAST, SUMMER}))),
            ("幸福里", Place("compound", 902, frozenset({EAST, SPRING}))),
            ("幸福里", Place("compound", 903, frozenset({WEST, AUTUMN}))),
        ]
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3号楼", "3"),
        ("３号楼２单元", "3"),
        ("3栋", "3"),
        ("3幢501", "3"),
        ("#3", "3"),
        ("3#", "3"),
        ("＃12楼下", "12"),
        ("第三号楼", "3"),
        ("十二栋", "12"),
        ("二十幢", "20"),
        ("03号楼", "3"),
        ("A座1201", "A"),
        ("小区3号2单元", "3"),
        ("3-2-501", "3"),
        ("门口路灯不亮", ""),
        ("旁边地铁3号线出口", ""),
        ("3单元楼道灯坏了", ""),
    ],
)
def test_building_number_is_read_in_every_spelling(text: str, number: str) -> None:
    assert building_number(text) == number


def test_longest_name_wins(names: Gazetteer) -> None:
    found = names.find("柳荫花园东区2号楼")
    assert found is not None
    assert (found.place.id, found.building) == (901, "2")


def test_street_number_is_not_a_building_number(names: Gazetteer) -> None:
    found = names.find("东湖街道柳荫路１８号 柳荫花园 5 号楼")
    assert found is not None
    assert (found.place.id, found.building) == (900, "5")


def test_compound_is_found_by_its_address(names: Gazetteer) -> None:
    found = names.find("柳荫路18号7栋")
    assert found is not None
    assert (found.place.id, found.building) == (900, "7")


def test_same_name_twice_is_decided_by_the_area_in_the_text(names: Gazetteer) -> None:
    found = names.find("西山街道幸福里4号楼")
    assert found is not None
    assert (found.place.id, found.building) == (903, "4")


def test_same_name_twice_is_decided_by_the_area_chosen(names: Gazetteer) -> None:
    found = names.find("幸福里4号楼", chosen=SPRING)
    assert found is not None
    assert found.place.id == 902


def test_name_that_stays_ambiguous_is_passed_over(names: Gazetteer) -> None:
    assert names.find("幸福里4号楼") is None


def test_grid_wins_over_its_community(names: Gazetteer) -> None:
    found = names.find("春晓社区第３网格垃圾站")
    assert found is not None
    assert found.place.id == 113


def test_street_is_the_last_resort(names: Gazetteer) -> None:
    found = names.find("东湖街道某处")
    assert found is not None
    assert found.place.id == EAST


def test_text_without_a_name_finds_nothing(names: Gazetteer) -> None:
    assert names.find("我家楼下") is None


def test_compound_inside_a_longer_name_counts_only_where_it_lies_there(names: Gazetteer) -> None:
    elsewhere, there = names.find("春晓社区2号楼"), names.find("秋月社区2号楼")
    assert elsewhere is not None
    assert there is not None
    assert (elsewhere.place.id, there.place.id) == (SPRING, 905)
    assert there.building == "2"
