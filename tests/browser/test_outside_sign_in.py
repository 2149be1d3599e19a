"""Signing in at an identity provider and coming back, with what a browser adds: cookies, content policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance.accounts.models import User
from tests.identity_provider import Provider
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_agrees_there_is_taken_where_they_wanted_and_who_does_not_may_use_the_password(
    live_server: Any, world: World, open_page: Callable[..., Page], provider: Provider
) -> None:
    provider.handle = User.objects.get(pk=world.worker.user_id).handle
    page = open_page()
    page.goto(f"{live_server.url}/m/notices/")
    page.get_by_role("link", name="用统一身份认证登录").click()
    page.wait_for_url(f"{provider.issuer}/**")
    page.get_by_role("link", name="No").click()
    expect(page.get_by_text("登录没有完成，请重新点一次。")).to_be_visible()
    expect(page.get_by_label("密码")).to_be_visible()
    page.goto(f"{live_server.url}/m/notices/")
    page.get_by_role("link", name="用统一身份认证登录").click()
    page.get_by_role("link", name="Yes").click()
    page.wait_for_url(f"{live_server.url}/m/notices/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
