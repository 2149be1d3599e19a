"""What kind of announcement a title speaks of. Pure."""

from __future__ import annotations

_SIGNS = (
    ("outage", ("停水", "停电", "停气", "停暖", "断水", "断电", "限电", "检修", "抢修", "水箱")),
    ("safety", ("安全", "防汛", "台风", "暴雨", "防火", "消防", "防盗", "防骗", "诈骗", "燃气", "低温", "寒潮", "高温",
                "飞线", "电动车", "高空", "防溺水")),
    ("activity", ("活动", "讲座", "义诊", "体检", "电影", "比赛", "联欢", "招募", "课程", "报名", "志愿", "庆祝")),
    ("policy", ("政策", "办法", "医保", "社保", "补贴", "补助", "登记", "换届", "低保", "认证", "办理", "缴费")),
)  # fmt: skip


def guess_kind(title: str) -> str:
    """A value of ``Announcement.Kind``: the first kind with a telling word in the title, else ``other``."""
    return next((kind for kind, signs in _SIGNS if any(sign in title for sign in signs)), "other")
