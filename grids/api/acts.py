"""What the endpoints that act upon one object share: it is found, the body is read, the act is done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.actors import Actor
from governance.kernel.api.writes import StrictSerializer, WriteView
from grids.middleware import actor_of

V = TypeVar("V", bound=type["ActView"])


class ActView(WriteView):
    """``find`` gives the object (404 outside the caller's rows), ``act`` does it, ``answer`` says what came of it.

    An act that makes something says so by ``status``.
    """

    status = 200

    def post(self, request: Request, **place: Any) -> Response:
        actor = actor_of(request._request)
        self.admit(actor)
        row = self.find(actor, **place)
        said = self.read(request)
        return self.answer_once(
            request,
            principal=actor.principal,
            body=said,
            act=lambda: self.answer(self.act(row, said, actor)),
            status=self.status,
        )

    def admit(self, actor: Actor) -> None:
        """Raise where the caller may not act here at all, whatever the object."""

    def find(self, actor: Actor, *args: Any, **place: Any) -> Any:
        """The object that the address names."""
        raise NotImplementedError

    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> Any:
        raise NotImplementedError

    def answer(self, done: Any) -> Mapping[str, Any]:
        """What ``act`` gave, as it is answered."""
        found: Mapping[str, Any] = done
        return found


class ActionView(ActView):
    """``action`` is called with the object, the fields of the body and the actor; ``answer`` gets the object."""

    action: Callable[..., Any]

    def act(self, row: Any, said: dict[str, Any], actor: Actor) -> Any:
        self.action(row, actor=actor, **said)
        return row


def described(
    name: str, summary: Any, *, tag: str, body: type[StrictSerializer], answer: Any, status: int = 200
) -> Callable[[V], V]:
    """The schema of an act, and the body it reads."""

    def decorate(view: V) -> V:
        view.input_class, view.status = body, status
        said = extend_schema(operation_id=name, summary=summary, tags=[tag], request=body, responses={status: answer})
        return extend_schema_view(post=said)(view)

    return decorate
