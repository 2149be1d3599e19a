"""Signing in through an identity provider: a small one answers over HTTP, and lies in every way a bad one could."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from governance.accounts.models import User
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from tests.identity_provider import CLIENT_ID, STRANGER, Provider
from tests.world import PASSWORD, World, make_district

pytestmark = pytest.mark.django_db(transaction=True)


def begin(client: Client, provider: Provider, prefix: str = "", **query: str) -> dict[str, str]:
    """Go to the provider; returns what it was asked, and remembers the nonce as a provider does."""
    away = client.get(f"{prefix}/sign-in/oidc/", query)
    assert away.status_code == 302
    assert away["Location"].startswith(f"{provider.issuer}/authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away["Location"]).query).items()}
    provider.nonce = asked["nonce"]
    return asked


def come_back(client: Client, asked: dict[str, str], prefix: str = "", **changes: str) -> Any:
    return client.get(f"{prefix}/sign-in/oidc/return/", {"code": "abc", "state": asked["state"], **changes})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_it_is_off_without_a_setting(world: World, client: Client) -> None:
    assert client.get("/sign-in/oidc/").status_code == 404
    assert client.get("/sign-in/oidc/return/", {"code": "a", "state": "b"}).status_code == 404
    assert "/sign-in/oidc/" not in client.get("/sign-in/").content.decode()


def test_the_person_of_the_claim_is_let_in_and_taken_where_they_wanted(
    world: World, client: Client, provider: Provider
) -> None:
    assert "用统一身份认证登录" in client.get("/sign-in/").content.decode()
    asked = begin(client, provider, next="/m/notices/")
    assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT_ID, "code", "S256")
    assert asked["redirect_uri"] == "http://testserver/sign-in/oidc/return/"
    there = come_back(client, asked)
    assert there["Location"] == "/m/notices/"
    assert provider.asked["code_verifier"]
    assert client.get("/m/").status_code == 200
    with district_transaction(world.district):
        assert AuditEvent.objects.get(action="sign_in").detail["by"] == "oidc"


def test_the_claim_is_a_setting(world: World, client: Client, provider: Provider, settings: Any) -> None:
    settings.OIDC_CLAIM = "employee"
    provider.claims = {"employee": "T1-Leader", "preferred_username": "t1-admin"}
    come_back(client, begin(client, provider))
    assert client.session["_auth_user_id"] == str(world.users["leader"].pk)


def test_nobody_unknown_gets_in_and_nobody_is_made(world: World, client: Client, provider: Provider) -> None:
    before = User.objects.count()
    provider.handle = "somebody-else"
    page = client.get(come_back(client, begin(client, provider))["Location"]).content.decode()
    assert "还没有账号" in page
    assert not signed_in(client)
    assert User.objects.count() == before


def test_a_closed_account_and_one_of_another_district_stay_out(
    world: World, client: Client, provider: Provider
) -> None:
    make_district("t2", 2)
    assert come_back(client, begin(client, provider, "/d/t2"), "/d/t2")["Location"] == "/d/t2/sign-in/"
    assert not signed_in(client)
    User.objects.filter(handle="t1-worker").update(is_active=False)
    come_back(client, begin(client, provider))
    assert not signed_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"], "azp": CLIENT_ID},
        {"aud": None},
        {"exp": 1_700_000_000},  # 2023
        {"exp": None},
        {"iat": 4_102_444_800},  # 2100
        {"nonce": "another"},
        {"nonce": None},
        {"preferred_username": None},
        {"preferred_username": ["t1-worker"]},
        {"preferred_username": ""},
    ],
    ids=lambda claims: "-".join(f"{name}={value}"[:24] for name, value in claims.items()),
)
def test_a_token_that_is_not_for_us_now_opens_nothing(
    world: World, client: Client, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    answer = come_back(client, begin(client, provider))
    assert answer["Location"] == "/sign-in/"
    assert not signed_in(client)
    assert "登录没有完成" in client.get("/sign-in/").content.decode()


def test_a_signature_of_another_key_opens_nothing(world: World, client: Client, provider: Provider) -> None:
    provider.key = STRANGER
    come_back(client, begin(client, provider))
    assert not signed_in(client)


def test_a_token_without_a_signature_opens_nothing(world: World, client: Client, provider: Provider) -> None:
    asked = begin(client, provider)
    head, body, _signature = provider.id_token().split(".")
    provider.token = f"eyJhbGciOiJub25lIn0.{body}."
    come_back(client, asked)
    assert not signed_in(client)
    provider.token = f"{head}.{body}."
    come_back(client, begin(client, provider))
    assert not signed_in(client)


def test_an_answer_this_browser_did_not_ask_for_opens_nothing(world: World, client: Client, provider: Provider) -> None:
    asked = begin(client, provider)
    assert not signed_in(Client())
    other = Client()
    come_back(other, asked)
    assert not signed_in(other)
    come_back(client, asked, state="made-up")
    assert not signed_in(client)


def test_an_answer_counts_once(world: World, client: Client, provider: Provider) -> None:
    asked = begin(client, provider)
    come_back(client, asked)
    client.post("/sign-out/")
    come_back(client, asked)
    assert not signed_in(client)


def test_a_refusal_at_the_provider_is_told(world: World, client: Client, provider: Provider) -> None:
    asked = begin(client, provider)
    answer = client.get("/sign-in/oidc/return/", {"error": "access_denied", "state": asked["state"]})
    assert answer["Location"] == "/sign-in/"
    assert "登录没有完成" in client.get("/sign-in/").content.decode()


def test_a_provider_that_does_not_answer_leaves_the_password(world: World, client: Client, provider: Provider) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    page = client.get("/sign-in/oidc/", follow=True).content.decode()
    assert "现在没有回应" in page
    assert client.post("/sign-in/", {"handle": "t1-worker", "password": PASSWORD}).status_code == 302


def test_no_address_elsewhere_is_followed_afterwards(world: World, client: Client, provider: Provider) -> None:
    asked = begin(client, provider, next="https://elsewhere.example/")
    assert come_back(client, asked)["Location"] == "/home/"


def test_administrators_show_their_second_factor_here_too(
    world: World, client: Client, provider: Provider, settings: Any
) -> None:
    settings.SECOND_FACTOR = "required"
    provider.handle = "t1-admin"
    come_back(client, begin(client, provider))
    assert client.get("/manage/")["Location"] == "/second-factor/setup/"
