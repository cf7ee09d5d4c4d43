"""The treasury: what the wallets have, what is wrong with them, and proofs of what is owed."""

import re
from typing import Any, Final, assert_never

from coinport.app.admin.dashboard import Dashboard
from coinport.app.admin.desk import Desk, NotDone, on_chain
from coinport.app.money import Money
from coinport.model.decimals import decimal_text
from coinport.model.listings import Currency
from coinport.model.units import AccountId
from coinport.operations.requests import (
    Publish,
    Rescan,
    ShowAlarms,
    ShowDashboard,
    ShowWallets,
    TreasuryRequest,
)
from coinport.reserves.catalog import HEAD_BYTES, Published
from coinport.reserves.holdings import CurrencyReserves
from coinport.reserves.layout import Kind
from coinport.wallets.chain import ChainUnavailable

RATIO_DECIMALS: Final = 4
PEOPLE_AT_ONCE: Final = 1_000

_ROOT: Final = re.compile(rb'\n"root":"([0-9a-f]{64})",\n')


class Treasury:
    def __init__(self, desk: Desk, money: Money, dashboard: Dashboard) -> None:
        self._desk = desk
        self._dashboard = dashboard
        self._wallets = money.wallets
        self._approvals = money.wallets.approvals
        self._alarms = money.wallets.alarms
        self._holdings = money.holdings
        self._publisher = money.publisher

    async def act(self, request: TreasuryRequest) -> dict[str, Any]:
        """Only the audit log says who has asked for it: nothing changes in the ledger."""
        match request:
            case ShowWallets(symbol):
                return {"wallets": [await self._wallet(one) for one in self._currencies(symbol)]}
            case ShowAlarms():
                return {
                    "alarms": [
                        {"alarm": alarm.value, "currency": currency, "cases": level}
                        for alarm, currency, level in self._alarms.levels()
                        if level
                    ]
                }
            case ShowDashboard():
                return await self._dashboard.figures()
            case Publish():
                return await self._publish()
            case Rescan(symbol):
                return await self._rescan(symbol)
            case _:
                assert_never(request)

    def _currencies(self, symbol: str) -> list[Currency]:
        """All for "". Raises ApiError and NotDone."""
        if not symbol:
            return [one for one in self._desk.listings.currencies.values() if on_chain(one)]
        currency = self._desk.currency(symbol)
        if not on_chain(currency):
            raise NotDone(
                f"{currency.symbol} is on no chain: the wallets have nothing of it",
                zh=f"{currency.symbol} 不在区块链上，钱包中没有该币种",
            )
        return [currency]

    async def _wallet(self, currency: Currency) -> dict[str, Any]:
        symbol, reserves = currency.symbol, self._holdings.all.get(currency.symbol)
        if reserves is None:
            return {"currency": symbol}
        figures = {
            "hot": reserves.at("hot"),
            "cold": reserves.at("cold"),
            "users": reserves.at("user"),
            "total": reserves.assets,
            "payable": reserves.payable,
        }
        return {
            "currency": symbol,
            **{name: decimal_text(units, currency.decimals) for name, units in figures.items()},
            "ratio": _ratio(reserves),
            "height": reserves.height,
            "looked_at_ms": reserves.timestamp,
            "withdrawals_paused": await self._approvals.paused(symbol),
            "alarms": [
                alarm.value for alarm, of, level in self._alarms.levels() if level and of == symbol
            ],
        }

    async def _rescan(self, symbol: str) -> dict[str, Any]:
        (currency,) = self._currencies(symbol)
        if currency.symbol not in self._wallets.purses:
            raise NotDone(
                f"there is no chain of {currency.symbol} here",
                zh=f"此处没有 {currency.symbol} 的链",
            )
        accounts: list[AccountId] = []
        more = True
        while more:
            after = accounts[-1] if accounts else 0
            people, more = await self._desk.services.people.search(
                "", after=after, limit=PEOPLE_AT_ONCE
            )
            accounts += [profile.account for profile in people]
        try:
            await self._wallets.rescan(currency.symbol, accounts)
        except ChainUnavailable as error:
            raise NotDone(
                f"{error}: ask again when it answers", zh=f"{error}：待其恢复后重试"
            ) from None
        return {"currency": currency.symbol, "accounts": len(accounts), "rescanned": True}

    async def _publish(self) -> dict[str, Any]:
        done = await self._publisher.publish()
        return {
            "sequence": done.sequence,
            "files": [self._file(file, done.owed[file.currency]) for file in done.files],
        }

    def _file(self, file: Published, owed: int) -> dict[str, Any]:
        path = self._desk.services.proofs.catalog.path(file)
        row = {"file": str(path), "size_bytes": file.size_bytes, "total": "", "root": ""}
        if file.kind is Kind.SNAPSHOT:
            with path.open("rb") as opened:
                root = _ROOT.search(opened.read(HEAD_BYTES))
            assert root is not None
            row["total"] = decimal_text(owed, self._desk.currency(file.currency).decimals)
            row["root"] = root[1].decode()
        return row


def _ratio(reserves: CurrencyReserves) -> str:
    """Of what is owed, how much is there; rounded down, and empty where nothing is owed."""
    if not reserves.payable:
        return ""
    return decimal_text(reserves.covered * 10**RATIO_DECIMALS // reserves.payable, RATIO_DECIMALS)
