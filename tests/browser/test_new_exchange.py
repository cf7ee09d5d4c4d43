"""The page of an exchange that is no demo: nothing was traded yet, and there are no nodes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visit
from tests.end_to_end.processes import ServerProcess, post

CAROL = ("carol@example.com", "a long pa55word")
MARKET = "BTC-CNY"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Carol has an account, and money."""
    with ServerProcess(tmp_path_factory.mktemp("exchange")) as running:
        post(running, "register", {"email": CAROL[0], "pwdhash": CAROL[1]})
        for currency, amount in (("BTC", "1"), ("CNY", "5000")):
            words = ("--currency", currency, "--amount", amount, "--reason", "a test")
            running.admin("credit", "--user", CAROL[0], *words)
        yield running


def test_the_first_trade_of_a_market_is_drawn(browser: Browser, server: ServerProcess) -> None:
    with Visit(browser, server.address, f"/trade/{MARKET}") as visitor:
        page = visitor.page
        expect(page.get_by_text("No trades in this time")).to_be_visible()
        for side in ("sell", "buy"):
            order = {"market": MARKET, "type": side, "price": "2000", "amount": "0.5"}
            post(server, "user/submit_orders", {"orders": [order]}, auth=CAROL)
        expect(page.get_by_test_id("candles")).to_have_attribute("data-close", "2000")
        expect(page.get_by_text("No trades in this time")).to_have_count(0)


def test_what_has_no_node_is_neither_deposited_nor_withdrawn(
    browser: Browser, server: ServerProcess
) -> None:
    with Visit(browser, server.address, "/login") as visitor:
        visitor.log_in(*CAROL)
        page = visitor.page
        visitor.go("/account/deposit/BTC")
        expect(page.get_by_text("neither deposited nor withdrawn")).to_be_visible()
        expect(page.get_by_test_id("create")).to_have_count(0)
        visitor.go("/account/withdraw/BTC")
        page.fill("input[name=address]", "1BitcoinEaterAddressDontSendf59kuE")
        page.fill("input[name=amount]", "0.1")
        expect(page.get_by_text("neither deposited nor withdrawn")).to_be_visible()
        expect(page.get_by_role("button", name="Continue")).to_be_disabled()
        visitor.go("/account/withdraw/CNY")
        page.fill("input[name=address]", "bank account 1")
        page.fill("input[name=amount]", "10")
        expect(page.get_by_role("button", name="Continue")).to_be_enabled()
