"""The register from files: every kind of sheet, bad rows, again, back, a killed worker, limits."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from governance.accounts.models import Membership, Staff, User
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_scope
from grids.actions.register_imports import resume_import, start_import, undo_import, upload_register
from grids.importing import reading, running
from grids.importing.files import harmless, report_csv, report_xlsx, template
from grids.importing.sheets import BY_KIND, SHEETS
from grids.models import (
    Area,
    AreaBorder,
    Building,
    Compound,
    Organization,
    PostAssignment,
    RegisterImport,
    RegisterImportChange,
    RegisterImportRow,
    Room,
    Unit,
)
from grids.reference import territory
from grids.tasks import run_register_import
from tests.cases import report
from tests.world import World, make_district

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def workbook(**sheets: list[dict[str, Any]]) -> bytes:
    """A workbook: kind of sheet → rows as {title of a column: cell}."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for kind, rows in sheets.items():
        page = book.create_sheet(BY_KIND[kind].title)
        titles = list(dict.fromkeys(title for row in rows for title in row))
        page.append(titles)
        for row in rows:
            page.append([row.get(title) for title in titles])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def run(job: RegisterImport) -> RegisterImport:
    run_register_import.apply(args=[job.pk], headers={"district_id": job.district_id}).get()
    job.refresh_from_db()
    return job


def checked(world: World, content: bytes, name: str = "register.xlsx") -> RegisterImport:
    return run(upload_register(name=name, content=content, actor=world.admin))


def imported(world: World, content: bytes, name: str = "register.xlsx") -> RegisterImport:
    job = checked(world, content, name)
    assert job.state == "checked", job.error
    return run(start_import(job, actor=world.admin))


def outcomes(job: RegisterImport) -> list[str]:
    rows = RegisterImportRow.objects.filter(register_import=job).order_by("position")
    return list(rows.values_list("outcome", flat=True))


def reason(job: RegisterImport) -> str:
    return str(RegisterImportRow.objects.get(register_import=job, outcome="bad").reasons)


def everything(world: World) -> bytes:
    return workbook(**sheets(world))


def sheets(world: World) -> dict[str, list[dict[str, Any]]]:
    """All sheets; later ones refer to what earlier ones bring. Rows of areas stand upside down on purpose."""
    top = world.district.area_code
    return {
        "areas": [
            {
                "层级": "网格",
                "区划代码": f"{top}009001001",
                "名称": "第一网格",
                "上级代码": f"{top}009001",
                "户数": 310,
            },
            {"层级": "社区", "区划代码": f"{top}009001", "名称": "新华社区", "上级代码": f"{top}009"},
            {"层级": "街道", "区划代码": f"{top}009", "名称": "新华街道"},
        ],
        "organizations": [
            {"单位名称": "新华物业", "类型": "物业公司", "区域代码": f"{top}009"},
            {"单位名称": "区园林局", "类型": "职能部门", "部门职能": "parks"},
        ],
        "compounds": [
            {"社区代码": f"{top}009001", "小区名称": "新华苑", "管理方式": "专业物业", "物业公司": "新华物业"}
        ],
        "buildings": [
            {"网格代码": f"{top}009001001", "小区名称": "新华苑", "楼号": 1, "经度": 113.5, "纬度": 34.2, "单元数": 2},
            {"网格代码": f"{top}009001001", "楼号": "甲", "楼栋名称": "粮站甲楼"},
        ],
        "rooms": [
            {
                "网格代码": f"{top}009001001",
                "楼栋名称": "新华苑1号楼",
                "单元号": 1,
                "楼层": 2,
                "房号": "0201",
                "用途": "出租",
            },
            {"网格代码": f"{top}009001001", "楼栋名称": "新华苑1号楼", "单元号": 2},
        ],
        "staff": [
            {
                "姓名": "甄新",
                "手机": "13911112222",
                "单位名称": "新华社区居委会",
                "岗位类型": "社区书记",
                "是否负责人": "是",
            },
            {
                "姓名": "甄新",
                "手机": "13911112222",
                "单位名称": "区园林局",
                "岗位类型": "部门承办人",
                "到任日期": "2026-01-05",
            },
        ],
    }


