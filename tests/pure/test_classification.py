"""Guesses from residents' words, and the taxonomy they come from (standards B.5)."""

from time import perf_counter

import pytest

from requests_intake.categories import Category, default_categories
from requests_intake.classification import (
    LIKELY,
    Lexicon,
    Suggestion,
    default_lexicon,
    suggest,
    suggest_type,
    suggest_urgency,
)
from requests_intake.sla import Klass, Policy

LEXICON = default_lexicon()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3号楼门口的垃圾桶满了好几天，臭气熏天", "0101"),
        ("楼道里放了两辆自行车和纸箱，楼梯口都堵住了", "0106"),
        ("楼下餐馆油烟直排，开窗就呛人", "0109"),
        ("物业公司不作为，要求更换物业", "0201"),
        ("小区的维修基金怎么动用", "0205"),
        ("2单元电梯坏了三天没人修，老人下不了楼", "0206"),
        ("工地半夜施工，打桩声吵得睡不着", "0307"),
        ("广场上跳广场舞的音箱太响", "0303"),
        ("有车停在消防通道上，消防车进不来", "0402"),
        ("一楼住户飞线给电瓶车充电", "0404"),
        ("家里停水两天了", "0501"),
        ("厨房闻到很浓的煤气味，怀疑漏气", "0504"),
        ("暖气不热，室温只有14度", "0505"),
        ("人行道上的窨井盖没了", "0602"),
        ("门口的路灯坏了，晚上很黑", "0603"),
        ("下水道堵了，污水外溢到院子里", "0604"),
        ("顶楼邻居违法搭建阳光房", "0701"),
        ("楼上总有人高空抛物，往下扔烟头", "0804"),
        ("楼上漏水漏到我家，漏水赔偿谈不拢", "0901"),
        ("有人遛狗不牵绳", "0903"),
        ("想申请低保需要什么条件", "1003"),
        ("社区有没有长者食堂可以送餐", "1101"),
        ("孩子转学需要学位", "1201"),
        ("公交站等车太久", "1401"),
        ("健身房跑路，会员卡退卡没人理", "1504"),
        ("包工头拖欠工资，农民工讨薪", "1601"),
    ],
)
def test_what_residents_say_is_understood(text, code):
    assert suggest(text, LEXICON)[0].code == code


def test_suggestions_come_best_first_with_their_words():
    found = suggest("小区路灯坏了，井盖也松动", LEXICON)
    assert len(found) <= 3
    assert [entry.confidence for entry in found] == sorted((entry.confidence for entry in found), reverse=True)
    assert all(0 < entry.confidence < 1 and entry.words for entry in found)
    assert "井盖" in {word for entry in found for word in entry.words}


def test_nothing_known_suggests_nothing():
    assert suggest("嗯嗯", LEXICON) == []
    assert suggest("", LEXICON) == []


def test_the_title_counts_double():
    both = suggest("噪音之外还有路灯不亮", LEXICON, title="井盖缺失")
    assert both[0].code == "0602"
    assert suggest("井盖缺失", LEXICON)[0].confidence < suggest("", LEXICON, title="井盖缺失")[0].confidence


def test_longer_and_rarer_words_weigh_more():
    lexicon = Lexicon(
        [
            Category("1", "甲", "0", "", keywords=("消防", "通用")),
            Category("2", "乙", "0", "", keywords=("消防通道", "通用")),
            Category("3", "丙", "0", "", keywords=("路灯",)),
        ]
    )
    assert suggest("消防通道", lexicon)[0].code == "2"
    assert [entry.code for entry in suggest("通用 路灯", lexicon)] == ["3", "1", "2"]


def test_clear_evidence_is_called_likely_and_mixed_evidence_is_not():
    clear = suggest("下水道堵了，污水外溢，粪便返水到一楼", LEXICON)[0]
    mixed = suggest("反映物业、停水、公交、狗叫和低保几个问题", LEXICON)[0]
    assert (clear.is_likely, clear.phrase) == (True, "把握较大")
    assert (mixed.is_likely, mixed.phrase) == (False, "把握不大")
    assert Suggestion("1", LIKELY, ()).is_likely


def test_a_keyword_of_one_character_is_refused():
    with pytest.raises(ValueError, match="too short"):
        Lexicon([Category("1", "甲", "0", "", keywords=("灯",))])


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("家里漏气了", "critical"),
        ("有人被困电梯", "critical"),
        ("老人走失两小时了", "critical"),
        ("三楼着火了", "critical"),
        ("孩子差点触电", "critical"),
        ("整栋楼停电，而且闻到煤气味", "critical"),
        ("整个小区停电", "urgent"),
        ("污水横流", "urgent"),
        ("消防通道被堵", "urgent"),
        ("路灯不亮", "normal"),
        ("建议组织燃气泄漏演练", "normal"),
        ("请给老人讲讲如何防止触电", "normal"),
        ("想装一个漏气报警器", "normal"),
    ],
)
def test_urgency(text, urgency):
    guess = suggest_urgency(text)
    assert guess.urgency == urgency
    assert bool(guess.words) == (urgency != "normal")


