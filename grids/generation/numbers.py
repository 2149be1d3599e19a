"""Dividing totals so that the parts add up. Pure."""

from __future__ import annotations

from random import Random


def even_parts(total: int, parts: int) -> list[int]:
    """Whole numbers that differ by one at most: 7 in 3 parts is 3, 2, 2."""
    base, over = divmod(total, parts)
    return [base + (place < over) for place in range(parts)]


def varied_parts(total: int, parts: int, rng: Random, *, low: int, high: int) -> list[int]:
    """Whole numbers between ``low`` and ``high`` that add up to ``total``; ``ValueError`` where that cannot be."""
    if not low * parts <= total <= high * parts:
        raise ValueError(f"{parts} parts of {low} to {high} cannot make {total}")
    result = even_parts(total, parts)
    for place in range(parts - 1):
        # Move some from this part to the next, as far as both may go.
        least = max(low - result[place], result[place + 1] - high)
        most = min(high - result[place], result[place + 1] - low)
        step = rng.randint(least // 2, most // 2) if least // 2 <= most // 2 else 0
        result[place] += step
        result[place + 1] -= step
    rng.shuffle(result)
    return result


def cut_points(length: int, parts: int, rng: Random) -> list[int]:
    """Where to cut ``length`` things in a row into ``parts`` runs of at least one: the ends of the runs."""
    return [*sorted(rng.sample(range(1, length), parts - 1)), length]
