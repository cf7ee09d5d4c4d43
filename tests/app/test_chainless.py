"""An exchange without a chain of a currency takes none of it in and lets none of it out."""

from pathlib import Path

import pytest

from coinport.gateway.errors import Code
from coinport.operations.actors import Actor
from coinport.operations.requests import Move
from tests.app.consoles import house

USER = "ursula@example.com"
ADDRESSES = {
    "BTC": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "XRP": "rrrrrrrrrrrrrrrrrrrrrhoLvTp",
    "NXT": "NXT-XK4R-7VJU-6EQG-7R335",
    "BTSX": "somebody",
}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("currency", ADDRESSES)
async def test_a_currency_without_a_chain_is_neither_deposited_nor_withdrawn(
    tmp_path: Path, currency: str
) -> None:
    async with house(tmp_path) as exchange:
        browser = await exchange.user(USER)
        gift = Move("credit", USER, currency, "100", "a gift", "")
        await exchange.running.administration.perform(gift, Actor("root"))
        body = {"currency": currency, "address": ADDRESSES[currency], "amount": 50}
        refused = await browser.post("user/submit_withdrawal", body)
        assert (refused.code, "no node of it" in refused.message) == (Code.BAD_PARAMETER, True)
        assert (await browser.get("user/balance")).data[currency][0] == 100
        wanted = await browser.post(f"user/create_deposit_addr/{currency}")
        assert wanted.code == Code.BAD_PARAMETER
