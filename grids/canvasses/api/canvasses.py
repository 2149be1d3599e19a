"""专项摸排 over HTTP: the canvasses with their numbers, the list of households, and an endpoint for each verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from grids.api.acts import ActView, described
from grids.canvasses.actions import canvasses as acts
from grids.canvasses.actions.answers import MOST_SEATS, AnswerDetails, record_answer, withdraw_answer
from grids.canvasses.actions.erase import erase_early
from grids.canvasses.audience import listed
from grids.canvasses.figures import figures
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassField, CanvassSlot
from grids.canvasses.policies import (
    CanvassPolicy,
    figure_grids_of,
    find_answer,
    find_asked,
    find_canvass,
    find_field,
    find_own,
    find_slot,
    kept_grids_of,
    require_reader,
    require_setter,
)
from grids.canvasses.questions import CHOICE, LABEL, MOST_CHOICES, MOST_NUMBER, WORDS, options_of
from grids.households.policies import require_keeper
from grids.households.presentation.places import place_words
from grids.middleware import actor_of

TAG = "专项摸排"
PER_PAGE = 50


class CanvassSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    area = serializers.IntegerField(source="area_id")
    title = serializers.CharField()
    purpose = serializers.CharField()
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    keep_days = serializers.IntegerField()
    erase_after = serializers.DateField(help_text=gettext_lazy("这一天过后，各户的回答删掉"))
    quota = serializers.IntegerField(allow_null=True)
    taken = serializers.IntegerField()
    is_started = serializers.SerializerMethodField()
    is_over = serializers.SerializerMethodField()
    is_erased = serializers.SerializerMethodField()

    def get_is_started(self, row: Canvass) -> bool:
        return row.started_at is not None

    def get_is_over(self, row: Canvass) -> bool:
        return acts.is_over(row)

    def get_is_erased(self, row: Canvass) -> bool:
        return row.erased_at is not None


class CanvassGridSerializer(serializers.Serializer):
    grid = serializers.IntegerField()
    asked_of = serializers.IntegerField()
    answered = serializers.IntegerField()
    away = serializers.IntegerField()
    declined = serializers.IntegerField()
    seats = serializers.IntegerField()
    left = serializers.IntegerField()


class CanvassOptionSerializer(serializers.Serializer):
    option = serializers.IntegerField()
    word = serializers.CharField()
    count = serializers.IntegerField()


class CanvassQuestionSerializer(serializers.Serializer):
    """A question, and what was answered in the reader's grids."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(CanvassField.Kind.choices)
    is_required = serializers.BooleanField()
    filled = serializers.IntegerField()
    sum = serializers.IntegerField()
    options = CanvassOptionSerializer(many=True)


class CanvassSlotSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    starts_at = serializers.DateTimeField()
    place = serializers.CharField()
    capacity = serializers.IntegerField()
    taken = serializers.IntegerField()


class CanvassFiguresSerializer(serializers.Serializer):
    canvass = CanvassSerializer()
    grids = CanvassGridSerializer(many=True)
    questions = CanvassQuestionSerializer(many=True)
    slots = CanvassSlotSerializer(many=True)


class CanvassHouseholdSerializer(serializers.Serializer):
    """A household that is asked; nothing it said in words."""

    household = serializers.IntegerField()
    place = serializers.CharField()
    met = serializers.CharField(allow_blank=True, help_text=gettext_lazy("空：还没问"))
    answer = serializers.IntegerField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True)


class CanvassHouseholdsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = CanvassHouseholdSerializer(many=True)


class CanvassIdSerializer(serializers.Serializer):
    """The object acted upon, or the one that was made."""

    id = serializers.IntegerField()


class PageQuery(StrictSerializer):
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class HouseholdsQuery(PageQuery):
    grid = IdField(required=False, help_text=gettext_lazy("网格编号"))


def _ids() -> Any:
    return serializers.ListField(child=IdField(), required=False, default=list, max_length=500)


class CanvassChange(StrictSerializer):
    title = serializers.CharField(max_length=acts.TITLE)
    purpose = serializers.CharField(max_length=acts.PURPOSE)
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    keep_days = serializers.IntegerField(min_value=1, max_value=acts.KEPT_AT_MOST)
    tags = _ids()
    grids = _ids()
    buildings = _ids()
    born_from = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=9999)
    born_until = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=9999)
    quota = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=acts.MOST_SEATS
    )


