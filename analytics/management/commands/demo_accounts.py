"""Print how to sign in to the demo."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.demo import PASSWORD, demo_accounts, set_demo_passwords
from governance.kernel.errors import NotAllowed
from governance.kernel.models import District


class Command(BaseCommand):
    help = "Set the demo accounts' passwords where needed, and print districts, posts, handles and the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="", help="where the demo answers; its addresses are printed first")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        try:
            set_demo_passwords()
            accounts = demo_accounts()
        except NotAllowed as error:
            raise CommandError(error.message) from error
        if not accounts:
            raise CommandError("No model district is loaded: ./manage.py seed_demo --essential")
        if url:
            self._addresses(url, [account.district for account in accounts])
        self._line("区", "岗位", "账号", "密码")
        for number, account in enumerate(accounts):
            first = number == 0 or accounts[number - 1].district != account.district
            self._line(account.district.name if first else "", account.post, account.handle, PASSWORD)

    def _addresses(self, url: str, districts: list[District]) -> None:
        """Residents need no account; staff land on their own surface after signing in."""
        self.stdout.write(_padded("工作人员登录", 18) + f"{url}/sign-in/")
        for district in dict.fromkeys(districts):
            self.stdout.write(_padded(f"居民 {district.name}", 18) + f"{url}/d/{district.code}/")
        self.stdout.write(_padded("接口说明", 18) + f"{url}/api/v1/docs/\n")

    def _line(self, *cells: str) -> None:
        self.stdout.write("  ".join(_padded(cell, width) for cell, width in zip(cells, (14, 18, 14, 12), strict=True)))


def _padded(text: str, width: int) -> str:
    """Filled with spaces to a width in terminal columns, of which a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * (width - taken)
