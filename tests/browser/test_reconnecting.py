"""The server is killed and started again while the page is open."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visit
from tests.end_to_end.demos import DemoProcess
from tests.end_to_end.processes import post

ALICE = ("alice@example.com", "alice-demo")


class DemoAtPort(DemoProcess):
    """A demo where another one was before."""

    def __init__(self, data: Path, port: str) -> None:
        super().__init__(data)
        self._command[-1] = port


@pytest.mark.timeout(300)
def test_the_page_says_so_reconnects_and_shows_the_right_state(
    browser: Browser, tmp_path: Path
) -> None:
    data = tmp_path / "demo"
    with DemoProcess(data) as demo:
        address = demo.address
        with Visit(browser, address, "/login", errors_expected=True) as visitor:
            visitor.log_in(*ALICE)
            page = visitor.page
            page.evaluate("window.sameDocument = true")
            orders = [
                {"market": "BTC-CNY", "type": "buy", "price": price, "amount": "0.01"}
                for price in ("1001", "1002")
            ]
            placed = post(demo, "user/submit_orders", {"orders": orders}, auth=ALICE)["results"]
            table = page.get_by_test_id("open-orders").locator("tbody tr")
            expect(table).to_have_count(2)

            typed = page.get_by_label("Amount", exact=True)
            typed.fill("0.0123")

            demo.kill()
            expect(page.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
            with DemoAtPort(data, address.rpartition(":")[2]) as again:
                expect(page.get_by_text("Connection lost. Reconnecting…")).to_have_count(0)
                expect(table).to_have_count(2)
                ids = [placed[0]["order_id"]]
                post(again, "user/cancel_orders", {"order_ids": ids}, auth=ALICE)
                expect(table).to_have_count(1)
                expect(table).to_contain_text("1,002")
                rows = page.locator(".rows")
                expect(rows).not_to_have_text(rows.inner_text())
                expect(typed).to_have_value("0.0123")
                assert page.evaluate("window.sameDocument")
