"""Print how to sign in to the demo."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.demo import PASSWORD, demo_accounts, set_demo_passwords
from governance.kernel.errors import NotAllowed


class Command(BaseCommand):
    help = "Set the demo accounts' passwords where needed, and print districts, posts, handles and the password."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            set_demo_passwords()
            accounts = demo_accounts()
        except NotAllowed as error:
            raise CommandError(error.message) from error
        if not accounts:
            raise CommandError("No model district is loaded: ./manage.py seed_demo --essential")
        self._line("区", "岗位", "账号", "密码")
        for number, account in enumerate(accounts):
            first = number == 0 or accounts[number - 1].district != account.district
            self._line(account.district.name if first else "", account.post, account.handle, PASSWORD)

    def _line(self, *cells: str) -> None:
        self.stdout.write("  ".join(_padded(cell, width) for cell, width in zip(cells, (14, 18, 14, 12), strict=True)))


def _padded(text: str, width: int) -> str:
    """Filled with spaces to a width in terminal columns, of which a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * (width - taken)
