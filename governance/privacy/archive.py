"""The copy a person is given: a page to read, the same as JSON, and their own photos, in one ZIP."""

from __future__ import annotations

import html
import io
import json
import zipfile
from collections.abc import Sequence

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.tenancy.context import current_district
from governance.privacy.holders import Section
from governance.privacy.models import PersonRequest

_HEAD = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>body{{font:18px/1.6 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}}"
    "dt{{color:#555;margin-top:.5rem}}dd{{margin:0;white-space:pre-wrap}}dl{{border-top:1px solid #ccc}}</style>"
)


def build_archive(request: PersonRequest, sections: Sequence[Section]) -> bytes:
    """Everything in memory: nothing is left on a disk. A photo that is gone from the storage is left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", _page(request, sections))
        archive.writestr("data.json", _json(request, sections))
        for section in sections:
            for name, key in section.files:
                if default_storage.exists(key):
                    with default_storage.open(key) as file:
                        archive.writestr(f"photos/{name}", file.read())
    return buffer.getvalue()


def _title(request: PersonRequest) -> str:
    return _("{district}持有的您的个人信息（申请 {number}）").format(
        district=current_district().name, number=request.number
    )


def _made() -> str:
    return f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"


def _json(request: PersonRequest, sections: Sequence[Section]) -> str:
    said = {
        "title": _title(request),
        "made_at": _made(),
        "sections": [
            {"title": each.title, "rows": each.rows, "photos": [n for n, _k in each.files]} for each in sections
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=2)


def _page(request: PersonRequest, sections: Sequence[Section]) -> str:
    title = html.escape(_title(request))
    parts = [_HEAD.format(title=title), f"<h1>{title}</h1><p>{html.escape(_('制作时间'))} {_made()}</p>"]
    if not sections:
        parts.append(f"<p>{html.escape(_('没有找到和这个号码有关的个人信息。'))}</p>")
    for section in sections:
        parts.append(f"<h2>{html.escape(section.title)}</h2>")
        for row in section.rows:
            pairs = "".join(
                f"<dt>{html.escape(str(label))}</dt><dd>{html.escape(str(value))}</dd>"
                for label, value in row.items()
                if value
            )
            parts.append(f"<dl>{pairs}</dl>")
        parts += [f'<p><img src="photos/{html.escape(name)}" alt="" width="480"></p>' for name, _key in section.files]
    return "".join(parts)
