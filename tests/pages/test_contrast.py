"""The colours of ``tokens.css`` keep their contrast in every mode (WCAG 2.1: 1.4.3 and 1.4.11; 户外 text 7:1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static/src/css/parts/tokens.css"
STATES = ("new", "doing", "soon", "over", "check", "done", "hold")
TEXT, SHAPE, SUN_TEXT = 4.5, 3.0, 7.0


def read_block(css: str, selector: str) -> dict[str, str]:
    found = re.search(re.escape(selector) + r"\s*\{([^}]*)\}", css)
    assert found, f"{selector} is not in tokens.css"
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})", found.group(1)))


def modes() -> dict[str, dict[str, str]]:
    css = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.S)
    light = read_block(css, ":root")
    changed = {"dark": '[data-theme="dark"]', "elder": "[data-elder]", "sun": "[data-sun]"}
    return {"light": light, **{name: {**light, **read_block(css, selector)} for name, selector in changed.items()}}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pairs() -> list[tuple[str, str, float]]:
    found = [(ink, on, TEXT) for on in ("bg", "surface", "surface-2", "surface-3") for ink in ("ink", "ink-2", "ink-3")]
    found += [("primary", on, TEXT) for on in ("bg", "surface", "primary-weak")]
    found += [("on-primary", "primary", TEXT), ("on-primary", "tint-green", TEXT), ("surface", "ink", TEXT)]
    found += [(ink, "primary-weak", TEXT) for ink in ("ink-2", "ink-3", "st-soon", "st-over")]
    found += [(f"tint-{tint}", f"tint-{tint}-weak", TEXT) for tint in ("green", "plum", "teal")]
    found += [("line-strong", "surface", SHAPE)]
    for state in STATES:
        found += [(f"st-{state}", on, TEXT) for on in (f"st-{state}-bg", "surface", "bg")]
        found.append((f"st-{state}-on", f"st-{state}-solid", TEXT))
        # the yellow triangle is told by its shape and its word, not by its contrast
        if state != "soon":
            found.append((f"st-{state}-solid", "surface", SHAPE))
    return found


@pytest.mark.parametrize("mode", ["light", "dark", "elder", "sun"])
def test_every_pair_reaches_its_contrast(mode):
    colours = modes()[mode]
    poor = []
    for front, back, wanted in pairs():
        needed = SUN_TEXT if mode == "sun" and front.startswith("ink") else wanted
        reached = contrast(colours[front], colours[back])
        if reached < needed:
            poor.append(f"{front} on {back}: {reached:.2f} < {needed}")
    assert not poor


def test_red_and_yellow_belong_to_the_clock_alone():
    """No token outside 超期 and 临期 comes near their hue."""
    for name, colour in modes()["light"].items():
        if name.startswith(("st-over", "st-soon")):
            continue
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        strong = max(red, green, blue) - min(red, green, blue) > 90
        assert not (strong and red > 150 and red - blue > 90), f"{name} {colour} looks like a lamp"


def tag_colours() -> list[tuple[str, str, dict[str, str]]]:
    """Mode, colour and the values of that mode: the seven colours of households, some of them tints of the tokens."""
    own = re.sub(r"/\*.*?\*/", "", (TOKENS.parent / "households.css").read_text(encoding="utf-8"), flags=re.S)
    known = modes()
    found = []
    for mode in ("light", "dark"):
        values = {**known[mode], **read_block(own, ":root")}
        if mode == "dark":
            values |= read_block(own, '[data-theme="dark"]')
        names = re.findall(r"--(tag-\w+): var\(--([\w-]+)\)", own) + re.findall(
            r"--(tag-\w+-bg): var\(--([\w-]+)\)", own
        )
        values |= {name: values[token] for name, token in names}
        found += [(mode, name.removesuffix("-bg"), values) for name in values if re.fullmatch(r"tag-\w+-bg", name)]
    return found


@pytest.mark.parametrize(
    ("mode", "name", "values"), tag_colours(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_seven_colours_of_households_can_be_read_on_their_grounds(
    mode: str, name: str, values: dict[str, str]
) -> None:
    ground = values[f"{name}-bg"]
    for ink in (values[name], values["ink"], values["ink-2"]):
        assert contrast(ink, ground) >= TEXT, (mode, name)
    for on in ("bg", "surface"):
        assert contrast(values[name], values[on]) >= TEXT, (mode, name, on)


def test_there_are_seven_of_them_in_each_mode() -> None:
    assert len(tag_colours()) == 14


def test_dark_by_the_devices_wish_is_the_same_dark() -> None:
    folder = TOKENS.parent

    def declared(name: str, selector: str) -> set[str]:
        css = re.sub(r"/\*.*?\*/", "", (folder / name).read_text(encoding="utf-8"), flags=re.S)
        block = re.search(re.escape(selector) + r"\s*\{([^}]*)\}", css)
        assert block, f"{selector} is not in {name}"
        return {line.strip() for line in block[1].split(";") if line.strip()}

    chosen = declared("tokens.css", '[data-theme="dark"]') | declared("households.css", '[data-theme="dark"]')
    assert declared("dark-auto.css", ":root:not([data-theme])") == chosen
