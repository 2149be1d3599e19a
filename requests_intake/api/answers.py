"""常见问题 for programs: the published answers, without an account."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.api.lists import read_query
from governance.kernel.api.writes import PublicView, StrictSerializer
from requests_intake import knowledge
from requests_intake.api.serializers import CategoryField
from requests_intake.reference import rules

TAG = "居民（不需账号）"


class AnswerQuery(StrictSerializer):
    q = serializers.CharField(
        required=False, max_length=80, help_text=_("问题、别的说法、答案里的词，或拼音首字母；不写就是全部")
    )
    category = serializers.CharField(required=False, max_length=8, help_text=_("分类代码；一级的含其下各类"))
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=1000, help_text=_("第几页"))


class AnswerSerializer(serializers.Serializer):
    """A published answer; ``is_under_review``: its review date has come, it may no longer be true in every point."""

    id = serializers.IntegerField(source="entry.article_id")
    version = serializers.IntegerField(source="entry.version")
    question = serializers.CharField(source="entry.question")
    answer = serializers.CharField(source="text")
    category = CategoryField(source="entry.category_id", allow_null=True)
    kept_by = serializers.CharField(source="owner")
    updated_at = serializers.DateTimeField()
    review_on = serializers.DateField(source="entry.review_on")
    is_under_review = serializers.BooleanField()


class FoundAnswersSerializer(serializers.Serializer):
    """``is_exact``: the answers hold all the words; otherwise they only come near."""

    count = serializers.IntegerField()
    is_exact = serializers.BooleanField()
    results = AnswerSerializer(many=True)


class AnswerListView(PublicView):
    """The best fit first, 20 a page."""

    is_write = False

    @extend_schema(
        operation_id="public_answers_list",
        summary=_("查常见问题"),
        tags=[TAG],
        parameters=[AnswerQuery],
        responses=FoundAnswersSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, AnswerQuery)
        entries, is_exact = knowledge.find_published(asked.get("q", ""))
        if "category" in asked:
            ids = _ids_of(asked["category"])
            entries = [entry for entry in entries if entry.category_id in ids]
        first = (asked["page"] - 1) * knowledge.PER_PAGE
        found: dict[str, Any] = {
            "count": len(entries),
            "is_exact": is_exact,
            "results": knowledge.answers_of(entries[first : first + knowledge.PER_PAGE]),
        }
        return Response(FoundAnswersSerializer(found).data)


def _ids_of(code: str) -> set[int]:
    """A category and, for a first-level code, everything under it; nothing for an unknown code."""
    found = rules().by_code.get(code)
    if found is None:
        return set()
    return {ref.id for ref in rules().categories.values() if found.id in (ref.id, ref.parent_id)}


class AnswerView(PublicView):
    is_write = False

    @extend_schema(
        operation_id="public_answers_read", summary=_("一条常见问题"), tags=[TAG], responses=AnswerSerializer
    )
    def get(self, request: Request, pk: int) -> Response:
        answer = knowledge.published_answer(pk)
        if answer is None:
            raise NotFound
        return Response(AnswerSerializer(answer).data)
