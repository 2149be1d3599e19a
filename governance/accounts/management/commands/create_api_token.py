from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.accounts.models import User
from governance.accounts.queries import active_membership
from governance.accounts.tokens import LIFETIME, create_token
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction


class Command(BaseCommand):
    help = "Make an API token for a member of a district and print it, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("handle", help="whose rights the token has")
        parser.add_argument("--district", required=True, metavar="CODE")
        parser.add_argument("--name", required=True, help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        district = District.objects.with_shift().filter(code=options["district"], is_active=True).first()
        if district is None:
            raise CommandError(f"There is no active district {options['district']}.")
        name = options["name"].strip()
        if not 1 <= len(name) <= 60:
            raise CommandError("--name takes 1 to 60 characters.")
        user = User.objects.filter(handle=options["handle"], is_active=True).first()
        with district_transaction(district):
            membership = active_membership(user.pk) if user else None
            if membership is None:
                raise CommandError(f"{options['handle']} is no active member of {district.code}.")
            text = create_token(membership, name=name)
            audit.record(
                "create_api_token", actor=Actor.system("command"), object_kind="membership", object_id=membership.pk
            )
        self.stderr.write(f"Valid for {LIFETIME.days} days. It is not shown again.")
        self.stdout.write(text)
