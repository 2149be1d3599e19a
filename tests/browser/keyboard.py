"""A dialog by the keyboard alone: it opens, holds the focus, closes with Escape and gives the focus back."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

STOPS = (
    "dialog => [...dialog.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]"
    ".filter(node => node.getClientRects().length && !node.disabled).length"
)
WHERE = """dialog => {
    const at = document.activeElement;
    // Past its last stop the focus is with the browser's own bar, never on the page behind.
    return dialog.contains(at) || at === document.body || !at;
}"""

NAME = "dialog => document.getElementById(dialog.getAttribute('aria-labelledby'))?.textContent.trim()"


def reach(page: Page, opener: Locator) -> None:
    """Puts the focus on what opens the dialog, unfolding the menu it stands in by its own key."""
    menu = opener.locator("xpath=ancestor::details[not(@open)]/summary")
    if menu.count():
        menu.last.focus()
        page.keyboard.press("Enter")
    opener.focus()
    expect(opener).to_be_focused()


def found_in(page: Page, opener: Locator, *, key: str = "Enter", back: Locator | None = None) -> list[str]:
    """What is wrong with the dialog that ``key`` opens while ``opener`` has the focus; empty when nothing is.

    ``back`` is where the focus belongs afterwards, ``opener`` unless said otherwise.
    """
    page.keyboard.press(key)
    dialog = page.locator("dialog[open]")
    try:
        dialog.wait_for()
    except Exception:  # noqa: BLE001 - whatever kept it closed is a finding
        return ["does not open by the keyboard"]
    wrong = []
    if not dialog.evaluate("dialog => dialog.contains(document.activeElement)"):
        wrong.append("the focus is not in it")
    if not dialog.evaluate(
        "dialog => document.getElementById(dialog.getAttribute('aria-labelledby'))?.textContent.trim()"
    ):
        wrong.append("it has no name")
    for press in ["Tab"] * (dialog.evaluate(STOPS) + 2) + ["Shift+Tab"] * 3:
        page.keyboard.press(press)
        if not dialog.evaluate(WHERE):
            wrong.append(f"{press} leads out of it")
            break
    if not dialog.evaluate("dialog => dialog.contains(document.activeElement)"):
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    try:
        expect(page.locator("dialog[open]")).to_have_count(0)
    except AssertionError:
        return [*wrong, "Escape does not close it"]
    if not (back or opener).evaluate("node => node === document.activeElement"):
        wrong.append(f"the focus goes to {page.evaluate('document.activeElement.outerHTML.slice(0, 80)')}")
    return wrong
