from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import FilterSet

from governance.kernel.api.filters import IdFilter
from governance.kernel.search import search_ids
from grids.models import Level
from requests_intake import workflow
from requests_intake.models import Channel, RequestType, Ticket, Urgency
from requests_intake.reference import rules
from requests_intake.subscribers import SEARCH_KIND


class TicketFilter(FilterSet):
    """Narrows the rows the caller may see; it can never widen them."""

    state = django_filters.MultipleChoiceFilter(choices=workflow.TicketState.choices(), label=_("状态，可重复"))
    level = django_filters.ChoiceFilter(choices=Level.choices, label=_("现在哪一级"))
    street = IdFilter(field_name="street_id", label=_("街道编号"))
    community = IdFilter(field_name="community_id", label=_("社区编号"))
    grid = IdFilter(field_name="grid_id", label=_("网格编号"))
    organization = IdFilter(field_name="organization_id", label=_("承办单位编号"))
    category = django_filters.CharFilter(method="of_category", max_length=8, label=_("分类代码；一级的含其下各类"))
    urgency = django_filters.ChoiceFilter(choices=Urgency.choices, label=_("紧急程度"))
    channel = django_filters.ChoiceFilter(choices=Channel.choices, label=_("渠道"))
    external_number = django_filters.CharFilter(max_length=60, label=_("来件编号"))
    request_type = django_filters.ChoiceFilter(choices=RequestType.choices, label=_("诉求类型"))
    lamp = django_filters.ChoiceFilter(choices=[("soon", _("临期")), ("over", _("超期"))], label=_("亮灯"))
    submitted_from = django_filters.IsoDateTimeFilter("submitted_at", lookup_expr="gte", label=_("提交时间从"))
    submitted_to = django_filters.IsoDateTimeFilter("submitted_at", lookup_expr="lt", label=_("提交时间到（不含）"))
    open = django_filters.BooleanFilter(field_name="closed_at", lookup_expr="isnull", label=_("是否还没办完"))
    q = django_filters.CharFilter(method="having_words", max_length=80, label=_("编号、标题、内容、地址里的词"))

    class Meta:
        model = Ticket
        fields: list[str] = []

    def of_category(self, tickets: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        """A category or, for a first-level code, everything under it. An unknown code finds nothing."""
        found = rules().by_code.get(value)
        if found is None:
            return tickets.none()
        both = [ref.id for ref in rules().categories.values() if found.id in (ref.id, ref.parent_id)]
        return tickets.filter(category_id__in=both)

    def having_words(self, tickets: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        """All the words; the newest 500 that hold them are looked at."""
        return tickets.filter(pk__in=search_ids(SEARCH_KIND, value))
