"""The served OpenAPI description is complete, and the routes keep to it whatever is sent."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.gateway.app import create_app
from bot.gateway.settings import Settings
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor

DESCRIPTION = create_app(Settings(_env_file=None)).openapi()  # type: ignore[call-arg]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_dict(DESCRIPTION).exclude(path_regex="/events$|/metrics$|/health/ready$")


@pytest.fixture(scope="module")
def member(shared_gateway: RunningGateway) -> Visitor:
    return Visitor(shared_gateway.url).greeted()


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_input_breaks_a_route_or_its_description(
    case: schemathesis.Case, shared_gateway: RunningGateway, member: Visitor
) -> None:
    if "conversation_id" in case.path_parameters and not (
        case.method == "DELETE" and "handoff" not in case.path
    ):
        case.path_parameters["conversation_id"] = member.id
    case.headers["Authorization"] = member.headers["Authorization"]
    response = case.call(base_url=shared_gateway.url)
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400 and response.status_code != 503:
        assert re.fullmatch("[a-z0-9_]+", response.json()["code"])
        assert response.json()["message"]


def test_the_served_description_is_this_one(shared_gateway: RunningGateway) -> None:
    assert httpx.get(f"{shared_gateway.url}/openapi.json").json() == DESCRIPTION


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in DESCRIPTION["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize(("method", "path", "operation"), operations(), ids=lambda value: str(value)[:40])
def test_every_route_is_described_with_its_errors(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    answers = operation["responses"]
    if path.startswith("/api/"):
        assert {"422", "429", "503"} <= set(answers)
    if "{conversation_id}" in path:
        assert {"401", "404"} <= set(answers)
        assert operation["security"]
    if "requestBody" in operation:
        assert {"400", "413"} <= set(answers)
    for status, answer in answers.items():
        if status.startswith("4"):
            assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/Problem"), (
                path,
                status,
            )
            assert answer["content"]["application/json"]["examples"], (path, status)
