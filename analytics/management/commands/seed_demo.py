"""The demo's data in two steps: what signing in needs, and the rest while the platform already serves."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from psycopg2.errors import DeadlockDetected

from analytics.demo import set_demo_passwords
from analytics.demo_answers import load_demo_answers
from analytics.demo_desks import load_demo_desks
from analytics.demo_households import load_demo_households
from analytics.demo_patrols import load_demo_patrols
from analytics.demo_posts import load_demo_posts
from analytics.demo_territory import load_demo_change
from analytics.life import has_past
from governance.kernel import clock
from governance.kernel.errors import NotAllowed
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction
from grids.generation import CODES

# About the size of the district; the one looked at first comes first.
TICKETS = {"s0": 400, "s2": 200, "s1": 120, "s3": 250, "s4": 200}


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
        loaded = set(District.objects.filter(code__in=CODES).values_list("code", flat=True))
        for code in (code for code in TICKETS if code in loaded):
            written = load_demo_answers(District.objects.get(code=code))
            self.stdout.write(f"{code}: {written} articles of the knowledge base")
            if not self._has_past(code):
                self._live(code)
        call_command("load_districts", stdout=self.stdout)
        for code in (code for code in TICKETS if code in loaded):
            written = load_demo_households(District.objects.get(code=code))
            self.stdout.write(f"{code}: {written} households in the register")
            walked = load_demo_patrols(District.objects.get(code=code))
            self.stdout.write(f"{code}: {walked} patrols")
            load_demo_change(District.objects.get(code=code))
            made = load_demo_posts(District.objects.get(code=code))
            self.stdout.write(f"{code}: {made} forces in the lists")
            kept = load_demo_desks(District.objects.get(code=code))
            self.stdout.write(f"{code}: {kept} things a desk keeps")

    def _live(self, code: str) -> None:
        """A month is one transaction. Somebody who reports meanwhile may meet it in a deadlock: it is lived anew."""
        for again in (True, True, False):
            try:
                call_command("simulate", district=code, tickets=TICKETS[code], stdout=self.stdout)
            except OperationalError as error:
                if not (again and isinstance(error.__cause__, DeadlockDetected)):
                    raise
                self.stdout.write(f"\n{code}: somebody reported meanwhile; once more")
            else:
                return

    def _has_past(self, code: str) -> bool:
        with district_transaction(District.objects.get(code=code)):
            return has_past(clock.now())
