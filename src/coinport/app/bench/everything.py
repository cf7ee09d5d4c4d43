"""A flow of commands of every kind, from a seed: some of them are refused, as in life.

Three markets, two hundred accounts. It is made with an engine at hand, a batch at a time, because
cancels and steps of transfers have to name what there is by then.
"""

import random
from collections.abc import Callable, Iterator
from itertools import islice

from coinport.engine.seam import Engine
from coinport.model import commands as c
from coinport.model import events as e
from coinport.model.listings import CurrencyKind
from coinport.model.records import decode_record, encode_command
from coinport.model.trading import MarketState, OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import (
    ACCOUNT_FIRST,
    SUSPENSE_ACCOUNT,
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    OrderId,
    Price,
    Quantity,
    TimeMs,
    TransferId,
)

ACCOUNTS = 200
BATCH = 200
START = TimeMs(1_700_000_000_000)
_BY = ("bench", "flow")
_MID = 10_000
_FUNDS = Amount(10**14)


def everything(engine: Engine, seed: int = 1) -> Iterator[tuple[TimeMs, list[bytes], list[bytes]]]:
    """Time, commands and the records that `engine`, a new one, makes of them; without end."""
    maker = _Maker(random.Random(seed))  # noqa: S311, it must repeat itself
    time, batch = START, maker.opening()
    while True:
        commands = [encode_command(command) for command in batch]
        records = engine.execute(time, commands)
        yield time, commands, records
        for record in records:
            maker.learn(record)
        time = TimeMs(time + maker.dice.choice((0, 1, 1, 50, 60_000, 3_600_000)))
        batch = list(islice(iter(maker.next, None), BATCH))


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.open: dict[OrderId, AccountId] = {}
        self.recent: list[OrderId] = []
        self.deposits: list[TransferId] = []
        self.withdrawals: list[TransferId] = []
        """Both the newest ones: so few that some get far."""
        self.keys = 0
        kinds: dict[Callable[[], c.Command], int] = {
            self.order: 520,
            self.cancel: 330,
            self.money: 45,
            self.transfer: 95,
            self.administration: 10,
        }
        self.kinds, self.weights = list(kinds), list(kinds.values())

    def opening(self) -> list[c.Command]:
        usd, btc, ltc = CurrencyId(1), CurrencyId(2), CurrencyId(3)
        free, state = (Amount(0), MarketId(0)), MarketState.OPEN
        accounts = [AccountId(ACCOUNT_FIRST + n) for n in range(ACCOUNTS)]
        return [
            c.AddCurrency("USD", 8, CurrencyKind.FIAT, *_BY),
            c.AddCurrency("BTC", 8, CurrencyKind.CHAIN, *_BY),
            c.AddCurrency("LTC", 8, CurrencyKind.CHAIN, *_BY),
            c.AddMarket(btc, usd, 2, 4, *free, 0, 0, state, *_BY),
            c.AddMarket(ltc, usd, 2, 4, *free, 1_000, 2_500, state, *_BY),
            c.AddMarket(ltc, btc, 2, 4, Amount(5_000_000), MarketId(1), 0, 1, state, *_BY),
            *(c.OpenAccount() for _ in accounts),
            *(c.Credit(a, of, _FUNDS, "", *_BY) for a in accounts for of in (usd, btc, ltc)),
        ]

    def next(self) -> c.Command:
        return self.dice.choices(self.kinds, self.weights)[0]()

    def learn(self, data: bytes) -> None:
        for event in decode_record(data).events:
            match event:
                case e.OrderPlaced(order, account):
                    self.open[order] = account
                    self.recent.append(order)
                case e.OrderCanceled(order):
                    self.open.pop(order, None)
                case e.DepositAnnounced(transfer):
                    self.deposits.append(transfer)
                case e.WithdrawalRequested(transfer):
                    self.withdrawals.append(transfer)
        del self.recent[:-4_000]
        del self.deposits[:-12], self.withdrawals[:-12]

    def account(self) -> AccountId:
        return AccountId(ACCOUNT_FIRST + self.dice.randrange(ACCOUNTS))

    def order(self) -> c.Command:
        dice = self.dice
        side = dice.choice((Side.BUY, Side.SELL))
        market = MarketId(dice.choice((1, 1, 1, 2, 2, 3)))
        away = int(dice.expovariate(1 / 60)) - 5
        price = Price(max(1, _MID - away if side is Side.BUY else _MID + away))
        quantity = Quantity(1 + int(dice.expovariate(1 / 40)))
        more = {
            "self_trade_prevention": dice.choice(tuple(SelfTradePrevention)),
            "client_order_id": f"order-{dice.randrange(1_000)}" if dice.random() < 0.2 else "",
        }
        account, kind = self.account(), dice.random()
        if kind < 0.06:
            by_value = side is Side.BUY and kind < 0.03
            amount = {"quantity": Quantity(0), "value": Amount(quantity * _MID * 100)}
            return c.PlaceOrder(
                account,
                market,
                side,
                OrderType.MARKET,
                Price(0),
                **(amount if by_value else {"quantity": quantity}),
                **more,  # type: ignore[arg-type]
            )
        if kind < 0.10:
            ahead = dice.randrange(-20, 60)
            stop = _MID + ahead if side is Side.BUY else _MID - ahead
            more["stop_price"] = Price(stop)
        elif kind < 0.20:
            more["time_in_force"] = dice.choice((TimeInForce.IOC, TimeInForce.FOK))
        elif kind < 0.25:
            more["post_only"] = True
        return c.PlaceOrder(account, market, side, OrderType.LIMIT, price, quantity, **more)  # type: ignore[arg-type]

    def cancel(self) -> c.Command:
        dice = self.dice
        if dice.random() < 0.01:
            return c.CancelAllOrders(self.account(), MarketId(dice.randrange(4)))
        if dice.random() < 0.01:
            return c.CancelOrder(self.account(), OrderId(dice.choice((0, 1, 2**63 - 1))))
        order = dice.choice(self.recent) if self.recent else OrderId(1)
        owner = self.open.get(order) or self.account()
        return c.CancelOrder(owner if dice.random() < 0.98 else self.account(), order)

    def money(self) -> c.Command:
        dice = self.dice
        self.keys += dice.random() < 0.9
        command = dice.choice((c.Credit, c.Debit))
        key = f"wire-{self.keys}" if dice.random() < 0.5 else ""
        amount = Amount(dice.randrange(1, 10**9))
        return command(self.account(), CurrencyId(dice.randrange(1, 4)), amount, key, *_BY)

    def transfer(self) -> c.Command:
        dice = self.dice
        currency, amount = CurrencyId(dice.randrange(1, 4)), Amount(dice.randrange(1, 10**8))
        kind = dice.random()
        if kind < 0.1 or not self.deposits:
            self.keys += 1
            account = self.account() if dice.random() < 0.8 else SUSPENSE_ACCOUNT
            key = f"tx:{self.keys}"
            return c.AnnounceDeposit(account, currency, amount, key, "there", *_BY)
        if kind < 0.2 or not self.withdrawals:
            fee = Amount(dice.randrange(1_000))
            return c.RequestWithdrawal(self.account(), currency, amount, fee, "there", "")
        by = (dice.choice(("bench", "auditor")), "flow")
        deposit, withdrawal = dice.choice(self.deposits), dice.choice(self.withdrawals)
        if dice.random() < 0.05:
            deposit, withdrawal = withdrawal, deposit
        return dice.choice(
            (
                lambda: c.CreditDeposit(deposit, *by),
                lambda: c.CreditDeposit(deposit, *by),
                lambda: c.DropDeposit(deposit, *by),
                lambda: c.HoldDeposit(deposit, *by),
                lambda: c.ReleaseDeposit(deposit, *by),
                lambda: c.WriteOffDeposit(deposit, *by),
                lambda: c.AssignDeposit(deposit, self.account(), *by),
                lambda: c.ApproveWithdrawal(withdrawal, *by),
                lambda: c.ApproveWithdrawal(withdrawal, *by),
                lambda: c.SendWithdrawal(withdrawal, "tx", by[0]),
                lambda: c.SendWithdrawal(withdrawal, "tx", by[0]),
                lambda: c.SettleWithdrawal(withdrawal, "tx", *by),
                lambda: c.FailWithdrawal(withdrawal, dice.random() < 0.5, *by),
                lambda: c.CancelWithdrawal(self.account(), withdrawal),
            )
        )()

    def administration(self) -> c.Command:
        dice = self.dice
        market = MarketId(dice.randrange(1, 5))
        account = AccountId(ACCOUNT_FIRST + dice.randrange(10))
        state = dice.choice((*[MarketState.OPEN] * 9, MarketState.CANCEL_ONLY, MarketState.HALTED))
        return dice.choice(
            (
                c.OpenAccount,
                lambda: c.SuspendAccount(account, *_BY),
                lambda: c.ResumeAccount(account, *_BY),
                lambda: c.ResumeAccount(account, *_BY),
                lambda: c.SetMarketState(MarketId(3), state, *_BY),
                lambda: c.SetMarketFees(market, dice.randrange(2_000), 2_000, *_BY),
                lambda: c.SetPriceBand(market, dice.choice((0, 0, 300_000)), *_BY),
                lambda: c.AddCurrency(
                    dice.choice(("XRP", "usd", "LTC")), 6, CurrencyKind.CHAIN, *_BY
                ),
                lambda: c.AddMarket(
                    CurrencyId(dice.randrange(1, 6)),
                    CurrencyId(1),
                    2,
                    4,
                    Amount(0),
                    MarketId(0),
                    0,
                    0,
                    MarketState.OPEN,
                    *_BY,
                ),
            )
        )()
