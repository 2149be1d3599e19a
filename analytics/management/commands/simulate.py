"""Let a district live some weeks up to now."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.life import live
from governance.kernel.errors import DomainError
from governance.kernel.models import District


class Command(BaseCommand):
    help = "Send residents, workers, desks and departments of a district through the real actions. Demo and test only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--district", required=True, metavar="CODE")
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--tickets", type=int, default=300, help="how many are reported in all")
        parser.add_argument("--more", action="store_true", help="although the district already has tickets")

    def handle(self, *args: Any, district: str, days: int, seed: int, tickets: int, more: bool, **options: Any) -> None:
        if days < 1 or tickets < 0:
            raise CommandError("--days must be at least 1, and --tickets not negative")
        found = District.objects.with_shift().filter(code=district).first()
        if found is None:
            raise CommandError(f"no district {district}")
        began = perf_counter()
        try:
            count = live(found, tickets=tickets, days=days, seed=seed, more=more, progress=self._progress)
        except DomainError as error:
            hint = " (--more adds to them)" if error.code == "has_tickets" else ""
            raise CommandError(f"{error.message}{hint}") from error
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found.code} {found.name}: {count} tickets in {days} days ({perf_counter() - began:.0f} s)")

    def _progress(self, day: int, days: int, tickets: int) -> None:
        filled = 30 * day // days
        ending = "\n" if day == days or not self.stdout.isatty() else "\r"
        self.stdout.write(f"[{'#' * filled}{'.' * (30 - filled)}] day {day}/{days}, {tickets} tickets", ending=ending)
        self.stdout.flush()
