"""From an installation without a single row to a district that works: set up, filled, staffed, and its first matter
closed, by clicking alone. What runs in the background is done by a real worker on the real broker."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from analytics.setup.actions import setup_token
from governance.accounts.models import User
from governance.kernel.calendar_store import seed_national_calendar
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction
from grids.models import PostKind
from requests_intake.models import Ticket
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_main_job import photo
from tests.workers import own_worker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])

PASSWORD = "a-long-and-good-word-7"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BACKGROUND = 30_000  # milliseconds a worker may take; the page asks every two seconds
TOP = "990901"
STREET, COMMUNITY = f"{TOP}001", f"{TOP}001001"
GRIDS = (f"{COMMUNITY}001", f"{COMMUNITY}002")

# Titles of columns as in the templates; who fills them in need not fill all.
SHEETS: dict[str, list[dict[str, Any]]] = {
    "区域": [
        {"层级": "街道", "区划代码": STREET, "名称": "东湖街道"},
        {"层级": "社区", "区划代码": COMMUNITY, "名称": "春晓社区", "上级代码": STREET},
        {"层级": "网格", "区划代码": GRIDS[0], "名称": "第一网格", "上级代码": COMMUNITY, "户数": 320},
        {"层级": "网格", "区划代码": GRIDS[1], "名称": "第二网格", "上级代码": COMMUNITY, "户数": 310},
    ],
    "单位": [{"单位名称": "安居物业", "类型": "物业公司", "区域代码": STREET, "公开电话": "000-88000001"}],
    "小区": [{"社区代码": COMMUNITY, "小区名称": "春晓花园", "管理方式": "专业物业", "物业公司": "安居物业"}],
    "楼栋": [
        {"网格代码": GRIDS[0], "小区名称": "春晓花园", "楼号": "1", "单元数": 2, "层数": 6},
        {"网格代码": GRIDS[1], "小区名称": "春晓花园", "楼号": "2", "单元数": 1, "层数": 6},
    ],
    "单元户室": [{"网格代码": GRIDS[0], "楼栋名称": "春晓花园1号楼", "单元号": 1, "楼层": 3, "房号": "301"}],
    "人员岗位": [
        {"姓名": "钱网格", "账号": "yunxi-grid", "单位名称": "第一网格", "岗位类型": "网格员"},
        {"姓名": "钱网格", "账号": "yunxi-grid", "单位名称": "第二网格", "岗位类型": "网格员"},
        {"姓名": "孙社工", "账号": "yunxi-community", "单位名称": "春晓社区居委会", "岗位类型": "社区工作者"},
        {"姓名": "李街道", "账号": "yunxi-street", "单位名称": "东湖街道办事处", "岗位类型": "街道调度员"},
        {"姓名": "周物业", "账号": "yunxi-property", "单位名称": "安居物业", "岗位类型": "部门承办人"},
        {"姓名": "吴主任", "账号": "yunxi-chief", "单位名称": "云溪区社会治理中心", "岗位类型": "区调度员"},
        {"姓名": "吴主任", "账号": "yunxi-chief", "单位名称": "云溪区社会治理中心", "岗位类型": "区级领导"},
    ],
}
CENTER = "云溪区社会治理中心"
# Who watches over the administrator: a person of their own for each such post.
WATCHERS = {f"{kind.label}甲": kind for kind in PostKind if kind.endswith("_admin") and kind != PostKind.DISTRICT_ADMIN}
SHEETS["人员岗位"] += [
    {"姓名": name, "账号": f"yunxi-{kind.split('_')[0]}", "单位名称": CENTER, "岗位类型": str(kind.label)}
    for name, kind in WATCHERS.items()
]
STAFF = {"钱网格": "/m/", "孙社工": "/desk/", "李街道": "/desk/", "周物业": "/desk/", "吴主任": "/board/"}
"""Who works on matters, and the surface they land on."""


@pytest.fixture
def worker() -> Iterator[None]:
    with own_worker("browser"):
        yield


@dataclass
class Site:
    """The installation as a person meets it: an address, and browsers of their own."""

    url: str
    open_page: Callable[..., Page]

    @property
    def district(self) -> str:
        return f"{self.url}/d/yunxi"


def filled(template: bytes, *, storeys: object) -> dict[str, object]:
    """The downloaded workbook with the district's rows typed below its examples; one cell as given."""
    book = load_workbook(io.BytesIO(template))
    for title, rows in SHEETS.items():
        page = book[title]
        columns = {str(cell.value).removesuffix("*"): cell.column for cell in page[1]}
        for line, row in enumerate(rows, start=page.max_row + 1):
            for name, value in row.items():
                page.cell(line, columns[name], value)
            if title == "楼栋" and row["楼号"] == "2":
                page.cell(line, columns["层数"], storeys)
    buffer = io.BytesIO()
    book.save(buffer)
    return {"name": "云溪区登记.xlsx", "mimeType": XLSX, "buffer": buffer.getvalue()}


