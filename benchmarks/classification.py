"""How often the suggested category falls into the class people gave a message, and how long a suggestion takes.

    python -m benchmarks.classification labelled.csv

The file is CSV with the columns 留言主题, 留言详情 and 一级分类 (the classes of a public message board). Our
categories are mapped to those classes below; a class that no category of ours stands for can only be missed.
"""

import csv
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

from requests_intake.categories import default_categories
from requests_intake.classification import default_lexicon, suggest

CITY, NATURE, EDUCATION = "城乡建设", "环境保护", "教育文体"
LABOUR, HEALTH, TRANSPORT, TRADE = "劳动和社会保障", "卫生计生", "交通运输", "商贸旅游"
BY_TOP_LEVEL = {
    **dict.fromkeys(("01", "02", "04", "05", "06", "07", "08"), CITY),
    "03": NATURE,
    "09": "政法",
    "10": LABOUR,
    "11": "民政",
    "12": EDUCATION,
    "13": HEALTH,
    "14": TRANSPORT,
    "15": TRADE,
    "16": LABOUR,
    "17": "党务政务",
    "18": EDUCATION,
    "99": "其他",
}
# Where the message board draws the line elsewhere than we do.
BY_CODE = {
    **dict.fromkeys(("0109", "0110", "0111", "0112"), NATURE),
    **dict.fromkeys(("1003", "1004", "1005", "1006"), "民政"),
    "0806": "政法",
    "0807": "政法",
    "1007": "政法",
    "1203": EDUCATION,
    "1804": "党务政务",
}


def class_of(code: str) -> str:
    """The message board's class that a category of ours belongs to."""
    return BY_CODE.get(code, BY_TOP_LEVEL[code[:2]])


def main(path: Path) -> None:
    """Print the shares over all messages, by class, and by how sure the suggestion was."""
    lexicon = default_lexicon()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    first, among, totals = Counter[str](), Counter[str](), Counter[str]()
    likely, likely_right, silent, seconds = 0, 0, 0, []
    for row in rows:
        started = perf_counter()
        found = suggest(row["留言详情"], lexicon, 3, title=row["留言主题"])
        seconds.append(perf_counter() - started)
        label, classes = row["一级分类"], [class_of(suggestion.code) for suggestion in found]
        totals[label] += 1
        first[label] += classes[:1] == [label]
        among[label] += label in classes
        silent += not found
        if found and found[0].is_likely:
            likely += 1
            likely_right += classes[0] == label
    print(f"{len(rows)} messages, {len(default_categories())} categories, nothing suggested for {silent}")
    print(f"first suggestion right {first.total() / len(rows):.1%}, among three {among.total() / len(rows):.1%}")
    print(f"called likely {likely / len(rows):.1%}, of these right {likely_right / max(1, likely):.1%}")
    for label, total in totals.most_common():
        print(f"  {label:<10} {total:4}  first {first[label] / total:6.1%}  among three {among[label] / total:6.1%}")
    seconds.sort()
    print(f"per message: median {seconds[len(seconds) // 2] * 1e6:.0f} µs, longest {seconds[-1] * 1e6:.0f} µs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
