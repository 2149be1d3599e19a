"""Years of tickets in bulk, for measuring."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.bulk import give_password, load_tickets, make_district, share_out


class Command(BaseCommand):
    help = (
        "Load consistent tickets in bulk into districts t01, t02 …, which are made where missing. Adds on repetition."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tickets", type=int, required=True)
        parser.add_argument("--districts", type=int, default=20, help="1 to 99; their sizes are skewed")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--lately", type=float, default=0.02, help="share of the last twelve days, 0 to 1")
        parser.add_argument("--searchable", action="store_true", help="write search tokens too (slower)")
        parser.add_argument("--password", default="", help="one that everybody in post there signs in with")
        parser.add_argument(
            "--yes-really-in-production", action="store_true", help="where the installation is no demo or test"
        )

    def handle(
        self,
        *args: Any,
        tickets: int,
        districts: int,
        seed: int,
        lately: float,
        searchable: bool,
        password: str,
        **options: Any,
    ) -> None:
        if not settings.CLOCK_SHIFT_ALLOWED and not options["yes_really_in_production"]:
            raise CommandError("this installation is no demo: invented tickets do not belong here")
        if not 1 <= districts <= 99 or tickets < 1:
            raise CommandError("--districts must be 1 to 99, --tickets at least 1")
        began, rows = perf_counter(), 0
        for number, count in enumerate(share_out(tickets, districts), start=1):
            found, since = make_district(number), perf_counter()
            rows += load_tickets(found, count, seed=seed, searchable=searchable, lately=lately)
            if password:
                give_password(found, password)
            self.stdout.write(f"{found.code}: {count} tickets ({perf_counter() - since:.1f} s)")
            self.stdout.flush()
        seconds = perf_counter() - began
        self.stdout.write(f"{tickets} tickets, {rows} rows in {seconds:.0f} s: {tickets / seconds:.0f} tickets/s")
        for number in range(1, districts + 1):
            call_command("rebuild_facts", district=f"t{number:02d}", stdout=self.stdout)
