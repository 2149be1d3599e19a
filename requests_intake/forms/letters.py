"""Forms of the moves of a letter to the secretary. Read them as ``forms.moves.MOVE_FORMS``."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage
from requests_intake.actions import letters
from requests_intake.forms.move_form import MoveForm, note_field
from requests_intake.models import Ticket


class ReplyLetterForm(MoveForm):
    name = "reply_letter"
    question = gettext_lazy("给来信人回信")
    consequence = gettext_lazy("来信人用编号和查询码就能看到。")
    note = note_field(gettext_lazy("回信"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return letters.reply_letter(ticket, note=self.cleaned_data["note"], actor=actor)


class AskConsentForm(MoveForm):
    name = "ask_consent"
    question = gettext_lazy("问来信人：能不能转为普通诉求？")
    consequence = gettext_lazy("他同意以前转不了。同意后，信的内容和往来由承办单位看到。")
    note = note_field(gettext_lazy("跟来信人说明为什么要转"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return letters.ask_consent(ticket, note=self.cleaned_data["note"], actor=actor)


class ConvertLetterForm(MoveForm):
    name = "convert_letter"
    question = gettext_lazy("转为普通诉求？")
    consequence = gettext_lazy("来信人已同意才能转。转了就有承诺时限，按普通诉求派单，不能再收回保密。")

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return letters.convert_letter(ticket, actor=actor)


class EndLetterForm(MoveForm):
    name = "end_letter"
    question = gettext_lazy("办结这封信？")
    consequence = gettext_lazy("来信人会看到您最后的话，之后不能再往来。")
    note = note_field(gettext_lazy("最后的答复"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return letters.end_letter(ticket, note=self.cleaned_data["note"], actor=actor)


LETTER_FORMS = (ReplyLetterForm, AskConsentForm, ConvertLetterForm, EndLetterForm)