def borders() -> dict[str, object]:
    """The district with its street and community as one square, and the two grids as its halves."""

    def box(west: float, east: float) -> dict[str, object]:
        ring = [[west, 34.0], [east, 34.0], [east, 34.02], [west, 34.02], [west, 34.0]]
        return {"type": "Polygon", "coordinates": [ring]}

    whole, halves = box(113.0, 113.02), (box(113.0, 113.01), box(113.01, 113.02))
    shapes = {TOP: whole, STREET: whole, COMMUNITY: whole, GRIDS[0]: halves[0], GRIDS[1]: halves[1]}
    features = [{"type": "Feature", "properties": {"code": c}, "geometry": shape} for c, shape in shapes.items()]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return {"name": "云溪区边界.geojson", "mimeType": "application/geo+json", "buffer": content}


def still_missing(admin: Page, site: Site) -> set[str]:
    """Titles of the checklist's open lines."""
    admin.goto(f"{site.district}/manage/")
    lines = admin.locator("#checklist tbody tr").filter(has_text="待补")
    return set(lines.locator("td:first-child b").all_inner_texts())


def set_password(page: Page, link: str) -> None:
    """What everybody does with an invitation."""
    page.goto(link)
    assert link.rsplit("/", 2)[1] not in page.url, "the secret has left the address"
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次").fill(PASSWORD)
    page.get_by_role("button", name="设好并登录").click()
    page.wait_for_url(lambda url: "/invitation/" not in url)


def link_on(page: Page) -> str:
    return page.locator("[data-copy-value]").filter(has_text="/invitation/").inner_text()


def found_the_platform(site: Site) -> str:
    """The first account, the first district. Returns the link for its administrator."""
    page = site.open_page(DESK)
    page.goto(site.url)
    page.wait_for_url("**/setup/first/")
    page.get_by_label("开通口令").fill(setup_token())
    page.get_by_label("账号").fill("platform")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次密码").fill(PASSWORD)
    page.get_by_role("button", name="建好账号").click()
    expect(page.get_by_text("还没有区")).to_be_visible()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_label("账号").fill("platform")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="新建一个区").click()
    page.get_by_label("区的名称").fill("云溪区")
    page.get_by_label("代号").fill("yunxi")
    page.get_by_label("区划代码").fill(TOP)
    page.get_by_label("第一位区管理员的账号").fill("yunxi-admin")
    page.get_by_label("第一位区管理员的姓名").fill("朱管理")
    page.get_by_role("button", name="新建").click()
    link = link_on(page)
    page.get_by_role("link", name="回到各区").click()
    expect(page.get_by_role("row", name="云溪区")).to_contain_text("筹备中")
    return link


def upload(admin: Page, site: Site, file: dict[str, object]) -> None:
    admin.goto(f"{site.district}/manage/")
    admin.get_by_role("link", name="登记导入").click()
    admin.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    admin.get_by_role("button", name="上传并核对").click()
    expect(admin.get_by_text("核对好了，还没有写入")).to_be_visible(timeout=BACKGROUND)


def start(admin: Page) -> None:
    admin.get_by_role("button", name="开始导入").click()
    expect(admin.get_by_role("heading", name="导入完成")).to_be_visible(timeout=BACKGROUND)


def import_the_register(admin: Page, site: Site, folder: Path) -> None:
    admin.get_by_role("link", name="登记导入").click()
    with admin.expect_download() as download:
        admin.get_by_role("link", name="全部工作表").click()
    download.value.save_as(folder / "template.xlsx")
    template = (folder / "template.xlsx").read_bytes()

    upload(admin, site, filled(template, storeys="六层"))
    bad = admin.get_by_role("row").filter(has_text="有误")
    expect(bad.filter(has_text="“六层”不是数")).to_be_visible()
    with district_transaction(District.objects.get()):
        assert not Ticket.objects.exists()

    upload(admin, site, filled(template, storeys=6))
    expect(admin.get_by_text("“六层”不是数")).to_have_count(0)
    start(admin)
    upload(admin, site, borders())
    start(admin)


def invite(admin: Page, site: Site, name: str) -> str:
    admin.goto(f"{site.district}/manage/people/")
    admin.get_by_role("link", name=name).click()
    admin.get_by_role("link", name="发邀请链接").click()
    admin.get_by_role("button", name="生成链接").click()
    return link_on(admin)


