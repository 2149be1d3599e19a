"""Which column of a file means what: named mappings, kept as data files, found by name or by the file's header."""

from __future__ import annotations

import json
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.errors import Invalid

_FOLDER = Path(__file__).resolve().parent.parent / "data" / "mappings"

FIELDS = (
    "source_ref", "title", "content", "occurred_at", "name", "phone", "address", "request_type", "category", "urgency",
    "is_confidential", "is_anonymous", "external_number", "external_due_at", "reply", "replied_at",
)  # fmt: skip
REQUIRED = ("source_ref", "content", "occurred_at")


@dataclass(frozen=True)
class Mapping:
    """One system's list.

    ``source`` names that system: a ticket is known by (source, its own number), so mappings of the same system share
    it. ``recognised_by``: headers by which a file is known to be of this kind. ``columns``: our field → the headers it
    may have. ``values``: our field → what stands in the file → what it means here; anything else is a bad row.
    ``left_out``: columns that are not taken over, each with the reason.
    """

    name: str
    label: str
    source: str
    channel: str
    recognised_by: tuple[str, ...]
    columns: MappingType[str, tuple[str, ...]]
    values: MappingType[str, MappingType[str, Any]] = field(default_factory=dict)
    left_out: MappingType[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Any, *, name: str) -> Mapping:
        """Raises ``Invalid`` with what is wrong in a mapping somebody wrote by hand."""
        wrong = _wrong_in(document)
        if wrong:
            raise Invalid("bad_mapping", _("列对照“{name}”有误：{reason}。").format(name=name, reason=wrong))
        columns = document["columns"]
        return cls(
            name=document.get("name", name),
            label=document.get("label", name),
            source=document["source"],
            channel=document["channel"],
            recognised_by=tuple(document.get("recognised_by", ())),
            columns={key: (value,) if isinstance(value, str) else tuple(value) for key, value in columns.items()},
            values=document.get("values", {}),
            left_out=document.get("left_out", {}),
        )

    def bind(self, header: Sequence[str]) -> dict[str, str]:
        """Our field → the header this file has for it. Raises ``Invalid`` where a required column is missing."""
        found = {}
        for name, accepted in self.columns.items():
            present = next((title for title in accepted if title in header), None)
            if present is not None:
                found[name] = present
        missing = [self.columns[name][0] for name in REQUIRED if name not in found]
        if missing:
            raise Invalid("missing_column", _("文件缺少列：{columns}。").format(columns="、".join(missing)))
        return found


def _wrong_in(document: Any) -> str:
    if not isinstance(document, dict):
        return _("应是一个 JSON 对象")
    for key in ("source", "channel"):
        if not isinstance(document.get(key), str) or not document[key]:
            return _("缺少 {key}").format(key=key)
    columns = document.get("columns")
    if not isinstance(columns, dict):
        return _("缺少 columns")
    for name, titles in columns.items():
        if name not in FIELDS:
            return _("没有字段 {name}").format(name=name)
        titles = [titles] if isinstance(titles, str) else titles
        if not isinstance(titles, list) or not titles or not all(isinstance(title, str) for title in titles):
            return _("字段 {name} 的列名应是文字或文字列表").format(name=name)
    lacking = [name for name in REQUIRED if name not in columns]
    return _("缺少字段 {name}").format(name="、".join(lacking)) if lacking else ""


def _read(path: Path) -> Mapping:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Invalid("bad_mapping", _("读不了列对照文件 {path}：{error}").format(path=path, error=error))
    return Mapping.from_json(document, name=path.stem)


def known_mappings() -> dict[str, Mapping]:
    """The mappings that come with the product, by name."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.json"))}


def find_mapping(given: str) -> Mapping:
    """The mapping of that name, or in that file. Raises ``Invalid`` for neither."""
    known = known_mappings()
    if given in known:
        return known[given]
    if Path(given).is_file():
        return _read(Path(given))
    names = "、".join(known)
    raise Invalid(
        "no_mapping", _("没有列对照“{given}”。可用：{names}，或给出一个文件。").format(given=given, names=names)
    )


def detect_mapping(header: Sequence[str]) -> Mapping:
    """The one mapping that recognises the header by the most columns. Raises ``Invalid`` for none, or for two."""
    present = set(header)
    fitting = [each for each in known_mappings().values() if present.issuperset(each.recognised_by)]
    most = max((len(each.recognised_by) for each in fitting), default=0)
    best = [each for each in fitting if len(each.recognised_by) == most]
    if len(best) != 1:
        titles = "、".join(header) or _("（空）")
        raise Invalid(
            "unknown_header", _("认不出这个文件的表头：{header}。请用 --mapping 指明列对照。").format(header=titles)
        )
    return best[0]