def test_every_sheet_of_one_workbook_comes_in(world: World) -> None:
    job = imported(world, everything(world))
    assert job.state == "done", job.error
    assert outcomes(job) == ["new"] * 12
    grid = Area.objects.get(code=f"{world.district.area_code}009001001")
    assert (grid.grid_id, grid.community.name, grid.street.name) == (grid.pk, "新华社区", "新华街道")
    assert (grid.household_count, grid.grid_kind) == (310, "basic")
    own = Organization.objects.get(area=grid)
    assert (own.name, own.kind, own.parent.name) == ("第一网格", "grid_team", "新华社区居委会")
    compound = Compound.objects.get(name="新华苑")
    assert compound.property_company.name == "新华物业"
    building = Building.objects.get(name="新华苑1号楼")
    assert (building.grid, building.compound, building.lng, building.unit_count) == (grid, compound, 113.5, 2)
    room = Room.objects.get(number="0201")
    assert (room.unit.building, room.unit.number, room.floor, room.use) == (building, 1, 2, "rented")
    assert Unit.objects.filter(building=building).count() == 2
    person = next(row for row in Staff.objects.all() if row.name == "甄新")
    assert person.phone == "13911112222"
    assert not person.membership.user.has_usable_password()
    assert PostAssignment.objects.filter(membership=person.membership).count() == 2
    # The cached territory of every process sees it, and the audit tells who did it.
    with district_scope(world.district.pk):
        assert territory().leader(Organization.objects.get(name="新华社区居委会").pk).name == "甄新"
    assert AuditEvent.objects.get(action="register.import").actor == f"member:{world.members['admin'].pk}"
    # The file with its names and phones is not kept any longer than needed.
    row_texts = " ".join(RegisterImportRow.objects.values_list("label", flat=True))
    assert "甄新" not in row_texts
    assert "139" not in row_texts


def test_the_check_writes_nothing(world: World) -> None:
    before = [model.objects.count() for model in (Area, Organization, Building, Room, Membership)]
    job = checked(world, everything(world))
    assert outcomes(job) == ["new"] * 12
    assert [model.objects.count() for model in (Area, Organization, Building, Room, Membership)] == before
    assert not RegisterImportChange.objects.exists()


def test_the_same_file_again_changes_nothing(world: World) -> None:
    imported(world, everything(world))
    job = checked(world, everything(world))
    assert outcomes(job) == ["same"] * 12
    with pytest.raises(DomainError) as refusal:
        start_import(job, actor=world.admin)
    assert refusal.value.code == "nothing_to_do"


def test_only_filled_columns_are_updated(world: World) -> None:
    building = world.building
    rows = [{"网格代码": world.grid.code, "楼号": building.number, "楼栋名称": building.name, "层数": 9, "地址": ""}]
    Building.objects.filter(pk=building.pk).update(address="旧地址")
    assert outcomes(imported(world, workbook(buildings=rows))) == ["update"]
    building.refresh_from_db()
    assert (building.floor_count, building.address, building.unit_count) == (9, "旧地址", 2)


