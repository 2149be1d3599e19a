"""The demo's data in two steps: what signing in needs, and the rest while the platform already serves."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.demo import set_demo_passwords
from analytics.life import live_some_days
from governance.kernel.errors import NotAllowed
from governance.kernel.models import District
from grids.generation import CODES

TICKETS = {"s0": 160, "s1": 50, "s2": 90}  # about the size of the district


class Command(BaseCommand):
    help = "Load the demo data. Repeatable: what is there stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--essential", action="store_true", help="districts without flats, and the accounts")
        which.add_argument("--rest", action="store_true", help="what takes longer")

    def handle(self, *args: Any, essential: bool, rest: bool, **options: Any) -> None:
        if not rest:
            self._essential()
        if not essential:
            self._rest()

    def _essential(self) -> None:
        call_command("load_districts", without_rooms=True, stdout=self.stdout)
        try:
            changed = set_demo_passwords()
        except NotAllowed as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"demo accounts: {changed} passwords set")

    def _rest(self) -> None:
        for district in District.objects.filter(code__in=CODES).order_by("id"):
            count = live_some_days(district, tickets=TICKETS.get(district.code, 60))
            self.stdout.write(f"{district.code} {district.name}: {count} tickets after some days of life")
        call_command("load_districts", stdout=self.stdout)
