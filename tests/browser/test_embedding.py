"""The widget on somebody else's site: policy, third parties, weight, the host's colours."""

from __future__ import annotations

import gzip
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.chat import Chat
from tests.browser.conftest import NewContext
from tests.browser.servers import HostSite

WIDGET = Path(__file__).parents[2] / "bot" / "web" / "widget"
LIMIT = 20_000  # bytes, all files together, each compressed by itself as it travels

# Nothing at all is allowed but what docs/widget.md asks the host site for.
POLICY = (
    "default-src 'none'; script-src {gateway}; connect-src {gateway}; style-src 'none'; img-src 'none'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
WATCH = """window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));"""


def embed(gateway_url: str, element: str = "<support-chat></support-chat>") -> str:
    script = f'<script type="module" src="{gateway_url}/widget/support-chat.js"></script>'
    return f"<h1>Värdsida</h1>{script}{element}"


def test_all_of_it_weighs_less_than_20_kb(gateway_url: str, page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.reload()
    Chat(page).open()
    files = {url.rsplit("/", 1)[1] for url in fetched if url.startswith(f"{gateway_url}/widget/")}
    assert files == {path.name for path in WIDGET.iterdir()}
    weights = {name: len(gzip.compress((WIDGET / name).read_bytes(), 9)) for name in files}
    assert sum(weights.values()) <= LIMIT, weights


def test_it_works_under_a_strict_policy_on_another_origin(
    host: HostSite, gateway_url: str, new_context: NewContext
) -> None:
    host.policy = POLICY.format(gateway=gateway_url)
    host.body = embed(gateway_url)
    page = new_context().new_page()
    page.add_init_script(WATCH)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(host.url)
    chat = Chat(page).open()
    chat.button("Beställa PUK-kod").click()
    expect(chat.said("Vilket HSA-id")).to_be_visible()
    chat.ask("ja", "Klart")
    chat.ask("länkar", "Gå till")
    with page.expect_download():
        chat.menu("Ladda ner samtalet")
    chat.menu("Avsluta och rensa")
    chat.button("Avsluta och rensa").click()
    expect(chat.button("Börja ett nytt samtal")).to_be_visible()
    width = chat.window.evaluate("node => node.getBoundingClientRect().width")
    assert width < 600, "the style sheet did not get through"
    assert page.evaluate("violations") == []
    origins = {"/".join(url.split("/")[:3]) for url in asked if not url.startswith("blob:")}
    assert origins == {host.url, gateway_url}


def test_no_third_party_is_asked_for_anything(page: Page, gateway_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    chat = Chat(page).open()
    chat.ask("länkar", "Gå till")
    chat.ask("ja", "Klart")
    assert {"/".join(url.split("/")[:3]) for url in asked} == {gateway_url}


def test_the_host_decides_colours_and_place(
    host: HostSite, gateway_url: str, new_context: NewContext
) -> None:
    host.policy = ""
    theme = "--support-chat-accent: rgb(120, 0, 80); --support-chat-width: 30rem; color-scheme: light"
    rules = f"body {{ color: red; font-size: 40px }} * {{ margin: 50px }} support-chat {{ {theme} }}"
    host.body = f"<style>{rules}</style>{embed(gateway_url)}"
    page = new_context(color_scheme="dark").new_page()
    page.goto(host.url)
    chat = Chat(page)
    assert chat.launcher.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(120, 0, 80)"
    chat.open()
    style = chat.window.evaluate("node => ({...getComputedStyle(node)})")
    assert style["inlineSize"] == "480px"
    assert style["backgroundColor"] == "rgb(255, 255, 255)"
    assert style["fontSize"] == "16px"
    assert style["margin"] == "0px"


def test_attributes_open_and_gateway(host: HostSite, gateway_url: str, new_context: NewContext) -> None:
    host.policy = ""
    host.body = '<input id="host" autofocus>' + embed(
        gateway_url,
        f'<support-chat open gateway="{gateway_url}/" customer-token="not.a.token"></support-chat>',
    )
    page = new_context().new_page()
    page.goto(host.url)
    chat = Chat(page)
    expect(chat.said("Hej! Jag hjälper dig")).to_be_visible()
    expect(page.locator("#host")).to_be_focused()
    page.evaluate("document.querySelector('support-chat').open = false")
    expect(chat.window).to_be_hidden()
    assert not chat.widget.evaluate("node => node.hasAttribute('open')")
    page.evaluate("document.querySelector('support-chat').ask('Från värdsidan')")
    expect(chat.said("Svar på Från värdsidan")).to_be_visible()


def test_leaving_the_page_and_coming_back_keeps_one_widget(chat: Chat) -> None:
    chat.ask("Ett")
    chat.page.evaluate(
        "const node = document.querySelector('support-chat'); node.remove(); document.body.append(node)"
    )
    expect(chat.said("Svar på Ett")).to_be_visible()
    chat.ask("Två")
    assert len(chat.words()) == 5


def test_an_outage_and_the_opening_hours_are_shown(page: Page) -> None:
    def with_news(route: Route) -> None:
        site = route.fetch().json()
        site["banner"] = {"level": "warning", "text": "SITHS eID Portal har driftstörning."}
        site["opening"] = {"open_now": False, "text": "Vi svarar vardagar 8–16.", "next_open": None}
        route.fulfill(json=site)

    page.route("**/api/site", with_news)
    page.reload()
    chat = Chat(page).open()
    expect(chat.window).to_contain_text("SITHS eID Portal har driftstörning.")
    expect(chat.window).to_contain_text("Vi svarar vardagar 8–16.")
    expect(chat.window.get_by_role("link", name="018-481 19 00")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="driftstörning")).to_be_visible()
