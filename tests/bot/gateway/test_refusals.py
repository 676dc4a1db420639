"""What the conversations API refuses, route by route. Nothing here depends on the database."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, problem

MEMBER_ROUTES = [
    ("GET", ""),
    ("DELETE", ""),
    ("GET", "/messages"),
    ("POST", "/messages"),
    ("GET", "/events"),
    ("POST", "/handoff"),
    ("DELETE", "/handoff"),
    ("POST", "/contact"),
    ("POST", "/typing"),
    ("POST", "/card-report"),
    ("POST", "/rating"),
    ("POST", "/close"),
    ("GET", "/transcript"),
]


@pytest.mark.parametrize(("method", "path"), MEMBER_ROUTES)
def test_a_missing_or_wrong_token_is_refused(shared_visitor: Visitor, method: str, path: str) -> None:
    url = shared_visitor.path + path
    problem(shared_visitor.http.request(method, url), 401, "not_authenticated")
    wrong = shared_visitor.http.request(method, url, headers={"Authorization": "Bearer fel"})
    problem(wrong, 401, "not_authenticated")
    assert wrong.headers["www-authenticate"] == "Bearer"
    problem(
        shared_visitor.http.request(method, url, headers={"Authorization": "Basic eDp5"}),
        401,
        "not_authenticated",
    )


@pytest.mark.parametrize(("method", "path"), MEMBER_ROUTES)
def test_anothers_conversation_is_not_found(shared_visitor: Visitor, method: str, path: str) -> None:
    other = Visitor(str(shared_visitor.http.base_url))
    bodies = {
        "/messages": {"client_message_id": str(uuid.uuid4()), "text": "hej"},
        "/contact": {"email": "a@example.se"},
        "/typing": {},
        "/card-report": {"failed": "declined"},
        "/rating": {"score": 3},
    }
    body = bodies.get(path) if method == "POST" else None
    for foreign in (other.path, "/api/conversations/okänd"):
        answer = shared_visitor.http.request(
            method, foreign + path, headers=shared_visitor.headers, json=body
        )
        problem(answer, 404, "conversation_not_found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/messages", {}),
        ("/messages", {"client_message_id": "inte-ett-uuid", "text": "hej"}),
        ("/messages", {"client_message_id": str(uuid.uuid4())}),
        ("/messages", {"client_message_id": str(uuid.uuid4()), "text": ""}),
        ("/messages", {"client_message_id": str(uuid.uuid4()), "text": "  \n "}),
        ("/messages", {"client_message_id": str(uuid.uuid4()), "text": "x" * 1001}),
        ("/messages", {"client_message_id": str(uuid.uuid4()), "text": "hej", "button": "1-0"}),
        ("/messages", {"client_message_id": str(uuid.uuid4()), "text": "hej", "author": "staff"}),
        ("/messages", {"client_message_id": str(uuid.uuid4()), "text": 7}),
        ("/rating", {"score": 0}),
        ("/rating", {"score": 6}),
        ("/rating", {"score": True}),
        ("/contact", {}),
        ("/contact", {"email": "inte-en-adress"}),
        ("/contact", {"phone": "ring mig"}),
        ("/card-report", {}),
        ("/card-report", {"failed": "annat"}),
        ("/card-report", {"findings": [{"code": "liten", "severity": "x", "message": "y"}]}),
        ("/typing", {"active": "kanske"}),
    ],
)
def test_what_is_not_valid_is_refused_and_not_repeated(
    shared_visitor: Visitor, path: str, body: dict[str, object]
) -> None:
    answer = shared_visitor.post(path, **body)
    problem(answer, 422, "validation_error")
    assert "xxxx" not in answer.text
    assert shared_visitor.said("visitor") == []


def test_json_that_cannot_be_read_is_a_bad_request(shared_visitor: Visitor) -> None:
    headers = {**shared_visitor.headers, "Content-Type": "application/json"}
    problem(
        shared_visitor.http.post(f"{shared_visitor.path}/messages", content=b"{", headers=headers),
        400,
        "invalid_json",
    )


@pytest.mark.parametrize(("method", "path"), [route for route in MEMBER_ROUTES if route[0] == "POST"])
def test_a_body_over_the_limit_is_refused(shared_visitor: Visitor, method: str, path: str) -> None:
    big = b'{"text": "' + b"x" * 40_000 + b'"}'
    headers = {**shared_visitor.headers, "Content-Type": "application/json"}
    problem(
        shared_visitor.http.request(method, shared_visitor.path + path, content=big, headers=headers),
        413,
        "body_too_large",
    )

    def chunks() -> object:
        for start in range(0, len(big), 4096):
            yield big[start : start + 4096]

    unsaid = shared_visitor.http.request(
        method, shared_visitor.path + path, content=chunks(), headers=headers
    )
    problem(unsaid, 413, "body_too_large")


def test_opening_refuses_a_big_or_wrong_body(shared_gateway: RunningGateway) -> None:
    url = f"{shared_gateway.url}/api/conversations"
    problem(httpx.post(url, json={"customer_token": 7}), 422, "validation_error")
    problem(httpx.post(url, json={"customer": "100200"}), 422, "validation_error")
    problem(httpx.post(url, content=b"x" * 40_000), 413, "body_too_large")


@pytest.mark.parametrize("empty", [None, b"", b"{}", b"null"])
def test_opening_needs_no_body(shared_gateway: RunningGateway, empty: bytes | None) -> None:
    headers = {"Content-Type": "application/json"}
    assert (
        httpx.post(f"{shared_gateway.url}/api/conversations", content=empty, headers=headers).status_code
        == 201
    )


@pytest.mark.parametrize("button", ["9-0", "2-7", "x", "1-0", "-1-0", "²-0", "99999999999-1"])
def test_a_button_never_offered_is_refused(shared_visitor: Visitor, button: str) -> None:
    problem(shared_visitor.press(button), 422, "unknown_button")
    assert shared_visitor.said("visitor") == []


def test_answers_are_not_cached_and_unknown_addresses_are_problems(shared_visitor: Visitor) -> None:
    assert shared_visitor.call("GET", "/messages").headers["cache-control"] == "no-store"
    problem(shared_visitor.http.get("/api/finns-inte"), 404, "not_found")
    problem(
        shared_visitor.http.put(f"{shared_visitor.path}/messages", headers=shared_visitor.headers),
        405,
        "method_not_allowed",
    )
