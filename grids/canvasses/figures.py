"""How far a canvass is, and what was answered, in numbers: counted while there are answers, read from totals after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Sum

from grids.canvasses.audience import unasked
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassTotal, CanvassValue


@dataclass
class Progress:
    """Of one grid, or the sum of several, in households; ``seats`` in people."""

    asked_of: int = 0
    answered: int = 0
    away: int = 0
    declined: int = 0
    seats: int = 0

    @property
    def asked(self) -> int:
        """Who said something, be it no."""
        return self.answered + self.declined

    @property
    def left(self) -> int:
        return max(0, self.asked_of - self.asked)

    @property
    def percent(self) -> int:
        return 100 * self.asked // self.asked_of if self.asked_of else 0

    def __iadd__(self, other: Progress) -> Progress:
        for name in NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


NAMES = ("asked_of", "answered", "away", "declined", "seats")


@dataclass
class Said:
    """To one question: how many chose each option; how many said something, and the sum of numbers."""

    options: Counter[int] = field(default_factory=Counter)
    filled: int = 0
    sum: int = 0


@dataclass
class Figures:
    """``grids``: progress by grid id; ``said``: by grid id and question id."""

    grids: dict[int, Progress]
    said: dict[int, dict[int, Said]]

    def whole(self) -> Progress:
        total = Progress()
        for row in self.grids.values():
            total += row
        return total

    def of_field(self, field_id: int) -> Said:
        total = Said()
        for by_field in self.said.values():
            if (said := by_field.get(field_id)) is not None:
                total.options += said.options
                total.filled += said.filled
                total.sum += said.sum
        return total


def figures(canvass: Canvass, grids: Iterable[int]) -> Figures:
    """Three statements, and those of the audience; one once the answers are erased."""
    ids = list(grids)
    return _kept(canvass, ids) if canvass.erased_at else count(canvass, ids)


def count(canvass: Canvass, ids: Sequence[int]) -> Figures:
    """The numbers from the answers themselves."""
    grids = {pk: Progress() for pk in ids}
    said: dict[int, dict[int, Said]] = defaultdict(lambda: defaultdict(Said))
    waiting = unasked(canvass, ids).values("building__grid_id").annotate(n=Count("pk")).order_by()
    for row in waiting.values_list("building__grid_id", "n"):
        grids[row[0] or 0].asked_of += row[1]
    answers = CanvassAnswer.objects.filter(canvass=canvass, grid_id__in=ids)
    for grid, met, n, seats in (
        answers.values("grid_id", "met").annotate(n=Count("pk"), sum=Sum("seats")).order_by()
        .values_list("grid_id", "met", "n", "sum")
    ):  # fmt: skip
        progress = grids[grid]
        progress.asked_of += n
        progress.seats += seats
        setattr(progress, met, n)
    values = CanvassValue.objects.filter(answer__canvass=canvass, answer__grid_id__in=ids)
    for grid, pk, option, n, total in (
        values.values("answer__grid_id", "field_id", "option").annotate(n=Count("pk"), sum=Sum("number")).order_by()
        .values_list("answer__grid_id", "field_id", "option", "n", "sum")
    ):  # fmt: skip
        of_field = said[grid][pk]
        of_field.filled += n
        of_field.sum += total or 0
        if option is not None:
            of_field.options[option] += n
    return Figures(grids, {grid: dict(by_field) for grid, by_field in said.items()})


def _kept(canvass: Canvass, ids: Sequence[int]) -> Figures:
    grids = {pk: Progress() for pk in ids}
    said: dict[int, dict[int, Said]] = defaultdict(lambda: defaultdict(Said))
    rows = CanvassTotal.objects.filter(canvass=canvass, grid_id__in=ids)
    for grid, pk, what, option, n in rows.values_list("grid_id", "field_id", "what", "option", "count"):
        if pk is None:
            setattr(grids[grid], what, n)
        elif what == "option":
            said[grid][pk].options[option] = n
        else:
            setattr(said[grid][pk], what, n)
    return Figures(grids, {grid: dict(by_field) for grid, by_field in said.items()})


def totals(canvass: Canvass, found: Figures) -> list[CanvassTotal]:
    """What stays when the answers go: rows to be written, none for a nought."""
    rows = []
    for grid, progress in found.grids.items():
        rows += [
            CanvassTotal(canvass=canvass, grid_id=grid, what=name, count=getattr(progress, name))
            for name in NAMES
            if getattr(progress, name)
        ]
    for grid, by_field in found.said.items():
        for pk, said in by_field.items():
            numbers: list[tuple[str, int | None, int]] = [("option", option, n) for option, n in said.options.items()]
            numbers += [("filled", None, said.filled), ("sum", None, said.sum)]
            rows += [
                CanvassTotal(canvass=canvass, grid_id=grid, field_id=pk, what=what, option=option, count=n)
                for what, option, n in numbers
                if n
            ]
    return rows
