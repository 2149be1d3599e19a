"""A file is recognised by its header, or read by the mapping that was named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from governance.kernel.errors import Invalid
from requests_intake.importing.mapping import detect_mapping, find_mapping, known_mappings
from requests_intake.models import Channel, RequestType, Urgency
from tests.importing.files import ANSWERED, HOTLINE, LABELLED, MESSAGES


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (MESSAGES, "messages"),
        (ANSWERED, "messages_answered"),
        (LABELLED, "messages_labelled"),
        (HOTLINE, "hotline_12345"),
        (tuple(reversed(ANSWERED)), "messages_answered"),
    ],
)
def test_the_mapping_that_knows_most_of_the_header_is_taken(header: tuple[str, ...], name: str) -> None:
    assert detect_mapping(header).name == name


@pytest.mark.parametrize("header", [(), ("编号", "内容"), MESSAGES[:3]])
def test_an_unknown_header_asks_for_a_mapping(header: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        detect_mapping(header)
    assert caught.value.code == "unknown_header"


def test_what_ships_names_only_channels_and_values_that_exist() -> None:
    mappings = known_mappings()
    assert set(mappings) == {"messages", "messages_answered", "messages_labelled", "hotline_12345"}
    for name, mapping in mappings.items():
        assert mapping.name == name
        assert mapping.channel in Channel.values
        assert set(mapping.values.get("request_type", {}).values()) <= {*RequestType.values, ""}
        assert set(mapping.values.get("urgency", {}).values()) <= set(Urgency.values)
        assert all(isinstance(value, bool) for value in mapping.values.get("is_confidential", {}).values())


def test_a_mapping_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "letters.json"
    columns = {"source_ref": "信号", "content": ["正文", "内容"], "occurred_at": "日期"}
    path.write_text(json.dumps({"source": "letters", "channel": "letter_box", "columns": columns}), encoding="utf-8")
    mapping = find_mapping(str(path))
    assert (mapping.name, mapping.source) == ("letters", "letters")
    assert mapping.bind(["日期", "内容", "信号"]) == {"source_ref": "信号", "content": "内容", "occurred_at": "日期"}
    with pytest.raises(Invalid, match="信号"):
        mapping.bind(["日期", "内容"])


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"source": "x", "channel": "web"},
        {"channel": "web", "columns": {"source_ref": "a", "content": "b", "occurred_at": "c"}},
        {"source": "x", "channel": "web", "columns": {"source_ref": "a", "content": "b"}},
        {
            "source": "x",
            "channel": "web",
            "columns": {"source_ref": "a", "content": "b", "occurred_at": "c", "colour": "d"},
        },
        {"source": "x", "channel": "web", "columns": {"source_ref": "a", "content": [], "occurred_at": "c"}},
    ],
)
def test_a_mapping_with_a_mistake_is_refused(tmp_path: Path, document: object) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        find_mapping(str(path))
    assert caught.value.code == "bad_mapping"


def test_a_name_nobody_knows_lists_those_there_are() -> None:
    with pytest.raises(Invalid, match="hotline_12345"):
        find_mapping("hotline")
