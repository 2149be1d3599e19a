"""What the offices of the demo announce. Written for the demo; no office's real words.

Each block: a line with whose words (level), to whom (``buildings``, ``area``, or kinds of post), days after the day
named, flags (``r`` receipt, ``p`` pinned, ``f`` flood months, ``c`` cold months, ``-`` none), the title; then the text.
"""

from __future__ import annotations

from dataclasses import dataclass

_BLOCKS = """
community buildings 2 r {place}停水通知
自来水公司更换水表，{day} 9:00 至 16:00 停水。
请提前存水，家里的龙头要关好。老人家里要提水的，打电话给网格员。

community buildings 1 r {place}停电检修
供电所检修线路，{day} 8:00 至 12:00 停电，电梯停运。
用制氧机的住户请提前告诉网格员。

community buildings 5 - {place}清洗水箱
{day}起清洗二次供水水箱，白天水压会变小，水浑时先放一会儿再用。

community area 10 p 消防通道清理
请把停在楼道口和消防通道的电动车、杂物移走，{day}统一清理。
清走的东西放在居委会院内，七天内可领。

community area 14 - 65 岁以上老人免费体检
地点在社区卫生服务站，{day}起每天上午。
请空腹，带身份证和医保卡。走不动的可以约上门。

community area 7 - 周末便民服务
{day} 9:00 至 11:30，居委会门口：理发、磨刀、量血压、修小家电。
都不收钱。

community area 20 - 城乡居民医保缴费
今年的缴费还没有交的，请在月底前交。
手机上不会交的，带身份证到居委会，我们帮您交。

community building_head,unit_head 2 r 楼栋长、单元长碰头会
{day}晚上七点，居委会二楼，四十分钟，说说楼里的事。
来不了的，把要说的告诉网格员。

community area 5 c 降温了，注意用气用电安全
烧炭、用煤气热水器要开窗；电热毯用好就关。
独居老人家里，网格员会去看。

community area 3 fp 防汛提醒
{day}有大到暴雨，地下车库和低处请提前挪车。
阳台花盆收进屋；遇积水别蹚。

grid area 4 - 楼道灯更换
{day}起逐栋换楼道灯，施工时楼道会暗一会儿，上下楼扶好栏杆。

grid area 6 - 一起打扫楼道
{day} 8:30 集合，自带手套。打扫楼道和绿地，一个小时就好。

street area 15 - 谨防冒充医保客服诈骗
说医保卡异常、要您转账或报验证码的，都是骗人的。
拿不准就打 96110，或问网格员。

street area 10 - 夜间临时停车场开放
{day}起街道办事处后院晚 18:00 至早 8:00 向居民开放停车。
先到先停。

street grid_worker 5 r 报送楼道杂物排查表
请各网格{day} 10:00 前报送，没有问题的也要报。

street community_secretary,community_staff 4 r 周例会改时间
本周例会改到{day} 14:30，请带上月未办结清单。

district area 20 - 报事以后怎么看进度
报事后会有编号和时限，办好了由您评价。
超时没人管的，系统会自动往上报。

district grid_worker,grid_leader 7 r 入户走访注意事项
走访要亮证件，不进没人的屋，不拍身份证。独居老人优先。
"""

_MONTHS = {"f": (5, 6, 7, 8, 9), "c": (11, 12, 1, 2, 3)}


@dataclass(frozen=True)
class Saying:
    """``level``: whose words; ``to``: buildings, area, or kinds of post; ``months``: of the year, empty for any."""

    level: str
    to: str
    days: int
    title: str
    text: str
    months: tuple[int, ...]
    wants_receipt: bool
    is_pinned: bool


def _read(block: str) -> Saying:
    head, text = block.split("\n", 1)
    level, to, days, flags, title = head.split(" ", 4)
    months = next((_MONTHS[flag] for flag in flags if flag in _MONTHS), ())
    return Saying(level, to, int(days), title, text, months, "r" in flags, "p" in flags)


SAYINGS = tuple(_read(block) for block in _BLOCKS.strip().split("\n\n"))
