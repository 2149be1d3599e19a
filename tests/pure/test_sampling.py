"""The draw follows from seed, number and turn, and from nothing else."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from requests_intake.sampling import commitment_of, value_of

seeds = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(seeds, st.text(min_size=1, max_size=20), st.integers(1, 99))
def test_a_draw_is_the_hmac_of_number_and_turn(seed: str, number: str, turn: int) -> None:
    digest = hmac.new(seed.encode(), f"{number}/{turn}".encode(), hashlib.sha256).digest()
    assert value_of(seed, number, turn) == int.from_bytes(digest[:8], "big") % 100


def test_the_commitment_is_the_plain_sha256_anybody_can_compute() -> None:
    assert commitment_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_draws_are_spread_evenly_and_differ_by_month_and_turn() -> None:
    numbers = [f"261123-{n:05d}" for n in range(5_000)]
    first = [value_of("a" * 64, number, 1) for number in numbers]
    assert 900 < sum(value < 20 for value in first) < 1_100
    same_month = sum(one == value_of("a" * 64, number, 2) for one, number in zip(first, numbers, strict=True))
    same_turn = sum(one == value_of("b" * 64, number, 1) for one, number in zip(first, numbers, strict=True))
    assert same_month < 150
    assert same_turn < 150
