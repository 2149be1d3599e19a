"""What the offices of the demo write. Written for the demo; nobody's real words."""

from __future__ import annotations

CONSENT = "由家人、邻居陪同或代办的，陪同的人也听到了上面这些话。"
FILING = "演示环境，未备案"
ABSENCE = "年休假"
GIVEN = ("敏", "建华", "晓燕", "志强", "小雨", "国栋", "文静")
STATIONED = "市场监督管理所"
PHRASE = "已联系物业，约定当面验收"
COMPOUND, WRONG_COMPOUND = "春和苑", "春和园"
NO_GRID = "000000000000"

# Code of a category → what to ask whoever speaks of it.
QUESTIONS = {
    "0206": ("哪部电梯？", "里面有没有困人？"),
    "0201": ("哪一家物业？", "和物业说过没有，怎么答复的？"),
    "0404": ("是自家停水还是整栋停水？", "从什么时候开始的？"),
    "0604": ("一般是几点？", "是哪一户或哪一家店？"),
}

RULES_NOTE = "夜里施工、店外经营直接派城管"
RULES = [
    {"key": "r1", "name": "夜间施工直派城管", "when": {"categories": ["0307"]},
     "then": {"department_kind": "urban_management"}},
    {"key": "r2", "name": "店外经营直派城管", "when": {"categories": ["0108"], "any_words": ["盲道", "占道"]},
     "then": {"department_kind": "urban_management"}},
]  # fmt: skip

# Share of the weeks at which it is said, kind, words, answer (empty: not answered yet).
FEEDBACK = (
    (0.08, "suggestion", "字太小了，老人看不清，能不能再大一号？",
     "手机右上角“长辈版”点开就是大字，社区也可以上门教。谢谢您提醒。"),
    (0.21, "complaint", "我投诉楼道堆物，评价的时候只有三个脸，没有地方写原因。",
     "点“没解决”以后就能写原因，写了会原样交给再办的人。“还行”也能写的功能，我们记下了。"),
    (0.37, "suggestion", "上传照片最好能一次选几张。", "可以一次选，最多几张页面上写着；旧手机上一张一张选也行。"),
    (0.58, "complaint", "打了两次电话都说在办，网页上三天没变化。",
     "查过了，承办的同事办了事没有登记。已经请所在街道补登记，并提醒了当班的人。"),
    (0.76, "suggestion", "希望办完以后发个短信，不用天天来查。", ""),
    (0.9, "complaint", "选楼栋的时候找不到我们新交付的小区。", ""),
)  # fmt: skip

ASSESSMENTS = (
    {
        "title": "诉求登记中的电话和住址",
        "trigger": "other",
        "assessors": "区城市运行中心",
        "data_kinds": "姓名或称呼、电话、住址到楼栋，诉求里说到的事。",
        "purpose": "用于上门和回复，不留电话也能提交，目的和方式相当。",
        "impact": "被转给不相干的人会招来骚扰，邻里之间可能被认出。",
        "measures": "电话加密、默认打码，看号码要写理由并留痕；举报和匿名的对承办人不显示是谁。",
        "conclusion": "with_measures",
    },
    {
        "title": "向物业公司派单时提供的信息",
        "trigger": "sharing",
        "assessors": "区城市运行中心、法律顾问",
        "data_kinds": "楼栋、事项、照片，确需上门时的联系电话。",
        "purpose": "物业只拿到办这一件事要用的，办完即不能再看。",
        "impact": "照片里可能拍到人脸和车牌。",
        "measures": "与物业签保密约定；照片去掉拍摄位置，缩小后再存；每季度抽查查看记录。",
        "conclusion": "with_measures",
    },
)

INCIDENT = {
    "title": "回访名单误发到楼长群",
    "data_kinds": "称呼、楼栋、诉求标题，没有电话。",
    "cause": "工作人员把屏幕截图发错了群。",
    "harm": "群里的邻居可能知道谁提过诉求。",
    "measures": "十分钟内撤回，逐一请群成员删除；当事人员重新学习保密规定，截图改用打码页面。",
    "advice": "如被追问诉求内容，可以不回答，并告诉社区。",
    "contact": "区城市运行中心值班电话",
}
