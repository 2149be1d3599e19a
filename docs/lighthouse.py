"""Measure the worker's first page and the resident's report form with Lighthouse: ``make lighthouse``.

    python docs/lighthouse.py [http://127.0.0.1:8000]

Needs a running demo, Chromium and npm; Lighthouse itself is fetched by npx and no part of the project. It runs as it
does by default: a telephone, a slow network and a processor four times slower, simulated. A person signs in before the
worker's page is measured, in the same browser, which is why its storage is not emptied.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile

from handbook_screens import DISTRICT, sign_in
from playwright.sync_api import sync_playwright

LIGHTHOUSE = "lighthouse@13.5.0"
PORT = 9333
PAGES = (("resident's report form", "", "/report/"), ("worker's first page", "grid", "/m/"))
WANTED = 95
FORGET = """async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  for (const each of await navigator.serviceWorker.getRegistrations()) await each.unregister();
}"""


def measure(address: str) -> dict[str, int]:
    """Scores of performance and accessibility, 0 to 100, and the largest contentful paint in milliseconds."""
    command = [
        "npx", "--yes", LIGHTHOUSE, address, f"--port={PORT}", "--disable-storage-reset", "--quiet", "--output=json",
        "--only-categories=performance,accessibility",
    ]  # fmt: skip
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    scores = {name: round(100 * category["score"]) for name, category in found["categories"].items()}
    audits = found["audits"]
    failed = [
        audit["id"] for audit in audits.values() if audit["score"] == 0 and audit.get("scoreDisplayMode") == "binary"
    ]
    sys.stdout.write(f"    not passed: {', '.join(failed) or 'nothing'}\n")
    return {
        **scores,
        "largest paint ms": round(audits["largest-contentful-paint"]["numericValue"]),
        "shift ‰": round(1000 * audits["cumulative-layout-shift"]["numericValue"]),
        "speed ms": round(audits["speed-index"]["numericValue"]),
        "blocked ms": round(audits["total-blocking-time"]["numericValue"]),
        "kB": round(audits["total-byte-weight"]["numericValue"] / 1000),
    }


def main() -> None:
    root = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/") + f"/d/{DISTRICT}"
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    poor = False
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        arguments = [f"--remote-debugging-port={PORT}", "--no-sandbox", "--disable-gpu", "--disable-component-update"]
        browser = playwright.chromium.launch_persistent_context(profile, executable_path=chromium, args=arguments)
        for name, person, path in PAGES:
            if person:
                page = browser.new_page()
                sign_in(page, root, person)
                # What signing in has left: the first load is measured with nothing kept.
                page.evaluate(FORGET)
                browser.new_cdp_session(page).send("Network.clearBrowserCache")
                page.close()
            found = measure(root + path)
            poor = poor or min(found["performance"], found["accessibility"]) < WANTED
            sys.stdout.write(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found.items()) + "\n")
        browser.close()
    if poor:
        raise SystemExit(f"below {WANTED}")


if __name__ == "__main__":
    main()