class CanvassInput(CanvassChange):
    area = IdField(help_text=gettext_lazy("自己的街道或社区"))


class CanvassFieldInput(StrictSerializer):
    label = serializers.CharField(max_length=LABEL)  # type: ignore[assignment]
    kind = serializers.ChoiceField(CanvassField.Kind.choices)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=CHOICE), required=False, default=list, max_length=MOST_CHOICES
    )
    is_required = serializers.BooleanField(required=False, default=True)


class CanvassSlotInput(StrictSerializer):
    starts_at = serializers.DateTimeField()
    place = serializers.CharField(max_length=acts.PLACE)
    capacity = serializers.IntegerField(min_value=1, max_value=2_000)


class CanvassValueInput(StrictSerializer):
    """One of the four, as the question wants it."""

    field = IdField()
    option = serializers.IntegerField(required=False, min_value=0, max_value=MOST_CHOICES)
    amount = serializers.IntegerField(required=False, min_value=0, max_value=MOST_NUMBER)
    day = serializers.DateField(required=False)
    words = serializers.CharField(required=False, max_length=WORDS)


class CanvassAnswerInput(StrictSerializer):
    met = serializers.ChoiceField(CanvassAnswer.Met.choices, required=False, default=CanvassAnswer.Met.ANSWERED)
    values = serializers.ListField(child=CanvassValueInput(), required=False, default=list, max_length=acts.MOST_FIELDS)
    seats = serializers.IntegerField(required=False, default=0, min_value=0, max_value=MOST_SEATS)
    slot = IdField(required=False, allow_null=True, default=None)
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    seen = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text=gettext_lazy("看到的回答的 changed_at；没有就空着")
    )


def _details(said: dict[str, Any]) -> acts.CanvassDetails:
    return acts.CanvassDetails(**{name: value for name, value in said.items() if name != "area"})


