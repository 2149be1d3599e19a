"""What the district's administrator can open from ``/manage/``. Every part appends its own entries."""

from __future__ import annotations

# Title and description (marked with gettext_noop), with the name of the address between them.
SECTIONS: list[tuple[str, str, str]] = []
