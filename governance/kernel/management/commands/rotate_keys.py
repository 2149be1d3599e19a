"""``manage.py rotate_keys``: after it the older keys may be dropped."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models, transaction

from governance.kernel.models import District
from governance.kernel.rotation import BATCH, Done, encrypted_models, lost_with_the_key, rotate_answers, rotate_model
from governance.kernel.tenancy.context import district_scope
from governance.kernel.tenancy.models import DistrictModel


class Command(BaseCommand):
    help = (
        "Re-encrypt every personal value with the first of FIELD_ENCRYPTION_KEYS and compute every keyed hash anew by "
        "FIELD_HASH_KEY, in all districts, while they work. May be broken off and begun again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help=f"rows in one transaction (default {BATCH})")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError("--batch must be at least 1")
        found = encrypted_models()
        total = Done()
        for model in found:
            if not issubclass(model, DistrictModel):
                total += self._tell("platform", model._meta.label, rotate_model(model, batch=batch))
        for district in District.objects.with_shift().order_by("id"):
            with district_scope(district):
                for model in found:
                    if issubclass(model, DistrictModel):
                        total += self._tell(district.code, model._meta.label, rotate_model(model, batch=batch))
                total += self._tell(district.code, "answers kept for repeated requests", rotate_answers(batch=batch))
                for model, name in lost_with_the_key():
                    self._tell_codes(district.code, model, name)
        self.stdout.write(f"{total.seen} values, {total.changed} rows brought to the newest keys")
        if total.unreadable:
            raise CommandError(f"{total.unreadable} rows are under a key that is not given: add it and run this again")

    def _tell(self, where: str, what: str, done: Done) -> Done:
        unreadable = f", {done.unreadable} UNREADABLE" if done.unreadable else ""
        self.stdout.write(f"{where}: {what}: {done.seen} values, {done.changed} rows rotated{unreadable}")
        return done

    def _tell_codes(self, where: str, model: type[models.Model], name: str) -> None:
        with transaction.atomic():
            count = model._default_manager.exclude(**{name: ""}).count()
        if count:
            self.stdout.write(f"{where}: {model._meta.label}.{name}: {count} codes that only their own hash key opens")
