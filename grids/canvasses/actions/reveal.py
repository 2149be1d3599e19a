"""Opening words somebody else wrote down at a door. No savepoint of its own: a refusal stays written down (ADR 17)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from governance.privacy.actions.disclose import disclose
from grids.canvasses.models import CanvassAnswer, CanvassValue
from grids.canvasses.policies import find_answer

ANSWER = "canvass_answer"
"""Kind of object in disclosures and audit."""


def reveal_words(answer: CanvassAnswer, *, reason: str, actor: Actor, words: str = "") -> dict[str, str]:
    """The words of an answer in clear, by question; counted with names and numbers. Raises as ``find_answer`` and
    ``disclose``, ``NotFound`` where nothing was written."""
    row = find_answer(actor, answer.pk)
    said = written(row)
    if not said:
        raise NotFound("nothing_there", _("这一户没有写字。"))
    disclose(object_kind=ANSWER, object_id=row.pk, field="answer", reason=reason, words=words, actor=actor, value=str)
    return said


def written(answer: CanvassAnswer) -> dict[str, str]:
    """Words by question; for whoever has just been shown them, or wrote them."""
    rows = CanvassValue.objects.filter(answer=answer).select_related("field").order_by("field__position")
    return {value.field.label: value.words for value in rows if value.words}
