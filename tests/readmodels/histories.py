"""A long and lively history in three markets, the same every time. Money comes and goes."""

from functools import cache
from random import Random

from coinport.engine.rulebook import Rulebook
from coinport.model import commands as c
from coinport.model.trading import MarketState, OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.transfers import DepositStage, TransferStatus
from coinport.model.units import SUSPENSE_ACCOUNT, AccountId
from tests.scenario import play
from tests.world import World

PEOPLE = ("alice", "bob", "carol", "dave", "erin")
COMMANDS = 3_000
MIDDLE = 10_000
"""Ticks, in all markets."""

PROLOGUE = """
admin lists EUR with 6 decimals
admin lists BTC-EUR with prices to 0.01 and amounts to 0.0001
admin lists EUR-USD with prices to 0.0001 and amounts to 0.01
admin charges makers 0.1% and takers 0.25% in BTC-USD
admin allows prices within 90% in BTC-EUR
"""


@cache
def lively() -> World:
    deposits = "\n".join(
        f"{who} deposits {amount}"
        for who in PEOPLE
        for amount in ("1000 BTC", "1000000 USD", "1000000 EUR")
    )
    world = play(PROLOGUE + deposits, Rulebook)
    chance, of_transfers = Random(7), Random(8)
    for _ in range(COMMANDS):
        world.time += chance.choice((0, 0, 1, 40, 5_000, 300_000))  # type: ignore[assignment]
        world.tell(_command(world, chance))
        if of_transfers.random() < 0.1:
            world.tell(_transfer(world, of_transfers))
    world.tell(c.SuspendAccount(world.accounts["erin"], "admin", "why"))
    return world


def _command(world: World, chance: Random) -> c.Command:
    account = world.accounts[chance.choice(PEOPLE)]
    market = world.listings.markets[chance.choice((1, 2, 3))]  # type: ignore[index]
    kind = chance.randrange(1000)
    if kind < 700:
        return _order(chance, account, market.market)
    if kind < 710:
        named = [order for order in world.orders.values() if order.client_order_id]
        return named[-1] if named else c.OpenAccount()
    if kind < 900:
        lately = sorted(world.orders)[-100:]
        order = chance.choice(lately) if lately else 0
        return c.CancelOrder(world.orders[order].account if order else account, order)  # type: ignore
    if kind < 905:
        return c.CancelAllOrders(account, chance.choice((0, 1, 2, 3)))  # type: ignore[arg-type]
    if kind < 930:
        amount = chance.randrange(1, 10**6)
        key = str(amount) if amount % 2 else ""
        return c.Debit(account, market.base, amount, key, "admin", "out")  # type: ignore[arg-type]
    if kind < 933:
        return c.SuspendAccount(account, "admin", "why")
    if kind < 970:
        return c.ResumeAccount(account, "admin", "why")
    if kind < 973:
        return c.SetMarketState(market.market, MarketState.CANCEL_ONLY, "admin", "why")
    if kind < 995:
        return c.SetMarketState(market.market, MarketState.OPEN, "admin", "why")
    return c.OpenAccount()


def _transfer(world: World, chance: Random) -> c.Command:
    account = world.accounts[chance.choice(PEOPLE)]
    currency, amount = chance.choice((1, 2, 3)), chance.randrange(10, 10**9)
    kind = chance.randrange(5)
    if kind == 0:
        whose = chance.choice((account, SUSPENSE_ACCOUNT))
        key = f"BTC:tx{len(world.records)}:0"
        return c.AnnounceDeposit(whose, currency, amount, key, "there", "admin", "why")  # type: ignore[arg-type]
    if kind == 1:
        return c.RequestWithdrawal(account, currency, amount, amount // 10, "there", "memo")  # type: ignore[arg-type]
    return _moved_on(world, chance, account)


def _moved_on(world: World, chance: Random, account: AccountId) -> c.Command:
    """What may be done next to one of the deposits or withdrawals that there are."""
    by, paid = ("admin", "why"), f"tx{len(world.records)}"
    snapshot = world.look()
    if snapshot.deposits and chance.random() < 0.5:
        deposit = chance.choice(snapshot.deposits)
        of = deposit.transfer
        if deposit.stage is DepositStage.ANNOUNCED:
            return chance.choice((c.CreditDeposit, c.CreditDeposit, c.DropDeposit))(of, *by)
        if deposit.stage is DepositStage.CREDITED:
            return chance.choice((c.HoldDeposit(of, *by), c.AssignDeposit(of, account, *by)))
        return chance.choice((c.ReleaseDeposit, c.WriteOffDeposit))(of, *by)
    if not snapshot.withdrawals:
        return c.OpenAccount()
    withdrawal = chance.choice(snapshot.withdrawals)
    of = withdrawal.transfer
    ways: list[c.Command]
    if withdrawal.status is TransferStatus.PENDING:
        ways = [c.ApproveWithdrawal(of, *by), c.CancelWithdrawal(withdrawal.account, of)]
    else:
        ways = [c.SendWithdrawal(of, paid, "admin"), c.SettleWithdrawal(of, paid, *by)]
    return chance.choice([*ways, *ways, c.FailWithdrawal(of, True, *by)])


def _order(chance: Random, account: int, market: int) -> c.PlaceOrder:
    order_type = chance.choice((OrderType.LIMIT,) * 8 + (OrderType.MARKET,))
    side = chance.choice((Side.BUY, Side.SELL))
    limit = order_type is OrderType.LIMIT
    price = MIDDLE + chance.randrange(-12, 13)
    by_value = not limit and side is Side.BUY and chance.random() < 0.5
    stop = limit and chance.random() < 0.1
    gtc = chance.random() < 0.8
    return c.PlaceOrder(
        account=account,  # type: ignore[arg-type]
        market=market,  # type: ignore[arg-type]
        side=side,
        order_type=order_type,
        price=price if limit else 0,  # type: ignore[arg-type]
        quantity=0 if by_value else chance.randrange(1, 20_000),  # type: ignore[arg-type]
        value=10**9 if by_value else 0,  # type: ignore[arg-type]
        time_in_force=TimeInForce.GTC if gtc else chance.choice(list(TimeInForce)),
        post_only=limit and gtc and not stop and chance.random() < 0.1,
        stop_price=MIDDLE + chance.randrange(-12, 13) if stop else 0,  # type: ignore[arg-type]
        self_trade_prevention=chance.choice(list(SelfTradePrevention)),
        client_order_id=f"id-{chance.randrange(10**6)}" if chance.random() < 0.1 else "",
    )
