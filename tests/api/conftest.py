from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from governance.accounts.tokens import create_token
from governance.kernel.tenancy.context import district_transaction
from tests.world import World

Client = Callable[[str], APIClient]


class PathClient(APIClient):
    """Speaks to ``/api/v1`` and in JSON; ``prefix`` is the district's path for people without an account."""

    prefix = ""

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        if path.startswith("/api/"):
            path = self.prefix + path
        return super().generic(method, path, *args, **kwargs)


@pytest.fixture
def api(world: World) -> Client:
    """A client with the token of a member of the cast."""

    def client(name: str) -> APIClient:
        with district_transaction(world.district):
            token = create_token(world.members[name], name="test")
        made = PathClient()
        made.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        return made

    return client


@pytest.fixture
def public(world: World) -> APIClient:
    """Somebody without an account, at the district's own path."""
    client = PathClient()
    client.prefix = f"/d/{world.district.code}"
    return client
