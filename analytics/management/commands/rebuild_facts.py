"""manage.py rebuild_facts [--check] [--district CODE]"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from analytics.rollup import differences, rebuild
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope

_SHOWN = 20


class Command(BaseCommand):
    help = "Compute the statistics again from the transitions; with --check only compare, and fail on any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where facts and rows differ")
        parser.add_argument("--district", metavar="CODE", help="only this district (default: all)")

    def handle(self, *args: Any, check: bool, district: str | None, **options: Any) -> None:
        districts = District.objects.with_shift().order_by("id")
        chosen = list(districts.filter(code=district) if district else districts)
        if district and not chosen:
            raise CommandError(f"there is no district {district}")
        wrong = 0
        for each in chosen:
            with district_scope(each), transaction.atomic():
                if not check:
                    self.stdout.write(f"{each.code}: {rebuild()} cells corrected")
                    continue
                found = differences()
            wrong += len(found)
            self.stdout.write(f"{each.code}: {len(found)} differences")
            for row in found[:_SHOWN]:
                self.stdout.write(f"  {row.day} {row.axis}={row.value} {row.measure}: {row.missing:+}")
        if wrong:
            raise CommandError(f"{wrong} cells differ from the transitions; rebuild_facts corrects them")
