"""What the endpoints of this app share: they are the keepers' of households, and answer with the id of an object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from governance.kernel.actors import Actor
from governance.kernel.api.writes import StrictSerializer
from grids.api import acts
from grids.households.policies import require_keeper


class ActedSerializer(serializers.Serializer):
    """The object acted upon, or the one that was made."""

    id = serializers.IntegerField()


class ActView(acts.ActView):
    """``act`` gives the id of what it made or changed."""

    def admit(self, actor: Actor) -> None:
        require_keeper(actor)

    def find(self, actor: Actor, *args: Any, **place: Any) -> Any:
        return None

    def answer(self, done: int) -> dict[str, Any]:
        return {"id": done}


def described(
    name: str, summary: Any, tag: str, body: type[StrictSerializer], status: int = 200
) -> Callable[[type[ActView]], type[ActView]]:
    """The schema of an act, and the body it reads."""
    return acts.described(name, summary, tag=tag, body=body, answer=ActedSerializer, status=status)
