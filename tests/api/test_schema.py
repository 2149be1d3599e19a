"""The API describes itself completely, and the readable description needs nothing the security policy forbids."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    from governance.kernel.api.schema import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, found) for path, methods in schema["paths"].items() for method, found in methods.items()]


def test_the_schema_is_valid_and_without_warnings(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_every_operation_has_its_own_name_and_a_chinese_summary(schema: dict[str, Any]) -> None:
    found = operations(schema)
    names = [operation["operationId"] for _path, _method, operation in found]
    assert len(set(names)) == len(names)
    assert all(re.search("[一-鿿]", operation["summary"]) for _path, _method, operation in found)


def test_every_write_documents_its_problems_and_the_key(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        expected = {"400", "404", "406", "429"} | ({"403", "409", "415", "422"} if method in ("post", "put") else set())
        expected |= set() if "/public/" in path else {"401"}
        assert expected <= set(operation["responses"]), path
        for status in expected:
            assert "application/problem+json" in operation["responses"][status]["content"]
        if method in ("post", "put") and operation["operationId"] not in ("public_tickets_follow", "routing_simulate"):
            assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}, path


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["", "?format=json"])
def test_the_schema_is_open_to_everybody(form: str) -> None:
    response = Client().get(f"/api/v1/schema/{form}")
    assert response.status_code == 200
    assert b"tickets_list" in response.content


@pytest.mark.django_db
def test_the_docs_hold_no_inline_script_or_style() -> None:
    response = Client().get("/api/v1/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    script = re.search(r'src="([^"]*script=[^"]*)"', page)
    assert script is not None
    answer = Client().get(script[1].replace("&amp;", "&"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/javascript")
    assert "SwaggerUIBundle" in answer.content.decode()
