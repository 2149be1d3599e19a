"""Forms of the knowledge base at the desk: writing, and what may be done with an article."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm
from grids.models import Level
from grids.reference import territory
from requests_intake.actions import knowledge as actions
from requests_intake.forms.choices import categories
from requests_intake.models import KnowledgeArticle, KnowledgeVersion
from requests_intake.reference import rules

REVIEW_AFTER = timedelta(days=180)


def in_half_a_year() -> Any:
    return clock.today() + REVIEW_AFTER


def split_synonyms(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[、，,；;\n]+", text) if word.strip()]


class DayField(forms.DateField):
    """A day, chosen from the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        sentence = gettext_lazy("请选日期。")
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(error_messages={"required": sentence, "invalid": sentence}, **kwargs)


class ArticleForm(KeyedForm):
    """A question, what else it is called, and its answer. ``based_on``: the version the writer had before them."""

    question = forms.CharField(
        label=gettext_lazy("问题"), max_length=actions.QUESTION_LENGTH,
        help_text=gettext_lazy("照居民会问的说法写。"), error_messages={"required": gettext_lazy("请写问题。")},
    )  # fmt: skip
    answer = forms.CharField(
        label=gettext_lazy("答案"), max_length=actions.ANSWER_LENGTH, widget=forms.Textarea(attrs={"rows": 9}),
        help_text=gettext_lazy("先说结论，再说去哪儿、带什么。一段空一行。最多 1000 字，能直接当答复用。"),
        error_messages={"required": gettext_lazy("请写答案。")},
    )  # fmt: skip
    synonyms = forms.CharField(
        label=gettext_lazy("别的说法"), max_length=400, required=False,
        help_text=gettext_lazy("居民还会怎么叫，用顿号隔开，如：老人补贴、敬老金。拼音首字母会自动加上。"),
    )  # fmt: skip
    category = forms.ChoiceField(
        label=gettext_lazy("分类"), required=False,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找分类")}),
        error_messages={"invalid_choice": gettext_lazy("没有这个分类。")},
    )  # fmt: skip
    review_on = DayField(
        label=gettext_lazy("复核日期"), initial=in_half_a_year, help_text=gettext_lazy("到这天提醒维护单位再看一遍。")
    )
    note = forms.CharField(label=gettext_lazy("改了什么"), max_length=actions.NOTE_LENGTH, required=False)
    based_on = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0)

    def __init__(
        self, data: Any = None, *, article: KnowledgeArticle | None = None, shown: KnowledgeVersion | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if article is not None and shown is not None:
            ref = rules().categories.get(shown.category_id or 0)
            initial = {
                "question": shown.question,
                "answer": shown.answer,
                "synonyms": "、".join(shown.synonyms),
                "category": ref.code if ref else "",
                "based_on": article.last_version,
                # A date that is over would only be refused.
                "review_on": max(article.review_on, clock.today() + timedelta(days=1))
                if article.review_on > clock.today()
                else in_half_a_year(),
            }
        super().__init__(data, initial=initial)
        self.use_required_attribute = False
        self.fields["category"].choices = [("", _("不分类")), *categories()[1:]]  # type: ignore[attr-defined]
        if article is None:
            del self.fields["note"]

    def wording(self) -> actions.Wording:
        given = self.cleaned_data
        ref = rules().by_code.get(given["category"])
        return actions.Wording(
            question=given["question"],
            answer=given["answer"],
            synonyms=split_synonyms(given["synonyms"]),
            category_id=ref.id if ref else None,
            note=given.get("note", ""),
        )


class ArticleMoveForm(KeyedForm):
    """Something done with an article: asked in ``question``, explained in ``what``, done by ``perform``."""

    name: str
    question: Any = ""
    what: Any = ""
    verb: Any = ""
    done: Any = ""

    def __init__(
        self, article: KnowledgeArticle, data: Any = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        self.article = article
        super().__init__(data, initial={**self.first_values(), **(initial or {})})
        self.use_required_attribute = False
        self.prepare()

    def first_values(self) -> dict[str, Any]:
        return {}

    def prepare(self) -> None:
        """Fill choices that depend on the article."""

    def perform(self, actor: Actor) -> None:
        raise NotImplementedError


class PublishForm(ArticleMoveForm):
    name = "publish"
    question = gettext_lazy("发布最新一版？")
    what = gettext_lazy("居民马上看得到，报事时也会提示。")
    verb = gettext_lazy("发布")
    done = gettext_lazy("发布了，居民看得到了")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def first_values(self) -> dict[str, Any]:
        return {"version": self.article.last_version}

    def perform(self, actor: Actor) -> None:
        actions.publish_article(self.article, version=self.cleaned_data["version"], actor=actor)


class WithdrawForm(ArticleMoveForm):
    name = "withdraw"
    question = gettext_lazy("撤下这一条？")
    what = gettext_lazy("居民不再看得到，也不再提示。各版都还在，可以再发布。")
    verb = gettext_lazy("撤下")
    done = gettext_lazy("撤下了")

    def perform(self, actor: Actor) -> None:
        actions.withdraw_article(self.article, actor=actor)


class ReviewForm(ArticleMoveForm):
    name = "review"
    question = gettext_lazy("看过了，答案还对？")
    what = gettext_lazy("文字不变，只记下您复核过。要改文字请用“改写”。")
    verb = gettext_lazy("还对，定下次日期")
    done = gettext_lazy("复核过了")
    review_on = DayField(label=gettext_lazy("下次复核"), initial=in_half_a_year)

    def perform(self, actor: Actor) -> None:
        actions.confirm_reviewed(self.article, review_on=self.cleaned_data["review_on"], actor=actor)


class OwnerForm(ArticleMoveForm):
    name = "owner"
    question = gettext_lazy("以后由谁维护？")
    what = gettext_lazy("到期提醒发给新的单位，由它的人改。")
    verb = gettext_lazy("交给它")
    done = gettext_lazy("换了维护单位")
    owner = forms.TypedChoiceField(
        label=gettext_lazy("维护单位"), coerce=int,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选维护单位。")),
    )  # fmt: skip

    def prepare(self) -> None:
        groups: dict[str, list[tuple[int, str]]] = {}
        for row in territory().organizations.values():
            if row.level != Level.GRID and row.id != self.article.owner_id:
                groups.setdefault(str(Level(row.level).label), []).append((row.id, row.name))
        self.fields["owner"].choices = [("", _("请选择")), *groups.items()]  # type: ignore[attr-defined]

    def perform(self, actor: Actor) -> None:
        actions.change_owner(self.article, organization_id=self.cleaned_data["owner"], actor=actor)


class RestoreForm(ArticleMoveForm):
    name = "restore"
    question = gettext_lazy("恢复这一版的文字？")
    what = gettext_lazy("存成新的一版；已发布的不变，看过再发布。")
    verb = gettext_lazy("恢复")
    done = gettext_lazy("恢复成新的一版了，看过再发布")
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    based_on = forms.IntegerField(widget=forms.HiddenInput)

    def first_values(self) -> dict[str, Any]:
        return {"based_on": self.article.last_version}

    def perform(self, actor: Actor) -> None:
        given = self.cleaned_data
        actions.restore_version(self.article, given["number"], based_on=given["based_on"], actor=actor)


ARTICLE_MOVES: Mapping[str, type[ArticleMoveForm]] = {
    form.name: form for form in (PublishForm, WithdrawForm, ReviewForm, OwnerForm, RestoreForm)
}
