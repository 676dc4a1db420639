"""Chromium, the real gateway with a scripted engine; pages fail the test when anything goes wrong."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.chat import Chat
from tests.browser.scripted_engine import ScriptedEngine
from tests.browser.servers import Gateway, HostSite

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A request that fails is told by the browser too; the widget answers for it, and the tests look at that.
EXPECTED_NOISE = ("Failed to load resource", "net::ERR_")

PATIENCE_MS = 15_000  # other work on the machine may be heavy
expect.set_options(timeout=PATIENCE_MS)

NewContext = Callable[..., BrowserContext]


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


# One browser a module: Playwright's event loop would be in the way of later tests that run their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def ports() -> list[int]:
    """Of the engine, the gateway, the host site and the reader bridge."""
    return free_ports(4)


@pytest.fixture(scope="session")
def engine(ports: list[int]) -> Iterator[ScriptedEngine]:
    running = ScriptedEngine(ports[0])
    yield running
    running.stop()


@pytest.fixture(scope="session")
def host(ports: list[int]) -> Iterator[HostSite]:
    running = HostSite(ports[2])
    yield running
    running.stop()


@pytest.fixture(scope="session")
def gateway(
    ports: list[int], engine: ScriptedEngine, host: HostSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    running = Gateway(
        ports[1],
        tmp_path_factory.mktemp("gateway"),
        engine_url=engine.url,
        site_origins=host.url,
        reader_bridge_url=f"http://127.0.0.1:{ports[3]}",
    )
    yield running
    running.stop()


@pytest.fixture
def gateway_url(gateway: Gateway) -> str:
    return gateway.url


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Makes visitors. Any error in one of their pages fails the test when it ends."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(noise in message.text for noise in EXPECTED_NOISE):
            wrong.append(message.text)

    def make(**options: object) -> BrowserContext:
        settings = {"locale": "sv-SE", "reduced_motion": "reduce", "viewport": {"width": 1280, "height": 800}}
        context = browser.new_context(**{**settings, **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", listen)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(new_context: NewContext, gateway_url: str) -> Page:
    """The support page in a new visitor's browser."""
    opened = new_context().new_page()
    opened.goto(gateway_url)
    return opened


@pytest.fixture
def chat(page: Page, engine: ScriptedEngine) -> Chat:
    """The chat, open and greeted."""
    engine.delay = 0
    return Chat(page).open()
