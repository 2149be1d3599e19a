"""主动治理 for programs: the list of what one sees, and the moves on a task."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request

from governance.kernel.actors import Actor
from governance.kernel.api.pagination import CursorPagination
from governance.kernel.api.writes import StrictSerializer
from grids.api.acts import ActionView, described
from grids.middleware import actor_of
from requests_intake.actions import proactive as actions
from requests_intake.actions.submit import CONTENT_LENGTH
from requests_intake.models import ProactiveOrigin, ProactiveTask
from requests_intake.policies import TicketPolicy
from requests_intake.proactive import find_task, visible_tasks

TAG = "主动治理"


class NothingInput(StrictSerializer):
    """Nothing but the key."""


class DropInput(StrictSerializer):
    reason = serializers.CharField(
        max_length=10, help_text=_("solved 已经解决，not_here 没有这种情况，elsewhere 别的单位在办，duplicate 重复")
    )


class OpenInput(StrictSerializer):
    content = serializers.CharField(max_length=CONTENT_LENGTH, help_text=_("查到了什么"))


class TaskSerializer(serializers.ModelSerializer[ProactiveTask]):
    reason = serializers.CharField(read_only=True)
    tickets = serializers.SerializerMethodField(help_text=_("从这些诉求来，您看得到的"))
    opened_ticket = serializers.CharField(source="opened_ticket.number", default=None, allow_null=True, read_only=True)

    class Meta:
        model = ProactiveTask
        fields = [
            "id", "source", "title", "text", "checklist", "street", "community", "compound", "building", "organization",
            "state", "reason", "created_at", "due_on", "closed_at", "opened_ticket", "tickets",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_tickets(self, task: ProactiveTask) -> list[str]:
        return [row.ticket.number for row in task.origins.all()]


def _tasks(request: Request) -> QuerySet[ProactiveTask]:
    """With the tickets the caller may see; as many statements however many tasks."""
    actor = actor_of(request._request)
    seen = ProactiveOrigin.objects.filter(ticket__in=TicketPolicy.visible(actor)).select_related("ticket")
    return visible_tasks(actor).select_related("opened_ticket").prefetch_related(Prefetch("origins", seen))


class TaskPagination(CursorPagination):
    ordering = ("-created_at", "-id")


@extend_schema_view(
    get=extend_schema(operation_id="proactive_list", summary=_("主动治理：您范围内的，最新的在前"), tags=[TAG])
)
class TaskListView(generics.ListAPIView[ProactiveTask]):
    serializer_class = TaskSerializer
    pagination_class = TaskPagination
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[ProactiveTask]:
        return _tasks(self.request)


class TaskMoveView(ActionView):
    """A move of a task of the caller's own (404 otherwise)."""

    def find(self, actor: Actor, *, pk: int) -> ProactiveTask:
        return find_task(actor, pk)

    def answer(self, done: ProactiveTask) -> dict[str, Any]:
        return dict(TaskSerializer(_tasks(self.request).get(pk=done.pk)).data)


def _endpoint(verb: str, summary: Any, body: type[StrictSerializer], action: Any) -> type[TaskMoveView]:
    class View(TaskMoveView):
        pass

    View.action = staticmethod(action)
    return described(f"proactive_{verb}", summary, tag=TAG, body=body, answer=TaskSerializer)(View)


MOVES = {
    "start": _endpoint("start", _("接手"), NothingInput, actions.start_task),
    "done": _endpoint("done", _("办完了"), NothingInput, actions.finish_task),
    "drop": _endpoint("drop", _("不办了"), DropInput, actions.drop_task),
    "resume": _endpoint("resume", _("再打开"), NothingInput, actions.resume_task),
    "ticket": _endpoint("ticket", _("查到问题，立一件诉求"), OpenInput, actions.open_ticket),
}
