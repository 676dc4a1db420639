"""Every way in that is not the support page's own is closed, before any handler."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from reader_bridge.cli import main
from tests.reader_bridge.bridge_process import ORIGIN, OTHER_ORIGIN, Answer, BridgeProcess
from tests.reader_bridge.conftest import wait_for_presence
from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import Act, InsertedCard

CALLS = [
    ("GET", "/v1/info"),
    ("POST", "/v1/pair"),
    ("POST", "/v1/diagnosis"),
    ("POST", "/v1/identity"),
    ("GET", "/v1/events"),
]


@pytest.fixture(scope="module")
def shared(session_service: Pcscd) -> Iterator[BridgeProcess]:
    with BridgeProcess(session_service.environment) as process:
        yield process


@pytest.fixture(scope="module")
def token(shared: BridgeProcess) -> str:
    return shared.pair()


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["message"].endswith(".")


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost:{port}",
        "LOCALHOST:{port}",
        "localhost.:{port}",
        "127.0.0.1.:{port}",
        "[::1]:{port}",
        "0.0.0.0:{port}",
        "127.1:{port}",
        "127.0.0.1:0{port}",
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1:{port}.evil.example",
        "user@127.0.0.1:{port}",
        "",
        None,
    ],
)
def test_only_the_exact_host(
    method: str, path: str, host: str | None, shared: BridgeProcess, token: str
) -> None:
    body = b"{}" if method == "POST" else None
    wanted = None if host is None else host.format(port=shared.port)
    answer = shared.send(method, path, shared.headers(body, token, Host=wanted), body)
    assert answer.status == 400
    assert "access-control-allow-origin" not in answer.headers


def test_two_hosts_are_refused(shared: BridgeProcess, token: str) -> None:
    headers = [*shared.headers(token=token), ("Host", "evil.example")]
    assert shared.send("GET", "/v1/info", headers).status == 400


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "https://evil.example",
        "http://support.example",
        "https://support.example:444",
        "https://support.example.evil.example",
        "https://evil-support.example",
        "https://support.example/",
        "https://support.example@evil.example",
        "https://SUPPORT.example",
        "https://support.example, https://evil.example",
        "https://support.example.",
        "*",
    ],
)
def test_only_allowed_origins(
    method: str, path: str, origin: str | None, shared: BridgeProcess, token: str
) -> None:
    body = b"{}" if method == "POST" else None
    answer = shared.send(method, path, shared.headers(body, token, Origin=origin), body)
    refused(answer, 403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("value", [None, "XMLHttpRequest", "", "support-chat2"])
def test_header_that_no_simple_request_carries(
    method: str, path: str, value: str | None, shared: BridgeProcess, token: str
) -> None:
    body = b"{}" if method == "POST" else None
    answer = shared.send(method, path, shared.headers(body, token, **{"X-Requested-With": value}), body)
    refused(answer, 400, "header_missing")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", None],
)
def test_simple_content_types(kind: str | None, shared: BridgeProcess, token: str) -> None:
    body = b'{"consent": true}'
    headers = shared.headers(body, token, **{"Content-Type": kind})
    refused(shared.send("POST", "/v1/identity", headers, body), 415, "not_json")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b"consent=true", b'{"consent": 1}', b'{"consent": "true"}', b"\xff\xfe{}"]
)
def test_bodies_that_are_not_what_was_asked_for(body: bytes, shared: BridgeProcess, token: str) -> None:
    answer = shared.send("POST", "/v1/identity", shared.headers(body, token), body)
    refused(answer, 422, "invalid_body")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/v1/identity", {"consent": True, "pin": "123456"}),
        ("/v1/identity", {"consent": False}),
        ("/v1/identity", {}),
        ("/v1/diagnosis", {"pin": "123456"}),
        ("/v1/pair", {"code": "123456", "puk": "12345678"}),
        ("/v1/pair", {"code": 123456}),
        ("/v1/pair", {"code": "12345"}),
        ("/v1/pair", {"code": "１２３４５６"}),
        ("/v1/pair", {}),
    ],
)
def test_unknown_or_missing_keys(path: str, content: object, shared: BridgeProcess, token: str) -> None:
    refused(shared.call(path, content, token), 422, "invalid_body")


def test_large_bodies(shared: BridgeProcess, token: str) -> None:
    body = json.dumps({"consent": True, "x": "y" * 9000}).encode()
    refused(shared.send("POST", "/v1/identity", shared.headers(body, token), body), 413, "too_large")


def test_large_body_without_a_length(shared: BridgeProcess, token: str) -> None:
    headers = shared.headers(None, token, **{"Content-Type": "application/json"})
    headers.append(("Transfer-Encoding", "chunked"))
    chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
    refused(shared.send("POST", "/v1/identity", headers, chunk * 9 + b"0\r\n\r\n"), 413, "too_large")


@pytest.mark.parametrize("path", ["/v1/diagnosis", "/v1/identity", "/v1/events"])
@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x"],
)
def test_without_the_right_token(
    path: str, authorization: str | None, shared: BridgeProcess, token: str
) -> None:
    value = None if authorization is None else authorization.format(token=token)
    body = None if path == "/v1/events" else b'{"consent": true}'
    headers = shared.headers(body, Authorization=value)
    refused(shared.send("POST" if body else "GET", path, headers, body), 401, "not_paired")


def test_token_of_another_origin(shared: BridgeProcess, token: str) -> None:
    refused(shared.call("/v1/diagnosis", {}, token, origin=OTHER_ORIGIN), 401, "not_paired")
    other = shared.pair(OTHER_ORIGIN)
    assert shared.call("/v1/info", token=other, origin=OTHER_ORIGIN).json["paired"] is True
    refused(shared.call("/v1/diagnosis", {}, other), 401, "not_paired")


def test_token_from_before_a_newer_pairing_or_a_restart(bridge: BridgeProcess, token: str) -> None:
    refused(bridge.call("/v1/diagnosis", {}, token), 401, "not_paired")
    first = bridge.pair()
    second = bridge.pair()
    refused(bridge.call("/v1/diagnosis", {}, first), 401, "not_paired")
    assert bridge.call("/v1/diagnosis", {}, second).status == 200


def test_three_wrong_codes_end_the_pairing(bridge: BridgeProcess) -> None:
    token = bridge.pair()
    wrong = f"{(int(bridge.code) + 1) % 1_000_000:06d}"
    first = bridge.call("/v1/pair", {"code": wrong})
    refused(first, 401, "wrong_code")
    assert first.json["attempts_left"] == 2
    assert bridge.call("/v1/pair", {"code": wrong}, origin=OTHER_ORIGIN).json["attempts_left"] == 1
    refused(bridge.call("/v1/pair", {"code": wrong}), 403, "pairing_ended")
    refused(bridge.call("/v1/pair", {"code": bridge.code}), 403, "pairing_ended")
    assert bridge.call("/v1/info").json["pairing_open"] is False
    assert bridge.call("/v1/info", token=token).json["paired"] is True


def test_guessing_in_parallel_gives_no_more_tries(bridge: BridgeProcess) -> None:
    guesses = [f"{(int(bridge.code) + number) % 1_000_000:06d}" for number in range(1, 13)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda code: bridge.call("/v1/pair", {"code": code}), guesses))
    assert sorted(answer.status for answer in answers) == [401, 401, *[403] * 10]


def test_a_second_diagnosis_at_the_same_time(bridge: BridgeProcess, service: Pcscd) -> None:
    token = bridge.pair()
    with InsertedCard(KINDS["ordinary"](), service.ports[0], on_apdu=lambda *_: Act.HANG):
        wait_for_presence(service.reader_names[0], present=True)
        with ThreadPoolExecutor(6) as pool:
            calls = [("/v1/diagnosis", {}), ("/v1/identity", {"consent": True})] * 3
            answers = list(pool.map(lambda call: bridge.call(*call, token), calls))
    done = [answer for answer in answers if answer.status != 409]
    assert len(done) == 1
    assert {answer.code for answer in answers if answer.status == 409} == {"busy"}
    assert bridge.call("/v1/diagnosis", {}, token).status == 200


@pytest.mark.parametrize("ask", ["Private", "Local"])
def test_preflight_is_answered_for_allowed_origins(ask: str, shared: BridgeProcess) -> None:
    headers = [
        ("Host", f"127.0.0.1:{shared.port}"),
        ("Origin", ORIGIN),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type,x-requested-with"),
        (f"Access-Control-Request-{ask}-Network", "true"),
    ]
    answer = shared.send("OPTIONS", "/v1/diagnosis", headers)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers[f"access-control-allow-{ask.lower()}-network"] == "true"
    assert "x-requested-with" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    evil = [(name, "https://evil.example" if name == "Origin" else value) for name, value in headers]
    refused(shared.send("OPTIONS", "/v1/diagnosis", evil), 403, "origin_not_allowed")


def test_pages_can_read_our_refusals_but_keep_nothing(shared: BridgeProcess) -> None:
    answer = shared.call("/v1/diagnosis", {})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("PUT", "/v1/info", 405),
        ("GET", "/v1/diagnosis", 405),
        ("GET", "/v1/../v1/nothing", 404),
    ],
)
def test_nothing_else_is_there(
    method: str, path: str, status: int, shared: BridgeProcess, token: str
) -> None:
    assert shared.send(method, path, shared.headers(token=token)).status == status


def test_listens_on_loopback_only(shared: BridgeProcess) -> None:
    other_loopback_addresses = ("127.0.0.2", "::1")
    for address in other_loopback_addresses:
        with pytest.raises(OSError):
            socket.create_connection((address, shared.port), timeout=2).close()


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "support.example",
        "https://*.example",
        "https://a.example/path",
        "ftp://a.example",
        "https://u@a.b",
    ],
)
def test_serve_refuses_what_is_no_origin(origin: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["serve", "--allow-origin", origin])
    assert stopped.value.code == 2
    assert "Ogiltig webbplats" in capsys.readouterr().err


def test_serve_on_a_port_that_is_taken(shared: BridgeProcess, service: Pcscd) -> None:
    command = [sys.executable, "-m", "reader_bridge", "serve", "--allow-origin", ORIGIN]
    answer = subprocess.run(
        [*command, "--port", str(shared.port)],
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
