"""Dividing totals and tiling: the arithmetic under the generated districts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.generation.numbers import cut_points, even_parts, varied_parts
from grids.generation.tiling import blob, divide, is_connected


@given(total=st.integers(0, 5000), parts=st.integers(1, 60))
def test_even_parts_add_up_and_differ_by_one(total: int, parts: int) -> None:
    found = even_parts(total, parts)
    assert (sum(found), len(found)) == (total, parts)
    assert max(found) - min(found) <= 1


@given(
    parts=st.integers(1, 40), low=st.integers(0, 50), width=st.integers(0, 50), at=st.floats(0, 1), seed=st.integers()
)
def test_varied_parts_add_up_within_their_bounds(parts: int, low: int, width: int, at: float, seed: int) -> None:
    total = round(parts * (low + at * width))
    found = varied_parts(total, parts, Random(seed), low=low, high=low + width)
    assert (sum(found), len(found)) == (total, parts)
    assert low <= min(found) <= max(found) <= low + width


def test_impossible_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot make"):
        varied_parts(10, 3, Random(1), low=4, high=5)


@given(length=st.integers(1, 60), seed=st.integers(), share=st.floats(0, 1))
def test_cut_points_leave_something_in_every_run(length: int, seed: int, share: float) -> None:
    parts = max(1, round(share * length))
    ends = cut_points(length, parts, Random(seed))
    runs = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    assert (len(runs), sum(runs)) == (parts, length)
    assert min(runs) >= 1


@pytest.mark.parametrize("seed", range(8))
def test_parts_of_a_district_are_connected(seed: int) -> None:
    rng = Random(seed)
    cells = blob(120, rng)
    assert is_connected(cells)
    sizes = varied_parts(120, 14, rng, low=5, high=13)
    parts = divide(cells, sizes)
    assert [len(part) for part in parts] == sizes
    assert sorted(cell for part in parts for cell in part) == cells
    assert all(is_connected(part) for part in parts)


def test_cells_apart_are_not_connected() -> None:
    assert not is_connected([(0, 0), (3, 3)])
    assert not is_connected([])
