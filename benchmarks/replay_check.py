"""How many answered messages of a raw file were answered within 5, 10 and 15 working days, counted without the product.

    python -m benchmarks.replay_check answered.csv

To be compared with what `manage.py import_tickets FILE --district CODE --replay` prints. Nothing of the product is
used: the file is read by the csv module, a day is worked when chinesecalendar says so, and days are counted one by one.
Within N working days means not later than 17:30 on the N-th working day after the day of the message.

The file is CSV in UTF-8 with the columns 留言编号, 留言时间, 留言详情, 答复意见 and 答复时间. Left out, as in the
replay: rows without words, answer or one of the times, an answer before its message, a number that came
before, more cells than headers.
"""

import csv
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

from chinese_calendar import is_workday

WANTED = ("留言编号", "留言时间", "留言详情", "答复意见", "答复时间")
CLOSING = time(17, 30)


def read_time(text: str) -> datetime:
    """The local time as written; both ways the boards write it."""
    return datetime.strptime(text.strip().replace("/", "-"), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  # both are local


def last_moment(day: date, working_days: int) -> datetime:
    """17:30 of the N-th working day after ``day``."""
    while working_days:
        day += timedelta(days=1)
        working_days -= is_workday(day)
    return datetime.combine(day, CLOSING)


def count(path: Path) -> tuple[int, dict[int, int], int]:
    """Rows that count, number of working days → how many met them, and rows left out."""
    counted, left_out, met, seen = 0, 0, {5: 0, 10: 0, 15: 0}, set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                said, answered = read_time(row["留言时间"] or ""), read_time(row["答复时间"] or "")
            except ValueError:
                left_out += 1
                continue
            surplus = any(cell.strip() for cell in row.get(None) or ())
            whole = all((row[column] or "").strip() for column in WANTED) and not surplus
            if not whole or answered < said or row["留言编号"] in seen:
                left_out += 1
                continue
            seen.add(row["留言编号"])
            counted += 1
            for days in met:
                met[days] += answered <= last_moment(said.date(), days)
    return counted, met, left_out


def main(path: Path) -> None:
    counted, met, left_out = count(path)
    print(f"{counted} answered messages, {left_out} rows left out")
    for days, number in met.items():
        print(f"  within {days} working days: {number} ({number / max(1, counted):.1%})")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
