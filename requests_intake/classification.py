"""Guesses from a resident's words: category, urgency, type. A person always may correct them.

Pure and quick: the words are compiled once into a table by their first two characters, and a message is read once
from left to right, taking the longest word at each place. Only the first ``MAX_CHARACTERS`` are read.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from .categories import Category, default_categories

MAX_CHARACTERS = 2_000
TITLE_WEIGHT = 2.0
LIKELY = 0.5  # measured on labelled messages, see benchmarks/classification.py

# Score at which a lone category is believed by half. One short word alone should not look certain.
_DOUBT = 1.5


@dataclass(frozen=True)
class Suggestion:
    """A category and how sure we are, from 0 to 1; ``words`` are those of the message that speak for it."""

    code: str
    confidence: float
    words: tuple[str, ...]

    @property
    def is_likely(self) -> bool:
        """Whether the screen may call it 把握较大."""
        return self.confidence >= LIKELY

    @property
    def phrase(self) -> str:
        """How sure, in words: never a bare percentage."""
        return "把握较大" if self.is_likely else "把握不大"


class _Words:
    """Finds the longest known words of a text, left to right, without overlaps."""

    def __init__(self, words: Iterable[str]) -> None:
        by_start: dict[str, list[str]] = defaultdict(list)
        for word in words:
            if len(word) < 2:
                raise ValueError(f"{word!r} is too short to tell anything")
            by_start[word[:2]].append(word)
        self._by_start = {start: sorted(found, key=len, reverse=True) for start, found in by_start.items()}

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """(position, word) of each match."""
        by_start, position, last = self._by_start, 0, len(text) - 1
        while position < last:
            for word in by_start.get(text[position : position + 2], ()):
                if text.startswith(word, position):
                    yield position, word
                    position += len(word)
                    break
            else:
                position += 1


class Lexicon:
    """The keywords of a set of categories, weighted: longer words and words of fewer categories weigh more."""

    def __init__(self, categories: Iterable[Category]) -> None:
        codes_of: dict[str, list[str]] = defaultdict(list)
        for category in categories:
            for word in dict.fromkeys(category.keywords):
                codes_of[_normal(word)].append(category.code)
        self._codes_of: Mapping[str, Sequence[str]] = dict(codes_of)
        self._weight = {word: _length_weight(word) / len(codes) for word, codes in codes_of.items()}
        self._words = _Words(codes_of)

    def scores(self, text: str, title: str = "") -> dict[str, tuple[float, tuple[str, ...]]]:
        """Score and matched words by category code. A word said often counts little more than once."""
        seen: dict[str, float] = defaultdict(float)
        for part, weight in ((title, TITLE_WEIGHT), (text, 1.0)):
            for word, times in Counter(word for _, word in self._words.find(_normal(part))).items():
                seen[word] += weight * (1 + 0.5 * math.log(times))
        scores: dict[str, float] = defaultdict(float)
        words: dict[str, list[str]] = defaultdict(list)
        for word, said in seen.items():
            for code in self._codes_of[word]:
                scores[code] += said * self._weight[word]
                words[code].append(word)
        return {code: (score, tuple(words[code])) for code, score in scores.items()}


def _normal(text: str) -> str:
    return text[:MAX_CHARACTERS].lower()


def _length_weight(word: str) -> float:
    return {2: 1.0, 3: 1.8}.get(len(word), 2.5)


@cache
def default_lexicon() -> Lexicon:
    """The words of the categories that ship."""
    return Lexicon(default_categories())


def suggest(text: str, lexicon: Lexicon, top: int = 3, *, title: str = "") -> list[Suggestion]:
    """The likeliest categories, best first; an empty list when no word is known. Words of the title count double.

    The confidence is a category's share of all evidence, less a doubt that fades as evidence grows.
    """
    scores = lexicon.scores(text, title)
    total = sum(score for score, _ in scores.values())
    ranked = sorted(scores.items(), key=lambda entry: (-entry[1][0], entry[0]))[:top]
    return [Suggestion(code, round(score / (total + _DOUBT), 3), words) for code, (score, words) in ranked]


# Typical content of SLA D.2 in residents' words.
_CRITICAL = (
    *(
        "燃气泄漏",
        "煤气泄漏",
        "天然气泄漏",
        "燃气泄露",
        "煤气泄露",
        "天然气泄露",
        "漏气",
        "煤气味",
        "燃气味",
        "天然气味",
    ),
    *(
        "困在电梯",
        "电梯困人",
        "被困电梯",
        "关在电梯",
        "电梯里出不来",
        "卡在电梯",
        "电梯坠落",
        "触电",
        "电死",
        "漏电伤人",
    ),
    *(
        "着火",
        "起火",
        "失火",
        "火灾发生",
        "冒烟起火",
        "爆炸",
        "走失",
        "走丢",
        "失踪",
        "离家出走",
        "轻生",
        "跳楼",
        "自杀",
    ),
    *("井盖没了", "井盖丢", "井盖缺失", "没有井盖", "没井盖", "井盖不见", "掉进井", "坠井", "溺水", "落水", "晕倒"),
    *("要塌", "快塌", "坍塌", "持刀", "砍人", "打群架", "聚众斗殴", "群体冲突", "砸到人", "砸伤人", "食物中毒", "家暴"),
)
_URGENT = (
    *(
        "停水",
        "停电",
        "停气",
        "停暖",
        "没水了",
        "没水用",
        "没电了",
        "没气了",
        "断水",
        "断电",
        "爆管",
        "水管爆",
        "水管破",
    ),
    *("污水外溢", "污水横流", "粪水", "返水", "反水", "污水倒灌", "粪便外溢", "下水道堵", "管道堵塞"),
    *("消防通道", "堵塞消防", "生命通道", "电梯停运", "电梯坏", "电梯故障", "电梯不能用", "夜间施工", "半夜施工"),
    *("凌晨施工", "通宵施工", "深夜施工", "外墙脱落", "墙皮脱落", "瓷砖掉", "高空抛物", "电线垂", "电线掉", "电线裸露"),
    *("积水", "内涝", "雨水倒灌", "漏电", "电火花", "树要倒", "树倒", "大树倒"),
)
# Words around a match that turn it into talk about the danger, or deny it.
_BEFORE = ("预防", "防止", "防范", "避免", "以防", "防", "没有", "未发生", "杜绝", "谨防", "警惕")
_AFTER = ("报警器", "演练", "宣传", "培训", "知识", "预案", "讲座")


@dataclass(frozen=True)
class UrgencyGuess:
    """critical, urgent or normal, and the words that speak for it."""

    urgency: str
    words: tuple[str, ...]


def suggest_urgency(text: str) -> UrgencyGuess:
    """How urgent the words sound. Dangers only feared or talked about (防止触电, 消防演练) do not count."""
    normal = _normal(text)
    for urgency, finder in (("critical", _CRITICAL_WORDS), ("urgent", _URGENT_WORDS)):
        words = tuple(
            dict.fromkeys(word for position, word in finder.find(normal) if _is_meant(normal, position, word))
        )
        if words:
            return UrgencyGuess(urgency, words)
    return UrgencyGuess("normal", ())


def _is_meant(text: str, position: int, word: str) -> bool:
    before, after = text[max(0, position - 3) : position], text[position + len(word) :]
    return not before.endswith(_BEFORE) and not after.startswith(_AFTER)


_CRITICAL_WORDS, _URGENT_WORDS = _Words(dict.fromkeys(_CRITICAL)), _Words(dict.fromkeys(_URGENT))

# Cues of the types a resident may mean (standards B.3), and how strongly each speaks.
_TYPE_CUES: dict[str, dict[str, float]] = {
    "praise": {"表扬": 3, "点赞": 3, "锦旗": 3, "感谢信": 4, "致谢": 3, "特此感谢": 3, "衷心感谢": 2.5, "为你们点赞": 3}
    | {"非常感谢": 1.5, "热心": 1, "好样的": 2, "感动": 1},
    "suggestion": {"建议": 2, "提议": 2, "提个建议": 3, "建言": 2.5, "献策": 2.5, "希望能增设": 2, "希望增加": 1.5}
    | {"能否增设": 2, "可否增设": 2, "的构想": 2, "几点看法": 2},
    "report": {
        "举报": 3,
        "检举": 3,
        "实名举报": 4,
        "揭发": 3,
        "贪污": 2.5,
        "受贿": 2.5,
        "行贿": 2.5,
        "偷税": 2.5,
        "违法犯罪": 2,
    }
    | {"涉嫌": 1.5, "非法": 1, "黑恶": 2, "保护伞": 2, "套取": 2, "传销": 2},
    "consult": {"咨询": 3, "请问": 2, "想问": 2, "请教": 2.5, "怎么办理": 2, "如何办理": 2, "怎样办理": 2, "哪里办": 2}
    | {"什么材料": 2, "什么手续": 2, "什么条件": 2, "什么时候": 1, "何时": 1, "是否": 0.7, "多少钱": 1, "怎么申请": 2}
    | {
        "如何申请": 2,
        "能不能办": 1.5,
        "可以办": 1,
        "有没有": 0.7,
        "有哪些": 1,
        "是什么": 1,
        "吗?": 1,
        "吗？": 1,
        "怎么报销": 2,
    },
    "complaint": {"投诉": 3, "扰民": 2, "不作为": 2, "乱收费": 2, "强烈要求": 1.5, "推诿": 2, "态度恶劣": 2, "反映": 1}
    | {
        "不管": 1,
        "太吵": 1.5,
        "无法忍受": 1.5,
        "严重影响": 1.5,
        "忍无可忍": 2,
        "欺诈": 1.5,
        "欺骗": 1.5,
        "质疑": 1.5,
        "占用": 1,
    },
    "help": {
        "求助": 3,
        "帮帮": 2.5,
        "帮忙": 1.5,
        "恳请": 1,
        "请求": 1.5,
        "救救": 2.5,
        "急需": 1.5,
        "协助": 1.5,
        "请帮": 2,
    }
    | {
        "坏了": 1,
        "堵了": 1,
        "派人": 1,
        "求解决": 1.5,
        "生活困难": 1.5,
        "请解决": 1.5,
        "维修": 1,
        "来修": 1,
        "修一下": 1.5,
    },
}
_TYPE_WEIGHTS = {word: (kind, weight) for kind, cues in _TYPE_CUES.items() for word, weight in cues.items()}
_TYPE_WORDS = _Words(_TYPE_WEIGHTS)
_DEFAULT_TYPE = "help"


def suggest_type(text: str, title: str = "") -> str:
    """consult, help, complaint, report, suggestion or praise; help when nothing tells.

    Each cue counts once, in the title double: residents repeat 请问 and end every message with thanks.
    """
    scores: dict[str, float] = defaultdict(float)
    for part, factor in ((title, TITLE_WEIGHT), (text, 1.0)):
        for word in dict.fromkeys(word for _, word in _TYPE_WORDS.find(_normal(part))):
            kind, weight = _TYPE_WEIGHTS[word]
            scores[kind] += factor * weight
    return max(scores, key=lambda kind: scores[kind]) if scores else _DEFAULT_TYPE
