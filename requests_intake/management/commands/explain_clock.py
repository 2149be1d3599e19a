"""``manage.py explain_clock NUMBER --district CODE``: why a deadline is when it is, line by line from its ledger."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction
from requests_intake.clock_stories import differences, stories_of_ticket
from requests_intake.models import Clock, Ticket
from requests_intake.presentation.clock_stories import as_text


class Command(BaseCommand):
    help = _("按台账逐行重算期限：哪些小时算数、哪天放假、谁同意暂停；--all 核对全区。有不一致时退出码为 1。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", help=_("诉求编号"))
        parser.add_argument("--district", required=True, help=_("区的代号，例如 s1"))
        parser.add_argument("--all", action="store_true", help=_("核对全区所有的钟，包括已经停了的"))

    def handle(self, *args: Any, number: str | None, **options: Any) -> None:
        district = District.objects.with_shift().filter(code=options["district"]).first()
        if district is None:
            raise CommandError(_("没有代号为“{code}”的区。").format(code=options["district"]))
        if not number and not options["all"]:
            raise CommandError(_("请写诉求编号，或者用 --all 核对全区。"))
        with district_transaction(district):
            wrong = self._one(str(number)) if number else self._all()
        if wrong:
            raise CommandError(_("有 {count} 个期限与重算不一致。").format(count=wrong))

    def _one(self, number: str) -> int:
        ticket = Ticket.objects.filter(number=number).first()
        if ticket is None:
            raise CommandError(_("没有编号为“{number}”的诉求。").format(number=number))
        self.stdout.write(as_text(ticket))
        return sum(not story.agrees for story in stories_of_ticket(ticket))

    def _all(self) -> int:
        found = differences(only_open=False)
        for row in found:
            computed = row.computed.isoformat() if row.computed else _("没有台账")
            self.stdout.write(f"{row.clock_id}\t{row.ticket_id}\t{row.kind}\t{row.stored.isoformat()}\t{computed}")
        self.stdout.write(_("核对 {count} 个钟，{wrong} 个不一致。").format(
            count=Clock.objects.count(), wrong=len(found)
        ))  # fmt: skip
        return len(found)
