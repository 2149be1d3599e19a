"""How long a desk's pages take with many open tickets, measured at the client over HTTP.

    ./manage.py load_test_data --tickets 57000 --districts 1 --lately 1 --searchable
    gunicorn governance.wsgi --workers 1 --bind 127.0.0.1:8000
    python -m benchmarks.desk_list http://127.0.0.1:8000/d/t01 HANDLE PASSWORD

Signs in as a member of staff (the district's or a street's dispatcher) and asks for each page several times, one after
the other. Prints the median and the 95th percentile in milliseconds, and the size. Nothing of the product is used.
"""

import re
import sys
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import urlencode

import requests

TIMES = 20
PAGES = {
    "inbox, first page": "/desk/",
    "inbox, page 2": "/desk/?page=2",
    "inbox, page 200": "/desk/?page=200",
    "yellow": "/desk/?queue=soon",
    "red": "/desk/?queue=over",
    "one street": "/desk/?area={street}",
    "one community": "/desk/?area={community}",
    "yellow of one organization": "/desk/?queue=soon&organization={organization}",
    "one kind": "/desk/?category={category}",
    "words": "/desk/?" + urlencode({"q": "楼道灯"}),
    "number": "/desk/?q={number}",
    "everything, newest first": "/desk/?queue=all",
    "one ticket": "/desk/t/{number}/",
    "suspected duplicates": "/desk/duplicates/",
    "suspected duplicates, page 2": "/desk/duplicates/?page=2",
    "repeats": "/desk/repeats/",
    "lists of the desk": "/desk/ledgers/",
    "urging all yellow ones of one organization, preview": "/desk/urge/?all=1&queue=soon&organization={organization}",
}


def sign_in(base: str, handle: str, password: str) -> requests.Session:
    session = requests.Session()
    form = session.get(f"{base}/sign-in/", timeout=60).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    body = {"csrfmiddlewaretoken": token[1] if token else "", "handle": handle, "password": password}
    answer = session.post(f"{base}/sign-in/", body, headers={"Referer": f"{base}/sign-in/"}, timeout=60)
    answer.raise_for_status()
    return session


def found(session: requests.Session, base: str) -> dict[str, str]:
    """Ids to filter by, read from the filter form, and the number of the first ticket."""
    page = session.get(f"{base}/desk/", timeout=120).text

    def option(name: str, place: int) -> str:
        select = re.search(rf'<select name="{name}">(.*?)</select>', page, re.DOTALL)
        values = re.findall(r'<option value="(\d+)"', select[1]) if select else []
        return values[min(place, len(values) - 1)] if values else ""

    number = re.search(r"\d{6}-\d{5,}", page)
    return {
        "street": option("area", 0), "community": option("area", 1), "organization": option("organization", 3),
        "category": option("category", 5), "number": number[0] if number else "",
    }  # fmt: skip


def main(base: str, handle: str, password: str) -> None:
    session = sign_in(base, handle, password)
    values = found(session, base)
    print(f"{'page':55} {'p50 ms':>8} {'p95 ms':>8} {'KiB':>6}")
    for name, path in PAGES.items():
        taken, size = [], 0
        for _time in range(TIMES):
            began = perf_counter()
            answer = session.get(base + path.format(**values), timeout=120)
            taken.append((perf_counter() - began) * 1000)
            answer.raise_for_status()
            size = len(answer.content)
        print(f"{name:55} {median(taken):8.0f} {quantiles(taken, n=20)[-1]:8.0f} {size / 1024:6.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
