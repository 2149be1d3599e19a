"""Load the five model districts from their data files."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.kernel.tenancy.context import district_transaction
from grids.generation import CODES, load_district, load_rooms, read_spec
from requests_intake.actions.reference import load_reference_data


class Command(BaseCommand):
    help = "Load the model districts: territory, organizations, posts, people, categories, limits. Repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", action="append", choices=CODES, metavar="CODE", help="s0 … s4; may be repeated")
        parser.add_argument("--without-rooms", action="store_true", help="leave out entrances and flats")

    def handle(self, *args: Any, only: list[str] | None, without_rooms: bool, **options: Any) -> None:
        for code in only or CODES:
            spec = read_spec(code)
            start = perf_counter()
            made = load_district(spec)
            with district_transaction(spec.id):
                refreshed = load_reference_data()
                rooms = 0 if without_rooms else load_rooms()
            done = [
                *(["territory, organizations, people"] if made else []),
                *(["categories, limits"] if refreshed else []),
                *([f"{rooms} flats"] if rooms else []),
            ]
            told = ", ".join(done) or "nothing to do"
            self.stdout.write(f"{code} {spec.name}: {told} ({perf_counter() - start:.1f} s)")