def test_a_bad_row_does_not_stop_the_good_ones(world: World) -> None:
    good = {"网格代码": world.grid.code, "楼号": "77"}
    rows = [{**good, "网格代码": "nowhere"}, good, {**good, "楼号": "78", "层数": "六"}, {"网格代码": world.grid.code}]
    job = imported(world, workbook(buildings=rows))
    assert outcomes(job) == ["bad", "new", "bad", "bad"]
    texts = list(RegisterImportRow.objects.filter(outcome="bad").order_by("number").values_list("number", "reasons"))
    assert texts == [(2, "没有代码为 nowhere 的区域"), (4, "层数：“六”不是数"), (5, "楼号：没有填")]
    assert Building.objects.filter(name="77号楼").exists()


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        ("areas", {"层级": "网格", "区划代码": "x1", "名称": "甲"}, "要填上级代码"),
        ("areas", {"层级": "小组", "区划代码": "x1", "名称": "甲"}, "不在可选项里"),
        ("organizations", {"单位名称": "无类"}, "新增单位要填类型"),
        ("organizations", {"单位名称": "区自来水公司", "类型": "物业公司"}, "不改变类型"),
        ("compounds", {"社区代码": "{grid}", "小区名称": "错"}, "不是社区"),
        ("buildings", {"网格代码": "{grid}", "楼号": "5", "经度": 113.1}, "要一起填"),
        ("buildings", {"网格代码": "{grid}", "楼号": "5", "小区名称": "无此苑"}, "没有小区"),
        ("rooms", {"网格代码": "{grid}", "楼栋名称": "无此楼", "单元号": 1}, "没有楼栋"),
        ("staff", {"姓名": "甲", "单位名称": "区自来水公司", "岗位类型": "部门承办人"}, "至少填一项"),
        (
            "staff",
            {"姓名": "甲", "账号": "A B", "单位名称": "区自来水公司", "岗位类型": "部门承办人"},
            "账号由小写字母",
        ),
        ("staff", {"姓名": "甲", "账号": "a.bc", "单位名称": "区自来水公司", "岗位名称": "新岗"}, "要填岗位类型"),
        (
            "staff",
            {"姓名": "甲", "账号": "t1-worker", "单位名称": "区自来水公司", "岗位类型": "部门承办人"},
            "另一个姓名",
        ),
    ],
)
def test_reasons_are_said_in_words(world: World, kind: str, row: dict[str, Any], said: str) -> None:
    filled = {title: world.grid.code if cell == "{grid}" else cell for title, cell in row.items()}
    job = checked(world, workbook(**{kind: [filled]}))
    assert said in reason(job)


def border_file(*pairs: tuple[str, Any]) -> bytes:
    features = [{"type": "Feature", "properties": {"code": code}, "geometry": shape} for code, shape in pairs]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_borders_are_judged_and_taken(world: World) -> None:
    kept = AreaBorder.objects.get(area=world.grid).geometry
    AreaBorder.objects.filter(area=world.grid2).delete()
    far = json.loads(json.dumps(kept).replace("113.", "119."))
    ring = kept["coordinates"][0]
    crossed = {"type": "Polygon", "coordinates": [[ring[0], ring[2], ring[1], ring[3], ring[0]]]}
    content = border_file(
        (world.grid2.code, kept), (world.grid.code, far), (world.grid.code, crossed), ("", kept), (world.grid.code, {})
    )
    job = imported(world, content, "borders.geojson")
    assert outcomes(job) == ["new", "bad", "bad", "bad", "bad"]
    texts = list(RegisterImportRow.objects.filter(outcome="bad").order_by("number").values_list("reasons", flat=True))
    for text, part in zip(texts, ("之外", "自相交", "没有区划代码", "应当是 Polygon"), strict=True):
        assert part in text
    assert AreaBorder.objects.get(area=world.grid2).geometry == kept
    # Two grids over each other, and nobody in the other half of the community.
    assert any("重叠" in note for note in job.notes)
    assert any("不在任何下级边界内" in note for note in job.notes)


def test_the_border_of_the_district_itself_is_taken_with_those_in_it(world: World) -> None:
    top = Area.objects.get(level="district")
    kept = AreaBorder.objects.get(area=top).geometry
    AreaBorder.objects.filter(area=top).delete()
    inner = AreaBorder.objects.get(area=world.grid).geometry
    job = imported(world, border_file((top.code, kept), (world.grid.code, inner)), "borders.geojson")
    assert (job.state, outcomes(job)) == ("done", ["new", "same"])
    assert AreaBorder.objects.get(area=top).geometry == kept


