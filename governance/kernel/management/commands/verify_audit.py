"""``manage.py verify_audit``: is every sealed audit row still what it was?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.kernel.audit import verify_chain
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction


class Command(BaseCommand):
    help = "Recompute the audit chain of one district, or of all. Fails where a row was changed, removed or slipped in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--district", help="code of one district; all of them without it")

    def handle(self, *args: Any, district: str | None, **options: Any) -> None:
        found = District.objects.order_by("id")
        if district:
            found = found.filter(code=district)
        if not found:
            raise CommandError(f"no district {district!r}" if district else "no district")
        broken = []
        for each in found:
            with district_transaction(each):
                verdict = verify_chain()
            state = "BROKEN" if verdict.faults else "whole"
            self.stdout.write(
                f"{each.code}: {state}; {verdict.seals} seals, {verdict.sealed} events, {verdict.unsealed} unsealed"
            )
            for fault in verdict.faults:
                about = f"row {fault.event} was {fault.kind}" if fault.event else "the link itself does not fit"
                self.stdout.write(f"  {each.code}: seal {fault.seal}: {about}")
            if verdict.faults:
                broken.append(each.code)
        if broken:
            raise CommandError(f"the audit of {', '.join(broken)} was tampered with")
