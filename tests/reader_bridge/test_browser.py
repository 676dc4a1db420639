"""A real browser, a page from another origin: pairing, diagnosis and HSA-id by `fetch`."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.reader_bridge.bridge_process import BridgeProcess
from tests.reader_bridge.certificates import HSA_ID
from tests.reader_bridge.conftest import Insert
from tests.reader_bridge.pcscd import Pcscd

CALL = """
async ([address, path, body, token]) => {
  try {
    const answer = await fetch(address + path, {
      method: body === null ? "GET" : "POST",
      headers: {
        "X-Requested-With": "support-chat",
        ...(body !== null && {"Content-Type": "application/json"}),
        ...(token && {"Authorization": "Bearer " + token}),
      },
      body: body === null ? undefined : JSON.stringify(body),
    });
    return [answer.status, await answer.json()];
  } catch (error) {
    return [0, String(error)];
  }
}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The origin of a web site on another port than the bridge."""
    (tmp_path / "index.html").write_text("<!doctype html><title>support</title>")
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    chromium = shutil.which("chromium")
    assert chromium is not None, "Chromium is not installed; run `make test-deps`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(site)
        yield page
        browser.close()


def test_a_page_pairs_diagnoses_and_gets_the_hsa_id(
    page: Page, site: str, service: Pcscd, insert: Insert
) -> None:
    insert("ordinary")
    with BridgeProcess(service.environment, "--allow-origin", site) as bridge:
        address = f"http://127.0.0.1:{bridge.port}"

        def call(path: str, body: object = None, token: str | None = None) -> tuple[int, dict[str, object]]:
            status, answer = page.evaluate(CALL, [address, path, body, token])
            return status, answer

        assert call("/v1/info")[1]["paired"] is False
        assert call("/v1/diagnosis", {})[0] == 401
        status, paired = call("/v1/pair", {"code": bridge.code})
        assert status == 200
        token = str(paired["token"])
        assert call("/v1/diagnosis", {}, token)[1]["card"]["kind"] == "ordinary"  # type: ignore[index]
        assert call("/v1/identity", {"consent": True}, token)[1]["hsa_id"] == HSA_ID


def test_a_page_of_another_origin_gets_nothing(page: Page, bridge: BridgeProcess) -> None:
    status, error = page.evaluate(CALL, [f"http://127.0.0.1:{bridge.port}", "/v1/info", None, None])
    assert (status, error) == (0, "TypeError: Failed to fetch")