def test_undo_takes_back_what_was_made_and_changed(world: World) -> None:
    models = (Area, Organization, Compound, Building, Unit, Room, Membership, Staff, PostAssignment, User)
    before = [model.objects.count() for model in models]
    changed = {"网格代码": world.grid.code, "楼号": "1", "楼栋名称": world.building.name, "层数": 33}
    job = imported(world, workbook(**{**sheets(world), "buildings": [*sheets(world)["buildings"], changed]}))
    assert "update" in outcomes(job)
    assert Building.objects.get(pk=world.building.pk).floor_count == 33
    undone = undo_import(job, actor=world.admin)
    assert undone.state == "undone"
    assert [model.objects.count() for model in models] == before
    assert Building.objects.get(pk=world.building.pk).floor_count == 6
    assert territory().area_by_code(f"{world.district.area_code}009") is None
    with pytest.raises(DomainError):
        undo_import(job, actor=world.admin)


def test_undo_leaves_what_somebody_changed_since(world: World) -> None:
    row = {"网格代码": world.grid.code, "楼号": "1", "楼栋名称": world.building.name, "层数": 33}
    job = imported(world, workbook(buildings=[row]))
    Building.objects.filter(pk=world.building.pk).update(floor_count=34)
    assert "保持现状" in undo_import(job, actor=world.admin).error
    assert Building.objects.get(pk=world.building.pk).floor_count == 34


def test_undo_is_refused_when_a_ticket_uses_a_building(world: World) -> None:
    job = imported(world, workbook(buildings=[{"网格代码": world.grid.code, "楼号": "77"}]))
    ticket = report(world)
    type(ticket).objects.filter(pk=ticket.pk).update(building=Building.objects.get(name="77号楼"))
    with pytest.raises(DomainError) as refusal:
        undo_import(job, actor=world.admin)
    assert refusal.value.code == "in_use"
    assert "楼栋“77号楼”已有诉求" in refusal.value.message
    assert Building.objects.filter(name="77号楼").exists()


def test_only_the_last_import_is_undone(world: World) -> None:
    first = imported(world, workbook(buildings=[{"网格代码": world.grid.code, "楼号": "77"}]))
    second = imported(world, workbook(buildings=[{"网格代码": world.grid.code, "楼号": "78"}]))
    with pytest.raises(DomainError) as refusal:
        undo_import(first, actor=world.admin)
    assert refusal.value.code == "not_last"
    undo_import(second, actor=world.admin)
    undo_import(first, actor=world.admin)
    assert not Building.objects.filter(number__in=["77", "78"]).exists()


