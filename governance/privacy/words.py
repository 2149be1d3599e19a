"""Words for what was removed and for what stays."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

REMOVED = {
    "tickets": _("诉求的标题、内容、地址、精确位置"),
    "requesters": _("诉求人的称呼和号码"),
    "notes": _("办理说明"),
    "applications": _("申请里写的话"),
    "photos": _("照片"),
    "files": _("文件（含缩略图）"),
    "search": _("检索词"),
    "answers": _("防重复提交的记录"),
    "whistles": _("吹哨的文字"),
    "mediation": _("调解的当事人、事由、笔录、协议和回访"),
    "notices": _("站内消息"),
    "disclosure_words": _("查看号码时写的说明"),
    "feedback": _("对平台的意见和答复"),
    "absence_reasons": _("请假原因"),
    "import_files": _("登记导入的文件和改动记录"),
    "staff": _("离任人员的姓名和号码"),
    "person_requests": _("个人信息申请里的称呼、号码和说明"),
    "grid_messages": _("网格圈里说的话"),
    "clinic_bookings": _("调解坐诊的预约"),
    "committee_members": _("离开的调解员的姓名"),
    "residents": _("居民登录的账号、号码和称呼"),
    "disclosures": _("查看记录的说明"),
    "households": _("迁出住户的联系人和电话"),
    "persons": _("住户成员的姓名、电话和出生年份"),
    "tags": _("迁出住户的标签"),
    "care": _("结束的关爱台账"),
    "care_helpers": _("结对人的称呼和电话"),
    "contact_members": _("联系党员的姓名和称呼"),
    "contact_messages": _("居民和联系党员的话"),
    "must_visits": _("必到必访记的话"),
    "canvass_answers": _("专项摸排里各户的回答"),
    "visit_words": _("走访时记的话"),
    "register_phones": _("住户登记里的电话"),
    "patrol_notes": _("巡查说明"),
    "forces": _("退出的力量的姓名、联系人和电话"),
    "force_phones": _("力量清单里的电话"),
    "candidates": _("楼栋长推选候选人的姓名、电话和介绍"),
    "counts": _("查看次数"),
}
KEPT = {
    "open": _("还在办理：履行法定职责需要，办结后可以再申请（个人信息保护法第十三条、第四十七条）"),
    "held": _("已冻结：涉及复议、诉讼或调查，依法须保存"),
    "staff": _("工作人员的登记：履行职责和审计需要"),
    "household": _("现住户的登记：居民委员会依法履职需要；电话已删除，搬走后可以再申请"),
    "force": _("还在力量清单里：电话已删除，居民看不到了，退出后可以再申请"),
    "closed": _("停用的居民登录：只留号码，防止再用它登录"),
    "audit": _("审计记录：不含姓名和号码，网络安全法要求至少保存六个月"),
    "statistics": _("分类、到网格的地点、办理时间和评价：已不能认出个人"),
}


def in_words(counts: Mapping[str, int], words: Mapping[str, object]) -> list[tuple[str, int]]:
    """Label and number, in the order of the words."""
    return [(str(words.get(code, code)), counts[code]) for code in [*words, *counts] if counts.get(code)][: len(counts)]
