"""What the auditor reads instead of the names of actions, objects and actors in the log."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n

ACTIONS = {
    "sign_in": n("登录"),
    "sign_out": n("退出登录"),
    "change_password": n("修改密码"),
    "invitation.use": n("用邀请链接设密码"),
    "account.unlock": n("解除登录锁定"),
    "account.end_sessions": n("退出此人所有登录"),
    "second_factor.enable": n("开启两步验证"),
    "second_factor.disable": n("关闭两步验证"),
    "second_factor.renew_codes": n("换恢复码"),
    "second_factor.reset": n("重置两步验证"),
    "token.create": n("发放接口令牌"),
    "token.revoke": n("撤销接口令牌"),
    "create_api_token": n("发放接口令牌"),
    "audit.export": n("导出审计记录"),
    "audit.prune": n("清理到期审计记录"),
    "reveal_phone": n("查看完整电话"),
    "reveal_name": n("查看完整姓名"),
    "open_file": n("打开限制知悉的文件"),
    "circle.add": n("加入知悉范围"),
    "circle.end": n("退出知悉范围"),
    "grant_reveal_cap": n("放宽查看上限"),
    "export_person": n("导出个人信息"),
    "correct_person": n("更正个人信息"),
    "erase_person": n("删除个人信息"),
    "person_request": n("登记个人信息请求"),
    "refuse_person_request": n("拒绝个人信息请求"),
    "set_retention": n("修改留存期限"),
    "place_hold": n("暂缓到期处理"),
    "lift_hold": n("恢复到期处理"),
    "consent_on_behalf": n("代为登记的同意"),
    "import_tickets": n("导入诉求"),
    "give_feedback": n("对平台提意见"),
    "answer_feedback": n("答复意见"),
    "publish_legal_text": n("发布告知文本"),
    "record_impact_assessment": n("登记影响评估"),
    "change_impact_assessment": n("修改影响评估"),
    "record_security_incident": n("登记安全事件"),
    "change_security_incident": n("修改安全事件"),
    "follow_proof": n("居民查询验证"),
    "settings.notifications": n("修改短信和提醒设置"),
    "notification_preference": n("修改自己的消息提醒"),
    "robot.add": n("添加群机器人"),
    "robot.change": n("修改群机器人"),
    "robot.test": n("试发群消息"),
    "delivery.retry": n("重发没发出的消息"),
    "delivery.give_up": n("放弃没发出的消息"),
    "settings.path": n("修改上报路径"),
    "settings.limits": n("修改办理时限"),
    "settings.calendar": n("修改工作日历"),
    "settings.calendar_remove": n("删除日历日期"),
    "settings.phrases": n("修改常用语"),
    "settings.channels": n("修改渠道"),
    "grid_message.hide": n("隐藏网格圈消息"),
    "grid_message.show": n("恢复网格圈消息"),
    "campaign.save": n("设专项"),
    "campaign.report": n("报送专项"),
    "settings.category_add": n("新增事项分类"),
    "settings.category_change": n("修改事项分类"),
    "staff.create_many": n("批量登记人员"),
    "organization.found_center": n("设立指挥中心"),
    "organization.found_departments": n("设立部门"),
    "absence.no_deputy": n("取消代理人"),
}
OBJECTS = {
    "robot": n("群机器人"),
    "absence": n("请假"),
    "announcement": n("通知公告"),
    "api_token": n("接口令牌"),
    "area": n("区域"),
    "border": n("边界"),
    "building": n("楼栋"),
    "batch_report": n("报送单"),
    "campaign": n("专项"),
    "grid_message": n("网格圈消息"),
    "category": n("事项分类"),
    "certificate": n("处理证明"),
    "compound": n("小区"),
    "district": n("区"),
    "feature": n("受限功能"),
    "feature_period": n("受限功能"),
    "feedback": n("意见"),
    "grant": n("授权"),
    "impact_assessment": n("影响评估"),
    "invitation": n("邀请链接"),
    "knowledge": n("知识库"),
    "legal_text": n("告知文本"),
    "limit_policy": n("办理时限"),
    "membership": n("人员账号"),
    "organization": n("单位"),
    "person_request": n("个人信息请求"),
    "post": n("岗位"),
    "post_assignment": n("任职"),
    "register": n("登记导入"),
    "register_import": n("登记导入"),
    "retention_rule": n("留存期限"),
    "security_incident": n("安全事件"),
    "settings": n("设置"),
    "staff": n("人员"),
    "ticket": n("诉求"),
    "work_hours": n("工作时间"),
}
_VERBS = {
    "abolish": n("撤销"),
    "assign": n("安排"),
    "cancel": n("作废"),
    "change": n("修改"),
    "create": n("新增"),
    "deactivate": n("停用"),
    "end": n("结束"),
    "expire": n("到期"),
    "give": n("给予"),
    "import": n("导入"),
    "issue": n("发放"),
    "move": n("移动"),
    "off": n("关闭"),
    "on": n("开启"),
    "owner": n("更换负责人"),
    "publish": n("发布"),
    "reactivate": n("恢复"),
    "record": n("登记"),
    "remove": n("移除"),
    "rename": n("改名"),
    "resume": n("继续"),
    "review": n("复核"),
    "start": n("开始"),
    "take": n("收回"),
    "undo": n("撤回"),
    "update": n("修改"),
    "upload": n("上传"),
    "withdraw": n("撤回"),
    "write": n("编写"),
}
_DETAILS = {
    "locked": n("已锁定"),
    "by": n("方式"),
    "second_factor": n("两步验证"),
    "count": n("数量"),
    "reason": n("理由"),
    "membership": n("人员"),
    "post": n("岗位"),
    "organization": n("单位"),
    "day": n("日期"),
    "since": n("从"),
    "until": n("到"),
    "kind": n("类型"),
    "version": n("版本"),
    "deputy": n("代理人"),
    "rows": n("行数"),
}
_VALUES = {
    "password": n("密码"),
    "oidc": n("统一身份认证"),
    "invitation": n("邀请链接"),
    "totp": n("验证器"),
    "recovery": n("恢复码"),
    "wrong": n("不对"),
}


def action_words(action: str) -> str:
    """In the language of the page; what has no words of its own is put together from its noun and verb."""
    if action in ACTIONS:
        return _(ACTIONS[action])
    noun, dot, verb = action.partition(".")
    if dot and noun in OBJECTS and verb in _VERBS:
        return f"{_(OBJECTS[noun])}：{_(_VERBS[verb])}"
    return action


def object_words(kind: str, object_id: int | None) -> str:
    if not kind:
        return ""
    name = _(OBJECTS[kind]) if kind in OBJECTS else kind
    return f"{name} {object_id}" if object_id is not None else name


def detail_words(detail: dict[str, object], words: Mapping[str, object] | None = None) -> str:
    """Ids, counts and codes as they were written; nothing personal stands there.

    ``words``: how codes are said that belong to an app above this one.
    """
    known = {code: _(text) for code, text in _VALUES.items()} | {
        code: str(word) for code, word in (words or {}).items()
    }
    found = []
    for key, value in detail.items():
        if value in (None, "", False, [], {}):
            continue
        name = _(_DETAILS[key]) if key in _DETAILS else key
        said = known.get(value, value) if isinstance(value, str) else value
        found.append(name if value is True else f"{name} {said}")
    return "，".join(found)
