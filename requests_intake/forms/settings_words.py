"""Forms of categories and of the sentences people tap."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from governance.kernel.keyed import KeyedForm
from requests_intake import workflow
from requests_intake.actions.settings_words import LIMIT_CLASSES, CategoryRules, department_kinds
from requests_intake.forms.settings import CLASSES, LEVELS
from requests_intake.models import Category, Urgency
from requests_intake.phrases import PHRASES, phrases_for


def lines(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.splitlines() if part.strip())


class CategoryForm(KeyedForm):
    parent = forms.ChoiceField(label=gettext_lazy("放在哪个一级分类下"))
    name = forms.CharField(label=gettext_lazy("名称"), max_length=40)
    is_active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)
    urgency = forms.ChoiceField(label=gettext_lazy("紧急程度"), choices=Urgency.choices, initial=Urgency.NORMAL)
    limit_class = forms.ChoiceField(
        label=gettext_lazy("时限等级"), choices=[(name, CLASSES[name]) for name in LIMIT_CLASSES], initial="normal"
    )
    start_level = forms.ChoiceField(
        label=gettext_lazy("从哪一级办起"), initial="grid",
        choices=[(code, word) for code, word in LEVELS.items() if code != "department"],
    )  # fmt: skip
    is_safety = forms.BooleanField(
        label=gettext_lazy("涉及安全"), required=False, help_text=gettext_lazy("办完都要现场核查。")
    )
    department = forms.ChoiceField(label=gettext_lazy("通常由哪个部门办"), required=False)
    keywords = forms.CharField(
        label=gettext_lazy("关键词"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("居民会怎么说，用空格或顿号隔开。"),
    )  # fmt: skip
    questions = forms.CharField(
        label=gettext_lazy("要问的"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一行一句。居民或坐席写到这类事时提醒他说清楚。"),
    )  # fmt: skip

    def __init__(self, *args: Any, category: Category | None = None, **kwargs: Any) -> None:
        if category is not None:
            kwargs["initial"] = {
                **{name: getattr(category, name) for name in ("name", "is_active", "urgency", "limit_class")},
                "start_level": category.start_level,
                "is_safety": category.is_safety,
                "department": (category.departments or [""])[0],
                "keywords": "、".join(category.keywords),
                "questions": "\n".join(category.questions),
            }
        super().__init__(*args, **kwargs)
        self.others = tuple(category.departments[1:]) if category is not None else ()
        kinds = department_kinds()
        if category is not None and category.departments:
            kinds.setdefault(category.departments[0], category.departments[0])
        self.fields["department"].choices = [("", "—"), *kinds.items()]  # type: ignore[attr-defined]
        if category is None:
            tops = Category.objects.filter(parent=None).order_by("code").values_list("pk", "name")
            self.fields["parent"].choices = list(tops)  # type: ignore[attr-defined]
        else:
            del self.fields["parent"]

    def rules(self) -> CategoryRules:
        data = self.cleaned_data
        first = data["department"]
        kinds = (first, *(kind for kind in self.others if kind != first)) if first else self.others
        return CategoryRules(
            name=data["name"],
            urgency=data["urgency"],
            limit_class=data["limit_class"],
            start_level=data["start_level"],
            departments=kinds,
            is_safety=data["is_safety"],
            is_active=data["is_active"],
            keywords=tuple(dict.fromkeys(word for word in re.split(r"[\s、，,；;]+", data["keywords"]) if word)),
            questions=lines(data["questions"]),
        )


class PhrasesForm(KeyedForm):
    """One field for each move that has sentences to tap."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for move in PHRASES:
            self.fields[move] = forms.CharField(
                label=workflow.MOVES[move].label,
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 4}),
                initial="\n".join(phrases_for(move)),
            )

    def phrases(self) -> dict[str, tuple[str, ...]]:
        """By move; what is said as usual is not stored."""
        said = {move: lines(self.cleaned_data[move]) for move in PHRASES}
        return {move: () if texts == tuple(map(str, PHRASES[move])) else texts for move, texts in said.items()}