@pytest.mark.parametrize(
    ("text", "title", "kind"),
    [
        ("请问高龄津贴怎么申请？", "", "consult"),
        ("投诉楼下KTV扰民", "", "complaint"),
        ("感谢信：网格员小李热心帮助老人", "", "praise"),
        ("建议在路口增设红绿灯", "", "suggestion"),
        ("实名举报有人贪污", "", "report"),
        ("求助，家里水管坏了请派人来修", "", "help"),
        ("楼道灯不亮", "", "help"),
        ("小区门口的事，谢谢！", "关于增设公交站的建议", "suggestion"),
    ],
)
def test_type(text, title, kind):
    assert suggest_type(text, title) == kind


def test_a_long_message_takes_less_than_a_millisecond():
    text = "本人住在幸福小区三号楼，最近楼下的路灯坏了，下水道也堵了，物业公司一直没有人来维修，请领导帮忙解决。" * 20

    def best(run: int) -> float:
        started = perf_counter()
        suggest(text, LEXICON, title="路灯")
        return perf_counter() - started

    assert min(map(best, range(10))) < 1e-3


TAXONOMY = {
    "01 市容环境": "暴露垃圾, 道路不洁, 积存渣土, 非法小广告, 乱堆乱放, 楼道杂物, "
    "占道经营, 店外经营, 油烟扰民, 扬尘, 露天焚烧, 水域不洁",
    "02 物业管理": "物业服务差, 收费争议, 公共收益, 业委会, 维修资金, 电梯故障, 门禁监控, 公共照明, 保洁绿化",
    "03 噪音扰民": "施工噪音, 商业噪音, 广场舞, 邻里噪音, 设备噪音, 交通噪音, 夜间施工噪音",
    "04 停车管理": "乱停乱放, 占用消防通道, 僵尸车, 电动车充电/飞线, 车位纠纷, 收费",
    "05 供水供电供气供热": "停水, 水质水压, 停电, 燃气泄漏, 供暖不热, 费用, 停气",
    "06 市政设施": "道路破损, 井盖缺失, 路灯不亮, 下水道堵塞/污水外溢, 积水内涝, 线缆垂落, 护栏",
    "07 房屋与违建": "违法搭建, 房屋漏水, 外墙脱落, 危房, 群租, 加装电梯, 老旧改造",
    "08 消防与安全": "消防通道, 消防设施, 用电隐患, 高空抛物, 燃气隐患, 治安, 电诈",
    "09 邻里与家庭纠纷": "漏水纠纷, 噪音纠纷, 宠物, 公共空间, 婚姻家庭, 赡养",
    "10 社保医保与民政": "社保, 医保, 低保, 临时救助, 残疾人, 优抚, 证明",
    "11 养老助残": "助餐, 照护, 上门服务, 高龄津贴, 认证代办, 适老改造",
    "12 教育托幼": "入学, 托管, 校园周边, 幼儿园",
    "13 医疗卫生": "家庭医生, 疫苗, 就医, 传染病",
    "14 交通出行": "公交, 信号灯, 共享单车, 拥堵",
    "15 市场与消费": "消费纠纷, 食品, 价格, 预付卡",
    "16 劳动就业": "欠薪, 就业, 培训",
    "17 政务服务与作风": "办事咨询, 服务态度, 效率",
    "18 文体活动与党群": "活动, 场地, 志愿服务, 党群",
    "99 其他": "其他",
}


def test_the_taxonomy_is_that_of_the_standards():
    shipped: dict[str, list[str]] = {}
    for category in default_categories():
        shipped.setdefault(f"{category.parent_code} {category.parent_name}", []).append(category.name)
    assert shipped == {top: names.split(", ") for top, names in TAXONOMY.items()}


def test_every_category_can_be_worked_with():
    policy = Policy.default()
    codes = [category.code for category in default_categories()]
    assert len(set(codes)) == len(codes)
    for category in default_categories():
        assert category.code.startswith(category.parent_code)
        assert category.start_level in policy.levels
        assert category.urgency in ("critical", "urgent", "normal", "complex")
        assert category.limit_class in (Klass.NORMAL, Klass.MINOR, Klass.COMPLEX)
        assert len(set(category.keywords)) == len(category.keywords)
        if category.code != "9901":
            assert category.departments
            assert len(category.keywords) >= 5
    assert set(policy.categories) <= set(codes)


def test_the_policy_and_the_categories_agree_on_emergencies():
    policy = Policy.default()
    for category in default_categories():
        rule = policy.categories.get(category.code)
        if rule and rule.klass and not rule.season:
            assert category.urgency == rule.klass