class CanvassesView(WriteView):
    refuses_readers = True
    input_class = CanvassInput

    @extend_schema(
        operation_id="canvasses_list", summary=gettext_lazy("专项摸排"), tags=[TAG], parameters=[PageQuery],
        responses=CanvassSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        first = (read_query(request, PageQuery)["page"] - 1) * PER_PAGE
        rows = CanvassPolicy.visible(actor).order_by("-ends_on", "-pk")[first : first + PER_PAGE]
        return Response(CanvassSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="canvasses_create", summary=gettext_lazy("设一次专项摸排（草稿）"), tags=[TAG],
        request=CanvassInput, responses={201: CanvassIdSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_setter(actor)
        said = self.read(request)

        def act() -> dict[str, Any]:
            return {"id": acts.draft_canvass(said["area"], _details(said), actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class CanvassView(WriteView):
    is_write = False
    refuses_readers = True

    @extend_schema(
        operation_id="canvasses_figures", summary=gettext_lazy("一次摸排的进度和数字"), tags=[TAG],
        responses=CanvassFiguresSerializer,
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row = find_canvass(actor, pk)
        found = figures(row, [grid.id for grid in figure_grids_of(actor, row)])
        questions = []
        for field in CanvassField.objects.filter(canvass=row).order_by("position"):
            said = found.of_field(field.pk)
            options = [{"option": n, "word": word, "count": said.options[n]} for n, word in options_of(field)]
            questions.append(
                {
                    "id": field.pk, "label": field.label, "kind": field.kind, "is_required": field.is_required,
                    "filled": said.filled, "sum": said.sum, "options": options,
                }
            )  # fmt: skip
        grids = [
            {
                "grid": pk, "asked_of": each.asked_of, "answered": each.answered, "away": each.away,
                "declined": each.declined, "seats": each.seats, "left": each.left,
            }
            for pk, each in found.grids.items()
        ]  # fmt: skip
        slots = CanvassSlot.objects.filter(canvass=row).order_by("starts_at", "pk")
        whole = {"canvass": row, "grids": grids, "questions": questions, "slots": slots}
        return Response(CanvassFiguresSerializer(whole).data)


class CanvassHouseholdsView(WriteView):
    is_write = False
    refuses_readers = True

    @extend_schema(
        operation_id="canvasses_households", summary=gettext_lazy("一次摸排的名单"), tags=[TAG],
        parameters=[HouseholdsQuery], responses=CanvassHouseholdsSerializer,
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        row = find_canvass(actor, pk)
        asked = read_query(request, HouseholdsQuery)
        grids = [grid.id for grid in kept_grids_of(actor, row) if asked.get("grid") in (None, grid.id)]
        if row.started_at is None or row.erased_at is not None:
            grids = []
        homes = listed(row, grids).select_related("building", "room__unit").order_by("building_id", "pk")
        count, found = paged(homes, asked["page"], PER_PAGE)
        answers = {
            answer.household_id: answer
            for answer in CanvassAnswer.objects.filter(canvass=row, household__in=[home.pk for home in found])
        }
        results = []
        for home in found:
            answer = answers.get(home.pk)
            results.append(
                {
                    "household": home.pk, "place": place_words(home), "met": answer.met if answer else "",
                    "answer": answer.pk if answer else None, "changed_at": answer.changed_at if answer else None,
                }
            )  # fmt: skip
        return Response(CanvassHouseholdsSerializer({"count": count, "results": results}).data)


class CanvassAnswerView(WriteView):
    input_class = CanvassAnswerInput

    @extend_schema(
        operation_id="canvasses_answer", summary=gettext_lazy("记一户的回答"), tags=[TAG], request=CanvassAnswerInput,
        responses={200: CanvassIdSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int, home: int) -> Response:
        actor = actor_of(request._request)
        row = find_canvass(actor, pk)
        household = find_asked(actor, row, home)
        said = self.read(request)
        kinds = ("option", "amount", "day", "words")
        values = {each["field"]: next((each[name] for name in kinds if name in each), None) for each in said["values"]}

        def act() -> dict[str, Any]:
            details = AnswerDetails(
                met=said["met"], values=values, seats=said["seats"], slot=said["slot"],
                at=min(said["at"], clock.now()) if said["at"] else None, seen=said["seen"],
            )  # fmt: skip
            return {"id": record_answer(row, household, details, actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


class _ActView(ActView):
    """``act`` gives the id of what it made or changed, nothing where that is the object of the address."""

    def find(self, actor: Actor, *, pk: int) -> Any:
        return find_own(actor, pk)

    def answer(self, done: int | None) -> dict[str, Any]:
        return {"id": done or self.kwargs["pk"]}


def _described(
    name: str, summary: Any, body: type[StrictSerializer] = StrictSerializer, status: int = 200
) -> Callable[[type[ActView]], type[ActView]]:
    return described(f"canvasses_{name}", summary, tag=TAG, body=body, answer=CanvassIdSerializer, status=status)


@_described("change", gettext_lazy("改摸排的草稿"), CanvassChange)
class ChangeView(_ActView):
    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        return acts.change_canvass(row, _details(said), actor=actor).pk


@_described("discard", gettext_lazy("删掉摸排的草稿"))
class DiscardView(_ActView):
    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        acts.discard_canvass(row, actor=actor)
        return None


@_described("field_add", gettext_lazy("加一题"), CanvassFieldInput, 201)
class FieldAddView(_ActView):
    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        return acts.add_field(row, acts.FieldDetails(**said), actor=actor).pk


@_described("field_remove", gettext_lazy("去掉一题"))
class FieldRemoveView(_ActView):
    def find(self, actor: Actor, *, pk: int) -> Any:
        return find_field(actor, pk)

    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        acts.remove_field(row, actor=actor)
        return None


@_described("slot_add", gettext_lazy("加一个时间"), CanvassSlotInput, 201)
class SlotAddView(_ActView):
    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        return acts.add_slot(row, said["starts_at"], said["place"], said["capacity"], actor=actor).pk


@_described("slot_remove", gettext_lazy("去掉一个时间"))
class SlotRemoveView(_ActView):
    def find(self, actor: Actor, *, pk: int) -> Any:
        return find_slot(actor, pk)

    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        acts.remove_slot(row, actor=actor)
        return None


@_described("start", gettext_lazy("开始摸排"))
class StartView(_ActView):
    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        return acts.start_canvass(row, actor=actor).pk


@_described("end", gettext_lazy("提前结束摸排"))
class EndView(_ActView):
    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        return acts.end_canvass(row, actor=actor).pk


@_described("erase", gettext_lazy("提前删除各户的回答"))
class EraseView(_ActView):
    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        return erase_early(row, actor=actor).pk


@_described("withdraw", gettext_lazy("撤回一户的回答"))
class WithdrawView(_ActView):
    def find(self, actor: Actor, *, pk: int) -> Any:
        return find_answer(actor, pk)

    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int | None:
        withdraw_answer(row, actor=actor)
        return None
