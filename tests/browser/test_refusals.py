"""Every form that comes back with errors, in a browser: what holds for every page, and one is led to what is wrong.

Posting every form of every page would take longer than the walk itself: of each kind of form (the address it goes to,
with the move it makes) one is sent, with nothing in it or with too much, and looked at at the width its surface is made
for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from governance.kernel.tenancy.context import district_transaction
from tests.browser.conftest import DESK, PHONE
from tests.browser.refusals import Refusal, refusals
from tests.browser.test_every_page import foreign, uncut
from tests.browser.walk import CHECKS, ONLY, SURFACES, Walker, filled
from tests.test_permission_matrix import with_others
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

SEND = """([place, words]) => {
    const form = document.forms[place];
    form.noValidate = true;
    for (const field of form.elements) {
        if (['hidden', 'submit', 'button', 'file', 'fieldset'].includes(field.type)) continue;
        if (field.type === 'radio' || field.type === 'checkbox') field.checked = false;
        else if (field.tagName === 'SELECT') {
            field.value = '';
            if (field.value) field.selectedIndex = -1;
        } else {
            field.maxLength = 1e6;
            field.value = ['number', 'date', 'datetime-local', 'time'].includes(field.type) ? '' : words;
        }
    }
    const buttons = [...form.elements].filter(each => each.type === 'submit' && each.form === form);
    form.requestSubmit(buttons.find(each => each.classList.contains('pri')) ?? buttons[0]);
}"""

LED = """() => {
    const shown = node => node.getClientRects().length > 0;
    const wrong = [...document.querySelectorAll('.err, .form-err')].filter(shown);
    const at = document.activeElement;
    if (!wrong.length) return ['nothing says what is wrong'];
    if (!at || at === document.body) return ['the focus is nowhere'];
    const said = [at, at.closest('fieldset')].map(node => node?.getAttribute('aria-describedby') || '').join(' ');
    const about = said.split(' ').map(id => document.getElementById(id));
    const near = at.closest('.fg, fieldset')?.querySelector('.err');
    const told = at.matches('.err, .form-err') || about.some(node => node?.matches('.err, :has(.err)'));
    const found = [];
    if (!told && !near) found.push(`the focus is at ${at.outerHTML.slice(0, 90)}`);
    // A sentence is read when the focus comes to it or to the field it describes, or because it is an alert.
    const words = wrong[0].textContent.trim().slice(0, 30);
    if (!told && !document.querySelector('[role=alert]')) found.push(`not read out: ${words}`);
    const box = at.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight) found.push('out of sight');
    return found;
}"""

LEAST = {"resident": 5, "worker": 12, "desk": 30, "manage": 40}
"""How many kinds of forms there are at least."""


@pytest.mark.parametrize("surface", SURFACES)
def test_a_form_that_comes_back_leads_to_what_is_wrong(
    surface: str, live_server: Any, world: World, chromium: Browser, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with district_transaction(world.district):
        with_others(world)
    values = filled(world, tmp_path)
    walker = Walker(chromium, live_server.url, world, values["number"])
    found = list(refusals(walker, surface, values))
    for refusal in found:
        look_at(walker, refusal, PHONE if surface in ("resident", "worker") else DESK)
    walker.close()
    print(*(each.kind for each in found), sep="\n")
    assert walker.findings == [], "\n".join(["", *walker.findings])
    assert ONLY or len(found) >= LEAST[surface], f"only {len(found)}"


def look_at(walker: Walker, refusal: Refusal, viewport: dict[str, int]) -> None:
    stop, how = refusal.stop, f"refused {refusal.kind}"
    page = walker.open(stop, viewport)
    if page is None:
        return
    page.evaluate(SEND, [refusal.place, refusal.words])
    if not came_back(page):
        walker.say(stop, how, ["does not come back with an error in the browser"])
        return
    page.evaluate(CHECKS.read_text())
    walker.say(stop, how, page.evaluate(LED))
    walker.axe(stop, page, how)
    uncut(walker, stop, page, how)
    walker.say(stop, how, [f"foreign word: {word}" for word in foreign(walker, stop, page)])


def came_back(page: Page) -> bool:
    try:
        expect(page.locator(".err, .form-err").locator("visible=true").first).to_be_visible()
    except AssertionError:
        return False
    page.wait_for_load_state()
    return True