def test_a_killed_worker_is_continued_without_duplicates(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "BATCH", 5)
    rows = [{"网格代码": world.grid.code, "楼号": str(number)} for number in range(100, 123)]
    job = start_import(checked(world, workbook(buildings=rows)), actor=world.admin)
    calls = []
    real = running._keep_rows

    def dies(*args: Any, **options: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise SystemExit  # the process ends in the middle of the third batch
        real(*args, **options)

    monkeypatch.setattr(running, "_keep_rows", dies)
    with pytest.raises(SystemExit):
        running.run(job.pk, actor=world.admin)
    monkeypatch.setattr(running, "_keep_rows", real)
    job.refresh_from_db()
    assert (job.state, job.row_done) == ("running", 10)
    assert Building.objects.filter(number__gte="100", name__endswith="号楼", compound=None).count() == 10
    with pytest.raises(DomainError) as refusal:
        resume_import(job, actor=world.admin)
    assert refusal.value.code == "still_running"
    run(job)  # sent again
    assert (job.state, job.row_done) == ("done", 23)
    assert outcomes(job) == ["new"] * 23
    assert RegisterImportChange.objects.filter(register_import=job).count() == 23
    run(job)
    assert Building.objects.filter(compound=None).count() == 23
    undo_import(job, actor=world.admin)
    assert not Building.objects.filter(compound=None).exists()


def test_a_job_that_stopped_with_an_error_can_go_on(world: World, monkeypatch: Any) -> None:
    job = start_import(
        checked(world, workbook(buildings=[{"网格代码": world.grid.code, "楼号": "77"}])), actor=world.admin
    )
    with monkeypatch.context() as patch:
        patch.setattr(running, "content_of", lambda job: (_ for _ in ()).throw(OSError("storage away")))
        run(job)
    assert (job.state, job.row_done) == ("failed", 0)
    assert "可以继续" in job.error
    assert run(resume_import(job, actor=world.admin)).state == "done"


def test_another_district_sees_nothing(world: World, client: Client) -> None:
    job = imported(world, everything(world))
    other = make_district("t2", 2)
    with district_scope(other.district):
        assert not RegisterImport.objects.exists()
        assert not Area.objects.filter(name="新华街道").exists()
        # A code of the neighbour is no code here, whatever the neighbour has imported.
        rows = [{"网格代码": f"{world.district.area_code}009001001", "楼号": "1"}]
        assert "没有代码为" in reason(checked(other, workbook(buildings=rows)))
    other.sign_in(client, "admin")
    assert client.get(f"/manage/import/{job.pk}/").status_code == 404


def test_only_the_administrator_may(world: World, client: Client) -> None:
    with pytest.raises(NotAllowed):
        upload_register(name="a.xlsx", content=everything(world), actor=world.dispatcher)
    job = checked(world, everything(world))
    for action in (start_import, resume_import, undo_import):
        with pytest.raises(NotAllowed):
            action(job, actor=world.secretary)
    world.sign_in(client, "dispatcher")
    assert client.get("/manage/import/").status_code == 403
    assert client.post(f"/manage/import/{job.pk}/start/").status_code == 403


def test_rights_lost_since_stop_the_job(world: World) -> None:
    rows = [{"姓名": "新人", "账号": "new.one", "单位名称": "区自来水公司", "岗位类型": "部门承办人"}]
    job = start_import(checked(world, workbook(staff=rows)), actor=world.admin)
    PostAssignment.objects.filter(membership=world.members["admin"]).delete()
    bump_reference()
    run(job)
    assert not User.objects.filter(handle="new.one").exists()


# Limits


def refused(name: str, content: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        reading.read_upload(name, content)
    return refusal.value.code


def test_files_that_are_no_tables_are_refused() -> None:
    assert refused("a.xls", b"x") == "register_wrong_kind"
    assert refused("a.xlsx", b"no zip") == "register_unreadable"
    assert refused("a.geojson", b"{}") == "register_unreadable"
    assert refused("a.geojson", b"[" * 100_000) == "register_unreadable"
    assert refused("a.xlsx", b"x" * (reading.MAX_BYTES + 1)) == "register_too_large"
    assert refused("a.xlsx", workbook(areas=[{"层级": "示例街道", "区划代码": 1}])) == "register_empty"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    assert len(buffer.getvalue()) < 100_000
    assert refused("a.xlsx", buffer.getvalue()) == "register_bomb"


def test_too_many_rows_are_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    rows = [{"网格代码": "a", "楼号": str(number)} for number in range(4)]
    assert refused("a.xlsx", workbook(buildings=rows)) == "register_too_many"
    assert len(reading.read_upload("a.xlsx", workbook(buildings=rows[:3])).rows) == 3


def test_unknown_and_missing_columns_and_sheets_are_named() -> None:
    book = load_workbook(
        io.BytesIO(workbook(buildings=[{"网格代码": "a", "楼号": "1", "颜色": "红"}], rooms=[{"楼栋名称": "b"}]))
    )
    book.create_sheet("随便")
    buffer = io.BytesIO()
    book.save(buffer)
    found = reading.read_upload("a.xlsx", buffer.getvalue())
    assert len(found.rows) == 1
    said = " ".join(found.notes)
    assert "颜色" in said
    assert "网格代码、单元号" in said
    assert "随便" in said


# What people download


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.kind)
def test_a_template_reads_back_as_its_own_sheet_without_the_examples(sheet: Any) -> None:
    content = template([sheet])
    page = load_workbook(io.BytesIO(content))[sheet.title]
    assert page.max_row == 3
    lists = {column.title for column in sheet.columns if column.choices}
    assert len(page.data_validations.dataValidation) == len(lists)
    assert refused("a.xlsx", content) == "register_empty"


def test_what_could_run_as_a_formula_is_shown_as_text(world: World) -> None:
    assert [harmless(text) for text in ("=1+1", "@x", "－1", "甲", 5)] == ["'=1+1", "'@x", "'－1", "甲", 5]
    job = checked(
        world, workbook(buildings=[{"网格代码": "nowhere", "楼号": "=2"}, {"网格代码": "+cmd|x", "楼号": "2"}])
    )
    rows = RegisterImportRow.objects.filter(register_import=job)
    page = load_workbook(io.BytesIO(report_xlsx(rows))).worksheets[0]
    assert not [cell for line in page.iter_rows() for cell in line if cell.data_type == "f"]
    assert "'+cmd|x" in report_csv(rows).decode("utf-8-sig")


# Pages


def test_the_administrator_imports_in_the_browser(world: World, client: Client) -> None:
    world.sign_in(client, "admin")
    assert client.get("/manage/import/template/all.xlsx").status_code == 200
    assert client.get("/manage/import/template/nothing.xlsx").status_code == 404
    page = client.get("/manage/import/")
    key = page.context["form"]["idempotency_key"].value()
    bad = client.post("/manage/import/", {"file": SimpleUploadedFile("a.txt", b"x"), "idempotency_key": key})
    assert bad.status_code == 422
    assert "请上传 .xlsx" in bad.content.decode()

    def send() -> str:
        file = SimpleUploadedFile("登记.xlsx", everything_once)
        return str(client.post("/manage/import/", {"file": file, "idempotency_key": key}).headers["Location"])

    everything_once = everything(world)
    address = send()
    assert send() == address  # the same form again is the same import
    job = RegisterImport.objects.get()
    assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
    run(job)
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert fragment.headers["HX-Refresh"] == "true"
    assert "导入会新增或更新 12 行" in client.get(address).content.decode()
    client.post(f"{address}start/", {"idempotency_key": "k1"})
    assert "已处理 0 / 12 行" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    run(job)
    done = client.get(address).content.decode()
    assert "导入完成" in done
    assert "撤销这次导入" in done
    assert client.get(f"{address}rows.csv?all=1").headers["Content-Type"].startswith("text/csv")
    assert client.get(f"{address}rows.xlsx").status_code == 200
    assert "撤销“登记.xlsx”的导入？" in client.get(f"{address}undo/").content.decode()
    client.post(f"{address}undo/now/", {"idempotency_key": "k2"})


def test_the_undo_button_works(world: World, client: Client) -> None:
    job = imported(world, workbook(buildings=[{"网格代码": world.grid.code, "楼号": "77"}]))
    world.sign_in(client, "admin")
    page = client.get(f"/manage/import/{job.pk}/undo/")
    action = f"/manage/import/{job.pk}/undo/now/"
    assert action in page.content.decode()
    client.post(action, {"idempotency_key": "k"})
    job.refresh_from_db()
    assert job.state == "undone"


def test_statements_of_a_page_do_not_grow_with_its_rows(world: World, client: Client) -> None:
    counts = []
    world.sign_in(client, "admin")
    for amount in (2, 40):
        rows = [{"网格代码": world.grid.code, "楼号": f"{amount}-{number}"} for number in range(amount)]
        job = imported(world, workbook(buildings=rows))
        for path in (f"/manage/import/{job.pk}/", "/manage/import/", f"/manage/import/{job.pk}/undo/"):
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts.append(len(captured))
    assert counts[:3] == counts[3:]
