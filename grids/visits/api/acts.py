"""What the endpoints of this app share: one act upon one object, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.actors import Actor
from governance.kernel.api.writes import StrictSerializer, WriteView
from grids.households.policies import require_keeper
from grids.middleware import actor_of


class ActedSerializer(serializers.Serializer):
    """The object acted upon, or the one that was made."""

    id = serializers.IntegerField()


class ActView(WriteView):
    """``find`` gives the object, ``act`` does it and gives the id of what it made or changed."""

    status = 200

    def post(self, request: Request, pk: int = 0) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        row = self.find(actor, pk)
        said = self.read(request)

        def act() -> dict[str, Any]:
            return {"id": self.act(row, said, actor)}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=self.status)

    def find(self, actor: Actor, pk: int) -> Any:
        return None

    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> int:
        raise NotImplementedError


def described(
    name: str, summary: Any, tag: str, body: type[StrictSerializer], status: int = 200
) -> Callable[[type[ActView]], type[ActView]]:
    """The schema of an act, and the body it reads."""

    def decorate(view: type[ActView]) -> type[ActView]:
        view.input_class, view.status = body, status
        said = extend_schema(
            operation_id=name, summary=summary, tags=[tag], request=body, responses={status: ActedSerializer}
        )
        return extend_schema_view(post=said)(view)

    return decorate
