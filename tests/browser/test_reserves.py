"""Proof of reserves in the browser: whoever is owed something verifies it by himself."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.end_to_end.demos import DemoProcess
from tests.end_to_end.processes import get

ALICE: Final = ("alice@example.com", "alice-demo")


@pytest.fixture
def snapshot(demo: DemoProcess) -> int:
    """The id of one that was published just now."""
    demo.admin("snapshot")
    newest: int = get(demo, "btc/balance_snapshot_files")["snapshots"][0][0]
    return newest


def check_file(page: Page, proof: dict[str, Any]) -> None:
    content = json.dumps(proof).encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "proof.json", "mimeType": "application/json", "buffer": content}
    )


def test_ones_own_proof_is_verified_step_by_step(visit: Open, snapshot: int) -> None:
    visitor = visit("/login")
    visitor.log_in(*ALICE)
    visitor.go("/reserves/BTC")
    page = visitor.page
    page.get_by_role("button", name="Fetch my proof and check it").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("It holds:")
    steps = page.get_by_test_id("steps")
    expect(steps).to_contain_text(f"snapshot {snapshot} of BTC")
    expect(steps).to_contain_text(f"snapshot-{snapshot}.json, which everybody can download")
    expect(steps.get_by_text("This is the root.").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the proof").click()
    proof = json.loads(Path(download.value.path()).read_bytes())

    check_file(page, proof | {"balance": "21000"})
    expect(page.get_by_test_id("verdict")).to_contain_text("It does not hold.")
    expect(page.get_by_test_id("steps")).to_have_count(0)
    check_file(page, proof | {"uid": proof["uid"] + 1})
    expect(page.get_by_test_id("verdict")).to_contain_text("does not lead to the root")
    check_file(page, proof)
    expect(page.get_by_test_id("verdict")).to_contain_text("It holds:")
    check_file(page, {"nothing": "of this kind"})
    expect(page.get_by_test_id("verdict")).to_contain_text("no proof that can be read")


def test_simulated_reserves_are_said_to_prove_nothing(visit: Open) -> None:
    page = visit("/reserves/BTC").page
    row = page.get_by_test_id("reserves").locator("tbody tr", has_text="BTC").first
    expect(row).to_contain_text("Unproven")
    expect(page.get_by_text("these reserves are play money and prove nothing")).to_be_visible()
    expect(page.get_by_test_id("reserve-details")).to_contain_text("Not signed")


def test_what_is_owed_of_a_currency_on_no_chain_is_there_to_be_downloaded(
    visit: Open, snapshot: int
) -> None:
    page = visit("/reserves").page
    page.get_by_role("button", name="Details CNY").click()
    details = page.get_by_test_id("reserve-details")
    expect(details.get_by_text("CNY is on no chain")).to_be_visible()
    with page.expect_download() as download:
        details.get_by_role("link", name=f"snapshot-{snapshot}.json").click()
    assert download.value.suggested_filename == f"CNY-snapshot-{snapshot}.json"


def test_reserves_below_what_is_owed_are_told_loudly(visit: Open) -> None:
    visitor = visit("/markets")
    page = visitor.page
    short = {
        "code": 0,
        "data": {
            "timestamp": 1,
            "stats": {"BTC": ["1", "1.5", "0", "3.00000001"]},
            "sent": {"BTC": "0.5"},
            "short": ["BTC"],
            "simulated_chains": [],
        },
    }
    page.route("**/reserve_stats", lambda route: route.fulfill(json=short))
    visitor.go("/reserves")
    expect(page.get_by_text("Less is there than is owed: BTC")).to_be_visible()
    expect(page.get_by_test_id("reserves")).to_contain_text("99.99%")


def test_markets_are_searched_and_sorted(visit: Open) -> None:
    page = visit("/markets").page
    rows = page.get_by_test_id("markets").locator("tbody tr")
    expect(rows).to_have_count(14)
    page.get_by_role("button", name="Market", exact=True).click()
    expect(rows.first).to_contain_text("BLK/BTC")
    page.get_by_role("searchbox").fill("doge")
    expect(rows).to_have_count(1)
    rows.first.click()
    page.wait_for_url("**/trade/DOGE-BTC")
