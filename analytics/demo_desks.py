"""What a desk has kept in the demo: views, sentences, an older system's grids, and a report one can listen to.

Each through its real action, once; the second time there is nothing left to do.
"""

from __future__ import annotations

from io import StringIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from analytics.demo_hum import hum
from governance.accounts.models import Membership
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.recordings import store_recording
from governance.kernel.spreadsheets import TableWriter
from governance.kernel.tenancy.context import district_scope
from grids.actions.register_imports import start_import, upload_register
from grids.generation.staffing import handle_of
from grids.importing import running
from grids.models import Area, Building, RegisterImport
from grids.queries import actor_for
from grids.territory.importing.sheets import LEGACY_GRIDS
from grids.territory.models import LegacyGridRef
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.desks.actions.keep import PhraseSaid, ViewSaid, save_phrase, save_view
from requests_intake.desks.models import SavedPhrase, SavedView
from requests_intake.models import Attachment

_HUM_SECONDS = 6
_HUM_SAID = "楼顶的风机夜里一直嗡嗡响，关着窗也听得见，录了一段。"
_VIEWS = (
    # Whose, name, conditions, for the whole organization.
    ("community", "快到期的", {"queue": "soon"}, True),
    ("community", "上门反映的", {"queue": "open", "channel": "door"}, False),
    ("street", "社区报上来的急事", {"queue": "open", "urgency": "urgent"}, True),
    ("street", "热线来的", {"queue": "open", "channel": "hotline"}, False),
)
_PHRASES = (
    ("community", "resolve", "{地点}的事已经处理好，请您看看，还有不妥随时告诉社区。", True),
    ("community", "contact", "已和您联系，{期限}前给您答复。", False),
    ("street", "dispatch", "请先联系居民，{期限}前办好，办不了的当天说明原因。", True),
    ("street", "escalate", "需要{单位}牵头，社区协助现场。", False),
)
_SYSTEM = "城管"
_OLD_GRIDS = 4


def load_demo_desks(district: District) -> int:
    """Keep all of it for the demo's people in a district where they are. Returns how many things are new."""
    with district_scope(district):
        with transaction.atomic():
            made = _views(district) + _phrases(district) + _hum()
        return made + _old_grids(district)


def _person(district: District, role: str) -> Actor | None:
    with transaction.atomic():
        member = Membership.objects.filter(user__handle=handle_of(district, role)).first()
        return actor_for(member) if member is not None else None


def _office(actor: Actor) -> int | None:
    return next((role.organization_id for role in actor.roles if role.organization_id is not None), None)


def _views(district: District) -> int:
    if SavedView.objects.exists():
        return 0
    made = 0
    for role, name, query, is_shared in _VIEWS:
        actor = _person(district, role)
        if actor is not None:
            save_view(None, ViewSaid(name, query, _office(actor) if is_shared else None), actor=actor)
            made += 1
    return made


def _phrases(district: District) -> int:
    if SavedPhrase.objects.exists():
        return 0
    made = 0
    for role, move, text, is_shared in _PHRASES:
        actor = _person(district, role)
        if actor is not None:
            save_phrase(None, PhraseSaid(move, text, _office(actor) if is_shared else None), actor=actor)
            made += 1
    return made


def _hum() -> int:
    """A resident's report with a recording of what it is about."""
    building = Building.objects.filter(ended_on=None).order_by("pk").first()
    if building is None or Attachment.objects.filter(media_type__startswith="audio/").exists():
        return 0
    sound = store_recording(SimpleUploadedFile("recording.mp3", hum(_HUM_SECONDS), content_type="audio/mpeg"))
    submit_ticket(Report(content=_HUM_SAID, building_id=building.pk, recordings=(sound,)), actor=Actor.public())
    return 1


def _sheet(rows: list[tuple[str, Area]]) -> bytes:
    """Code and grid of each row as the table an office would upload."""
    file = StringIO()
    table = TableWriter(file)
    table.row([column.title for column in LEGACY_GRIDS.columns])
    for code, grid in rows:
        table.row([_SYSTEM, code, f"{_SYSTEM}{code[3:]}号责任区", grid.code])
    return file.getvalue().encode("utf-8-sig")


def _old_grids(district: District) -> int:
    """An older system's grids by the register's importer: most lie in one of ours, one in two."""
    admin = _person(district, "admin")
    with transaction.atomic():
        grids = list(Area.objects.filter(level="grid", ended_on=None).order_by("path")[: _OLD_GRIDS + 1])
        running_now = RegisterImport.objects.filter(state=RegisterImport.State.RUNNING)
        done = LegacyGridRef.objects.exists() or running_now.exists()
    if admin is None or done or len(grids) <= _OLD_GRIDS:
        return 0
    rows = [(f"CG-{number:02d}", grid) for number, grid in enumerate(grids[:_OLD_GRIDS], start=1)]
    rows.append((rows[-1][0], grids[_OLD_GRIDS]))
    job = upload_register(name="旧网格对照.csv", content=_sheet(rows), actor=admin)
    running.run(job.pk, actor=admin)
    with transaction.atomic():
        job = RegisterImport.objects.get(pk=job.pk)
    start_import(job, actor=admin)
    running.run(job.pk, actor=admin)
    with transaction.atomic():
        return LegacyGridRef.objects.count()
