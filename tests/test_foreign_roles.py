"""Whatever post somebody holds in another district, every address answers them like the table's ``foreign``."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.tenancy.context import no_district
from requests_intake.models import Attachment
from tests.addressed import objects_of
from tests.cases import report
from tests.test_noninterference import CAST
from tests.test_permission_matrix import PEOPLE, answer, bodies, path_of, rows
from tests.world import World, make_district

# One of each post; the table's own foreigners are a dispatcher and an administrator.
ROLES = [name for name in CAST if not name.startswith("other_") and name not in ("dispatcher", "admin")]
FOREIGN = PEOPLE.index("foreign")


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(4))
def test_every_role_of_another_district_gets_what_the_table_says_of_foreigners(
    world: World, settings: Any, tmp_path: Any, part: int
) -> None:
    """In four parts, so that they can run side by side; together they are every address."""
    settings.MEDIA_ROOT = tmp_path
    ticket = report(world)
    (tmp_path / "a.jpg").write_bytes(b"any bytes")
    photo = Attachment.objects.create(
        ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9, sha256="0" * 64,
        created_at=clock.now(),
    )  # fmt: skip
    notice = Notice.objects.create(
        membership=world.members["worker"], source="test", kind="dispatch", text="新工单", created_at=clock.now()
    )
    values = {"number": ticket.number, "photo": photo.pk, "notice": notice.pk, "objects": objects_of(world)}
    foreign, said = make_district("t2", 2), bodies(world)
    asked, wrong = 0, []
    with no_district():
        for person in ROLES:
            client = foreign.sign_in(Client(raise_request_exception=False), person)
            for name, method, statuses in rows()[part::4]:
                path = f"/d/{world.district.code}{path_of(name, values)}"
                got = answer(client, method, path, said.get(name, {}), name.startswith("api:"))
                asked += 1
                if got != statuses[FOREIGN]:
                    wrong.append(f"{name} {method}: {person} of another district gets {got} not {statuses[FOREIGN]}")
    assert asked > len(ROLES) * 90
    assert not wrong, "\n".join(wrong)
