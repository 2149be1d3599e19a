"""How long a desk's pages take with many open tickets, measured at the client over HTTP, for several people.

    ./manage.py load_test_data --tickets 110000 --districts 1 --lately 0.66 --searchable --password PASSWORD
    gunicorn governance.wsgi --workers 1 --bind 127.0.0.1:8000
    python -m benchmarks.desk_list http://127.0.0.1:8000/d/t01 PASSWORD \\
        t01-dispatch t01-street t01-community t01-urban t01-grid

Signs in as each and asks for each page several times, one after the other. Prints the median and the 95th percentile in
milliseconds, what the whole machine computed meanwhile (processor milliseconds a request, server, database and client
together; of other programs too, so the load stands beside it), and the size. The last line of a dispatcher is an act:
it urges every yellow order of one organization, which a second run within two working hours refuses. Nothing of the
product is imported.
"""

import os
import re
import sys
from html import unescape
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import urlencode, urljoin

import requests

TIMES = int(os.environ.get("TIMES", "20"))
NEXT_PAGES = 20
QUEUES = ("soon", "over", "new", "doing", "check", "rating", "hold", "finished", "all")
PAGES = {
    "first page": "/desk/",
    **{f"queue {name}": f"/desk/?queue={name}" for name in QUEUES},
    "one street": "/desk/?area={street}",
    "one community": "/desk/?area={community}",
    "one category": "/desk/?category={category}",
    "one urgency": "/desk/?urgency=urgent",
    "one channel": "/desk/?channel=hotline",
    "one organization": "/desk/?organization={organization}",
    "yellow of one organization": "/desk/?queue=soon&organization={organization}",
    "search: a word": "/desk/?" + urlencode({"q": "楼道灯"}),
    "search: a number": "/desk/?q={number}",
    "search: end of a telephone number": "/desk/?q=0000",
    "one ticket beside the list": "/desk/?ticket={number}",
    "one ticket": "/desk/t/{number}/",
    "suspected duplicates": "/desk/duplicates/",
    "repeats": "/desk/repeats/",
    "lists of the desk": "/desk/ledgers/",
    "urging yellow ones of one organization, preview": "/desk/urge/?all=1&queue=soon&organization={organization}",
    "phone: today": "/m/",
    "phone: tickets": "/m/tickets/",
    "API: open tickets": "/api/v1/tickets/?open=true",
}


def sign_in(base: str, handle: str, password: str) -> requests.Session:
    session = requests.Session()
    form = session.get(f"{base}/sign-in/", timeout=60).text
    body = {"csrfmiddlewaretoken": token_of(form), "handle": handle, "password": password}
    answer = session.post(f"{base}/sign-in/", body, headers={"Referer": f"{base}/sign-in/"}, timeout=60)
    answer.raise_for_status()
    return session


def token_of(page: str) -> str:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return token[1] if token else ""


def found(session: requests.Session, base: str) -> dict[str, str]:
    """Ids to filter by, read from the filter form and the rows, and the number of the first ticket."""
    page = session.get(f"{base}/desk/", timeout=120).text

    def option(name: str, place: int) -> str:
        select = re.search(rf'<select name="{name}">(.*?)</select>', page, re.DOTALL)
        values = re.findall(r'<option value="(\d+)"', select[1]) if select else []
        return values[min(place, len(values) - 1)] if values else ""

    number = re.search(r"\d{6}-\d{5,}", page)
    return {
        "street": option("area", 0), "community": option("area", 1), "organization": option("organization", 0),
        "category": option("category", 5), "number": number[0] if number else "0",
    }  # fmt: skip


def computed() -> float:
    """Processor milliseconds the machine has spent so far on anything but waiting."""
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _wait, irq, soft, _steal = (int(word) for word in words)
    return (user + nice + system + irq + soft) * 1000 / os.sysconf("SC_CLK_TCK")


class Times:
    """The requests of one line."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.size = 0
        self.began = computed()

    def ask(self, session: requests.Session, url: str) -> requests.Response:
        began = perf_counter()
        answer = session.get(url, timeout=300)
        self.taken.append((perf_counter() - began) * 1000)
        self.size = len(answer.content)
        return answer

    def tell(self, name: str) -> None:
        spent = (computed() - self.began) / len(self.taken)
        high = quantiles(self.taken, n=20)[-1] if len(self.taken) > 1 else self.taken[0]
        print(f"{name:50} {median(self.taken):8.0f} {high:8.0f} {spent:8.0f} {self.size / 1024:6.0f}", flush=True)


def next_pages(session: requests.Session, base: str) -> None:
    times, url = Times(), f"{base}/desk/"
    page = session.get(url, timeout=120).text
    for _page in range(NEXT_PAGES):
        link = re.search(r'href="([^"]+)" rel="next"', page)
        if link is None:
            break
        url = urljoin(url, unescape(link[1]))
        page = times.ask(session, url).text
    if times.taken:
        times.tell(f"next page, {len(times.taken)} times")


def urge(session: requests.Session, base: str, organization: str) -> None:
    """One act: every yellow order of an organization, part by part until the list is shown again."""
    url = f"{base}/desk/urge/?all=1&queue=soon&organization={organization}&next=/desk/"
    page = session.get(url, timeout=120).text
    times, parts = Times(), 0
    began = perf_counter()
    while 'name="idempotency_key"' in page and parts < 1000:
        fields = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
        body = {name: unescape(value) for name, value in fields} | {"csrfmiddlewaretoken": token_of(page)}
        page = session.post(f"{base}/desk/urge/", body, headers={"Referer": url}, timeout=300).text
        parts += 1
    if parts:
        times.taken.append((perf_counter() - began) * 1000)
        times.tell(f"urging them, {parts} requests")


def main(base: str, password: str, *handles: str) -> None:
    for handle in handles:
        session = sign_in(base, handle, password)
        values = found(session, base)
        load = " ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"\n{handle}, load {load}, {os.cpu_count()} cores, {TIMES} times each")
        print(f"{'page':50} {'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8} {'KiB':>6}")
        for name, path in PAGES.items():
            url = base + path.format(**values)
            if not session.get(url, timeout=300).ok:
                continue  # not this person's page
            times = Times()
            for _time in range(TIMES):
                times.ask(session, url).raise_for_status()
            times.tell(name)
        next_pages(session, base)
        urge(session, base, values["organization"])


if __name__ == "__main__":
    main(*sys.argv[1:])
