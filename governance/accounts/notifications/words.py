"""Why something was not delivered, in words for whoever has to mend it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_ERRORS = {
    "no_address": gettext_lazy("对方没有留号码、邮箱，或者机器人已停用"),
    "no_mobile": gettext_lazy("不是手机号，收不了短信"),
    "not_set_up": gettext_lazy("平台没有接这个渠道"),
    "gateway": gettext_lazy("短信网关没有收下"),
    "bad_address": gettext_lazy("邮箱写得不对"),
    "smtp_sign_in": gettext_lazy("邮件服务器的账号或密码不对"),
    "connection": gettext_lazy("连不上对方的服务器"),
    "timeout": gettext_lazy("对方的服务器没有回应"),
    "tls": gettext_lazy("对方服务器的证书有问题"),
    "no_answer": gettext_lazy("对方的回答看不懂"),
    "host_not_allowed": gettext_lazy("机器人地址不在允许的域名里"),
    "unexpected": gettext_lazy("平台内部出错，已记入日志"),
    "robot_93000": gettext_lazy("机器人地址无效，或者机器人已从群里移除"),
    "robot_300001": gettext_lazy("机器人地址无效，或者机器人已从群里移除"),
    "robot_310000": gettext_lazy("加签密钥、关键词或 IP 不符合群机器人的安全设置"),
    "robot_45009": gettext_lazy("发得太多，被平台限制"),
    "robot_410100": gettext_lazy("发得太多，被平台限制"),
    "robot_130101": gettext_lazy("发得太多，被平台限制"),
}


def error_words(code: str) -> str:
    """A sentence for a code of ``Delivery.last_error``; the code itself stands behind what we cannot explain."""
    if not code:
        return ""
    if code in _ERRORS:
        return str(_ERRORS[code])
    kind, _sep, number = code.partition("_")
    if kind == "smtp":
        return _("邮件服务器退回（{number}）").format(number=number)
    if kind == "http":
        return _("对方服务器回答 {number}").format(number=number)
    return _("群机器人退回（{number}）").format(number=number) if kind == "robot" else code
