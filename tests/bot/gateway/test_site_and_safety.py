"""What any browser gets: site facts, pages, headers, origins, limits, health, measurements."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest

from bot.gateway.limits import RateLimit, address_key, is_loopback
from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, eventually, new_client, problem

ORIGIN = "https://kund.example"


@pytest.fixture
def web_folder(tmp_path: Path) -> Path:
    for name, text in {
        "site/index.html": "<!doctype html><title>Stöd</title>",
        "widget/chat.js": "export const x = 1;\n" * 100,
        "staff/index.html": "<!doctype html><title>Personal</title>",
    }.items():
        path = tmp_path / "web" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tmp_path / "web"


def test_the_site_says_what_the_widget_needs(shared_gateway: RunningGateway) -> None:
    assert httpx.get(f"{shared_gateway.url}/api/site").json() == {
        "bot_name": "Supportboten",
        "banner": None,
        "opening": {"open_now": None, "text": None, "next_open": None},
        "phone": "018-481 19 00",
        "email": "ombud@e-identitet.se",
        "reader_bridge": {"offered": True, "url": "http://127.0.0.1:47280"},
        "limits": {"text_max": 1000, "comment_max": 1000},
    }


@pytest.mark.parametrize(
    "path", ["/", "/widget/chat.js", "/personal/", "/api/site", "/finns-inte", "/openapi.json"]
)
def test_every_answer_has_the_safe_headers(start_gateway: Gateways, web_folder: Path, path: str) -> None:
    headers = httpx.get(start_gateway(web_folder=web_folder).url + path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self' http://127.0.0.1:47280;" in policy
    assert "unsafe" not in policy
    assert "https:" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers
    assert "server" not in headers


def test_files_are_compressed_asked_about_and_not_sent_again(
    start_gateway: Gateways, web_folder: Path
) -> None:
    url = f"{start_gateway(web_folder=web_folder).url}/widget/chat.js"
    first = httpx.get(url)
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["content-type"].startswith("text/javascript")
    again = httpx.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = httpx.get(url, headers={"Accept-Encoding": "identity"})
    assert plain.content == first.content
    assert len(gzip.compress(plain.content)) < len(plain.content)


@pytest.mark.parametrize(
    "path", ["/widget/../staff/index.html", "/widget/%2e%2e/site/index.html", "/..%2f..%2fpyproject.toml"]
)
def test_no_file_outside_the_folders_is_served(start_gateway: Gateways, web_folder: Path, path: str) -> None:
    with httpx.Client(base_url=start_gateway(web_folder=web_folder).url) as client:
        request = client.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=path.encode())
        assert client.send(request).status_code == 404


def test_only_allowed_origins_may_read(start_gateway: Gateways) -> None:
    gateway = start_gateway(site_origins=f"{ORIGIN}, https://annan.example/")
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, last-event-id",
    }
    url = f"{gateway.url}/api/conversations"
    allowed = httpx.options(url, headers={"Origin": ORIGIN, **asked})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert httpx.post(url, headers={"Origin": ORIGIN}).headers["access-control-allow-origin"] == ORIGIN
    refused = httpx.options(url, headers={"Origin": "https://ond.example", **asked})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert (
        "access-control-allow-origin"
        not in httpx.post(url, headers={"Origin": "https://ond.example"}).headers
    )


def test_errors_can_be_read_by_an_allowed_origin_too(start_gateway: Gateways) -> None:
    url = f"{start_gateway(site_origins=ORIGIN).url}/api/conversations"
    refused = httpx.post(url, content=b"x" * 40_000, headers={"Origin": ORIGIN})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (413, ORIGIN)


def test_behind_tls_the_browser_is_told_to_stay_there(start_gateway: Gateways) -> None:
    gateway = start_gateway(trusted_proxies="127.0.0.1")
    headers = httpx.get(gateway.url + "/api/site", headers={"X-Forwarded-Proto": "https"}).headers
    assert headers["strict-transport-security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    ("method", "path", "settings"),
    [
        ("POST", "/messages", {"writes_per_minute": 1, "writes_burst": 2}),
        ("POST", "/rating", {"writes_per_minute": 1, "writes_burst": 2}),
        ("POST", "/handoff", {"writes_per_minute": 1, "writes_burst": 2}),
        ("POST", "/contact", {"writes_per_minute": 1, "writes_burst": 2}),
        ("POST", "/typing", {"writes_per_minute": 1, "writes_burst": 2}),
        ("POST", "/card-report", {"writes_per_minute": 1, "writes_burst": 2}),
        ("POST", "/close", {"writes_per_minute": 1, "writes_burst": 2}),
        ("DELETE", "/handoff", {"writes_per_minute": 1, "writes_burst": 2}),
        ("GET", "/messages", {"reads_per_minute": 1, "reads_burst": 2}),
        ("GET", "", {"reads_per_minute": 1, "reads_burst": 2}),
        ("GET", "/transcript", {"reads_per_minute": 1, "reads_burst": 2}),
        ("GET", "/events", {"reads_per_minute": 1, "reads_burst": 2}),
    ],
)
def test_a_conversation_that_asks_too_often_has_to_wait(
    start_gateway: Gateways, method: str, path: str, settings: dict[str, int]
) -> None:
    visitor = Visitor(start_gateway(**settings).url)
    for _ in range(2):
        with visitor.http.stream(method, visitor.path + path, headers=visitor.headers) as answer:
            assert answer.status_code != 429
    refused = visitor.call(method, path)
    problem(refused, 429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    other = Visitor(str(visitor.http.base_url))
    with other.http.stream(method, other.path + path, headers=other.headers) as answer:
        assert answer.status_code != 429


def test_an_address_that_opens_too_many_conversations_has_to_wait(start_gateway: Gateways) -> None:
    gateway = start_gateway(mode="production", secret_key="x" * 32, opened_per_minute=2)
    url = f"{gateway.url}/api/conversations"
    assert [httpx.post(url).status_code for _ in range(3)] == [201, 201, 429]


def test_an_address_has_a_limit_of_its_own(start_gateway: Gateways) -> None:
    gateway = start_gateway(
        mode="production", secret_key="x" * 32, address_per_minute=3, trusted_proxies="127.0.0.1"
    )
    client = new_client(base_url=gateway.url)

    def ask(address: str) -> int:
        return client.get("/api/site", headers={"X-Forwarded-For": address}).status_code

    assert [ask("192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert ask("192.0.2.2") == 200


def test_in_local_mode_this_machine_is_not_limited_by_address(start_gateway: Gateways) -> None:
    gateway = start_gateway(opened_per_minute=1, address_per_minute=1)
    assert {httpx.post(f"{gateway.url}/api/conversations").status_code for _ in range(4)} == {201}


def test_a_bucket_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("bot.gateway.limits.monotonic", lambda: clock[0])
    limit = RateLimit("test", per_minute=60, burst=2)
    limit.spend("a")
    limit.spend("a")
    with pytest.raises(Exception, match="too_many_requests") as refused:
        limit.spend("a")
    assert refused.value.retry_after == pytest.approx(1)  # type: ignore[attr-defined]
    limit.spend("b")
    clock[0] += 1
    limit.spend("a")


def test_addresses_are_counted_as_people_have_them() -> None:
    assert address_key("192.0.2.1") == "192.0.2.1"
    assert address_key("::ffff:192.0.2.1") == "192.0.2.1"
    assert address_key("2001:db8:1:2:3:4:5:6") == address_key("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert address_key(None) == "unknown"
    assert is_loopback("::1")
    assert not is_loopback("192.0.2.1")
    assert not is_loopback(None)


def test_ready_says_which_part_is_not(start_gateway: Gateways, engine: EngineStandIn) -> None:
    gateway = start_gateway(actions_url=f"{engine.url}/webhook")
    assert httpx.get(f"{gateway.url}/health/ready").json() == {
        "status": "ready",
        "parts": {"database": "ok", "engine": "ok", "actions": "ok"},
    }
    engine.stop()
    answer = httpx.get(f"{gateway.url}/health/ready")
    problem(answer, 503, "not_ready")
    assert answer.json()["parts"] == {"database": "ok", "engine": "down", "actions": "down"}
    assert httpx.get(f"{gateway.url}/health/live").status_code == 200


def test_measurements_count_what_happens(start_gateway: Gateways) -> None:
    gateway = start_gateway()

    def value(name: str) -> float:
        lines = httpx.get(f"{gateway.url}/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    before = {
        name: value(name)
        for name in ("support_messages_total", "support_answer_seconds_count", "support_handoffs_total")
    }
    visitor = Visitor(gateway.url).greeted()
    visitor.ask("hej")
    visitor.post("/handoff")
    assert value("support_queue_length") == 1
    assert value("support_pending_messages") == 0
    eventually(lambda: value("support_messages_total") >= before["support_messages_total"] + 4)
    assert value("support_answer_seconds_count") == before["support_answer_seconds_count"] + 1
    assert value("support_handoffs_total") == before["support_handoffs_total"] + 1


def test_measurements_are_not_for_everyone(start_gateway: Gateways) -> None:
    gateway = start_gateway(metrics_token="hemligt", trusted_proxies="127.0.0.1")
    url = f"{gateway.url}/metrics"
    problem(httpx.get(url), 404, "not_found")
    problem(httpx.get(url, headers={"Authorization": "Bearer fel"}), 404, "not_found")
    assert httpx.get(url, headers={"Authorization": "Bearer hemligt"}).status_code == 200
    open_to_loopback = start_gateway(
        database_url=gateway.settings.database_url + "2", trusted_proxies="127.0.0.1"
    )
    outside = httpx.get(f"{open_to_loopback.url}/metrics", headers={"X-Forwarded-For": "192.0.2.9"})
    problem(outside, 404, "not_found")


def test_the_database_going_away_is_a_503_and_not_a_stack_trace(
    start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    gateway = start_gateway()
    visitor = Visitor(gateway.url).greeted()

    def broken(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT hemligt", {}, Exception("database is locked"))

    monkeypatch.setattr("bot.gateway.conversation.messages_after", broken)
    answer = visitor.call("GET", "/messages")
    problem(answer, 503, "service_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert "hemligt" not in answer.text


def test_an_unforeseen_error_is_a_500_in_swedish(
    start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor = Visitor(start_gateway().url).greeted()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("privat text")

    monkeypatch.setattr("bot.gateway.conversation.messages_after", broken)
    answer = visitor.call("GET", "/messages")
    problem(answer, 500, "internal_error")
    assert "privat text" not in answer.text + capsys.readouterr().out
