"""What the district's administrator can open from ``/manage/``, group by group. Every part adds its own entries."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Section:
    """``name``: of the address; ``icon``: in the sprite. Texts are marked with ``gettext_noop``."""

    title: str
    name: str
    note: str
    icon: str


# Heading and what stands under it.
GROUPS: list[tuple[str, list[Section]]] = [
    (
        gettext_noop("人和单位"),
        [
            Section(
                gettext_noop("工作人员"),
                "manage:people",
                gettext_noop("邀请、岗位、请假代理、离任交接、停用账号"),
                "users",
            ),
            Section(
                gettext_noop("单位和岗位"),
                "manage:organizations",
                gettext_noop("部门、物业、辖区单位，岗位任期和缺岗"),
                "bld",
            ),
            Section(
                gettext_noop("岗位配备"),
                "manage:coverage",
                gettext_noop("一长一员、一社区一警一法律顾问，缺谁，一次设齐"),
                "shield",
            ),
            Section(
                gettext_noop("业务条线"),
                "manage:business_lines",
                gettext_noop("民政、社保这些条线，各社区书记照着分给人"),
                "list",
            ),
        ],
    ),
    (
        gettext_noop("区划和楼栋"),
        [
            Section(
                gettext_noop("区划"), "manage:areas", gettext_noop("街道、社区、网格，名称、户数、边界，缺什么"), "map"
            ),
            Section(
                gettext_noop("小区"), "manage:compounds", gettext_noop("小区和物业，一个小区可以跨几个网格"), "home"
            ),
            Section(
                gettext_noop("楼栋"), "manage:buildings", gettext_noop("登记、移到别的网格、单元户室、停用"), "bld"
            ),
            Section(
                gettext_noop("网格大小"),
                "manage:bands",
                gettext_noop("一个网格多少户合适，哪些太大、太小、没登记"),
                "chart",
            ),
            Section(
                gettext_noop("旧网格对照"),
                "manage:legacy_grids",
                gettext_noop("城管、综治、党建的旧网格对到现在哪个网格"),
                "link",
            ),
            Section(
                gettext_noop("登记导入"),
                "manage:imports",
                gettext_noop("用表格导入区域、楼栋、单位和人员，先核对，可撤销"),
                "upl",
            ),
        ],
    ),
    (
        gettext_noop("住户和走访"),
        [
            Section(
                gettext_noop("住户标签和八员"),
                "manage:household_tags",
                gettext_noop("最多七种颜色，多久走访一次，敏感的谁能看"),
                "tag",
            ),
            Section(
                gettext_noop("必到必访"),
                "manage:must_visits",
                gettext_noop("哪种户书记几天访一次，什么事几小时内到"),
                "door",
            ),
            Section(
                gettext_noop("走访成果"),
                "manage:visit_outcomes",
                gettext_noop("记走访时点的几句话，如五小工作法"),
                "check",
            ),
        ],
    ),
    (
        gettext_noop("诉求怎么办"),
        [
            Section(gettext_noop("上报路径"), "manage:path", gettext_noop("办不了的一级一级往哪儿交"), "up"),
            Section(
                gettext_noop("派单规则"),
                "manage:routing",
                gettext_noop("什么事派给谁，先试再改，没执行成的在这里看"),
                "merge",
            ),
            Section(
                gettext_noop("事项分类"),
                "manage:categories",
                gettext_noop("紧急程度、时限等级、部门、关键词和要问的话"),
                "list",
            ),
            Section(
                gettext_noop("渠道"),
                "manage:channels",
                gettext_noop("从哪儿来的事收不收、本区怎么叫、排在第几"),
                "inbox",
            ),
            Section(
                gettext_noop("办理时限"),
                "manage:policy",
                gettext_noop("各类诉求、各级办理的时限，改之前先看影响"),
                "clock",
            ),
            Section(
                gettext_noop("吹哨时限"), "manage:whistle", gettext_noop("多久内应哨、到场，拒哨多久内裁定"), "whistle"
            ),
            Section(
                gettext_noop("工作时间"),
                "manage:hours",
                gettext_noop("上下班时间、夏季冬季，改了只管以后的时限"),
                "sun",
            ),
            Section(gettext_noop("工作日历"), "manage:calendar", gettext_noop("本区的放假和上班，明年的安排"), "cal"),
            Section(
                gettext_noop("时限核对"),
                "manage:clocks",
                gettext_noop("所有在走的期限按台账重算一遍，应该一个也不差"),
                "sync",
            ),
            Section(
                gettext_noop("季节安排"),
                "manage:seasons",
                gettext_noop("汛期、供暖：到日子自动派主动治理的任务"),
                "drop",
            ),
            Section(gettext_noop("常用语"), "manage:phrases", gettext_noop("办理时点一下就能用的话"), "msg"),
        ],
    ),
    (
        gettext_noop("提醒、告知和合规"),
        [
            Section(
                gettext_noop("短信和提醒"),
                "manage:notifications",
                gettext_noop("居民短信、同事提醒、群机器人，没发出去的"),
                "bell",
            ),
            Section(
                gettext_noop("告知和同意"),
                "manage:texts",
                gettext_noop("个人信息处理规则、同意书、备案号，每一版都留着"),
                "file",
            ),
            Section(
                gettext_noop("对平台的意见"),
                "manage:feedback",
                gettext_noop("居民对平台本身的建议和投诉，在这里答复"),
                "msg",
            ),
            Section(
                gettext_noop("合规台账"),
                "manage:registers",
                gettext_noop("个人信息影响评估、安全事件，至少保存三年"),
                "book",
            ),
            Section(
                gettext_noop("受限功能"),
                "manage:features",
                gettext_noop("没有依据不能开的功能，开启要写明文件和期限"),
                "lock",
            ),
        ],
    ),
]