def test_an_empty_installation_becomes_a_district_that_works(
    live_server: Any, worker: None, open_page: Callable[..., Page], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    seed_national_calendar()  # as the last step of every migration does; other tests have emptied the tables
    assert not User.objects.exists()
    assert not District.objects.exists()
    site = Site(live_server.url, open_page)

    # Set up: platform, district, administrator.
    link = found_the_platform(site)
    admin = open_page(DESK)
    set_password(admin, link)
    admin.wait_for_url("**/manage/")
    begun = still_missing(admin, site)
    assert {"街道", "社区", "网格", "边界", "楼栋", "岗位", "工作人员"} <= begun

    # The register, from the templates.
    import_the_register(admin, site, tmp_path)
    assert still_missing(admin, site) - {"工作日历"} == {"登录"}

    # The staff, by links.
    staff = {}
    for name, surface in STAFF.items():
        staff[name] = open_page(PHONE if surface == "/m/" else DESK)
        set_password(staff[name], invite(admin, site, name))
        staff[name].wait_for_url(f"**{surface}")
    for name in WATCHERS:
        set_password(open_page(DESK), invite(admin, site, name))
    assert still_missing(admin, site) <= {"工作日历"}

    first_matter(site, staff)


def first_matter(site: Site, staff: dict[str, Page]) -> None:
    # A resident without an account reports, with a photo.
    resident = site.open_page(PHONE)
    resident.goto(site.district)
    resident.get_by_role("link", name="报事").click()
    resident.locator("input[type=file]").first.set_input_files([photo()])  # type: ignore[list-item]
    resident.get_by_label("说说是什么事").fill("有人从三楼拉飞线给电动车充电，线就垂在楼道口。")
    resident.locator("#id_address").fill("春晓花园1号楼")
    resident.get_by_label("手机号").fill("13800001234")
    resident.locator(".sbm button").click()
    resident.wait_for_url("**/done/**")
    number = resident.locator("[data-copy-value]").first.inner_text()

    # The grid worker signs, cannot solve it, and hands it up.
    grid = staff["钱网格"]
    grid.reload()
    grid.locator("a.tc").click()
    expect(grid.locator("img").first).to_be_visible()
    grid.get_by_role("button", name="签收").click()
    expect(grid.locator("[data-toast=ok]")).to_contain_text("签收")
    grid.get_by_role("link", name="上报").click()
    grid.locator("textarea[name=note]").fill("线是从业主家里拉出来的，需要社区上门劝说。")
    grid.locator("button.pri").click()
    grid.wait_for_url(lambda url: "/escalate/" not in url)

    # It is at the community, and not at the district.
    chief = staff["吴主任"]
    chief.goto(f"{site.district}/desk/")
    for waiting in ("待受理", "待派单", "本单位在办"):
        expect(chief.get_by_role("link", name=f"{waiting} 0")).to_be_visible()
    community = staff["孙社工"]
    community.reload()
    community.get_by_role("link", name="拉飞线").click()
    community.locator("button[data-key='enter s']").click()
    community.get_by_role("link", name="办结").click()
    community.locator("textarea[name=note]").fill("已上门劝说，飞线拆了，充电桩在二号楼旁。")
    community.locator("dialog button.pri, .confirm button.pri").first.click()
    expect(community.locator("[data-toast=ok]").filter(has_text="已办结")).to_be_visible()

    # The grid worker goes and looks.
    grid.goto(f"{site.district}/m/")
    grid.locator("a.tc").click()
    grid.get_by_role("link", name="修好了").click()
    grid.locator("input[type=file]").first.set_input_files([photo()])  # type: ignore[list-item]
    grid.locator("button.pri").click()
    grid.wait_for_url(lambda url: "/verify/" not in url)

    # The resident follows it by number and telephone, reads the answer, and rates it.
    later = site.open_page(PHONE)
    later.goto(f"{site.district}/track/")
    later.get_by_label("编号").fill(number)
    later.locator("input[name=secret]").fill("1234")
    later.locator("main form button").last.click()
    later.wait_for_url("**/t/**")
    expect(later.get_by_text("飞线拆了").first).to_be_visible()
    later.get_by_role("button", name="满意").first.click()
    expect(later.locator("[data-toast=ok]")).to_be_visible()

    with district_transaction(District.objects.get()):
        ticket = Ticket.objects.get()
        assert (ticket.number, ticket.state, ticket.max_level) == (number, "closed", "community")
        assert ticket.final_satisfaction == "satisfied"
    # The official sees it in the figures of the day.
    chief.goto(f"{site.district}/board/")
    expect(chief.get_by_text("本月结案 1 件")).to_be_visible()
    chief.goto(f"{site.district}/board/trend/")
    expect(chief.locator("main")).to_contain_text("东湖街道")
