"""Random histories of a small, busy exchange: funded accounts, a narrow band of prices.

Four accounts trade in three markets: one with a minimum, one with fees, and one that takes its
minimum from the first. Money comes and goes: BTC and LTC on chains, USD on none. Most of what they
do is possible, so that much of it happens.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple, get_type_hints

from hypothesis import strategies as st
from msgspec.structs import replace

from coinport.model import commands as c
from coinport.model.events import Event
from coinport.model.listings import CurrencyKind
from coinport.model.trading import MarketState, OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import ACCOUNT_FIRST, ORDER_FIRST, SUSPENSE_ACCOUNT, TRANSFER_FIRST
from tests.properties.oracle import Oracle
from tests.properties.oracle.exchange import Transfer

BY = ("admin", "history")
ACCOUNTS = [ACCOUNT_FIRST + n for n in range(4)]
CURRENCIES = (1, 2, 3)
MARKETS = (1, 2, 3)
FUNDS = 2_500
OPENING: list[c.Command] = [
    c.AddCurrency("BTC", 4, CurrencyKind.CHAIN, *BY),
    c.AddCurrency("USD", 4, CurrencyKind.FIAT, *BY),
    c.AddCurrency("LTC", 4, CurrencyKind.CHAIN, *BY),
    c.AddMarket(1, 2, 2, 2, 200, 0, 0, 0, MarketState.OPEN, *BY),
    c.AddMarket(3, 2, 2, 2, 0, 0, 1_000, 2_700, MarketState.OPEN, *BY),
    c.AddMarket(3, 1, 2, 2, 300, 1, 0, 0, MarketState.OPEN, *BY),
    c.SetPriceBand(3, 20_000, *BY),
    *(c.OpenAccount() for _ in ACCOUNTS),
    *(c.Credit(a, currency, FUNDS, "", *BY) for a in ACCOUNTS for currency in CURRENCIES),
]
HOUR = 3_600_000
MONTH = 30 * 24 * HOUR


EXTREMES = [-(2**63), -1, 0, 1, 2, 3, 8, 9, 10, 10**6, 10**9, 2**62 - 1, 2**62, 2**63, 2**64 - 1]


class CancelOpen(NamedTuple):
    """Cancel one of the orders that are open by then, as its owner or as somebody else."""

    pick: int
    stranger: bool


class SendAgain(NamedTuple):
    """Send one of the orders before once more, as it was."""

    pick: int


class MoveOn(NamedTuple):
    """Do something to one of the deposits, or of the withdrawals, that there are by then: what is
    to be done next or, astray, anything to any. Where there are none, begin one."""

    deposit: bool
    pick: int
    way: int
    actor: str
    astray: bool


class Step(NamedTuple):
    later_ms: int
    does: c.Command | CancelOpen | SendAgain | MoveOn | None


class Told(NamedTuple):
    """A command and what the oracle says to it."""

    time: int
    command: c.Command
    events: list[Event]


def tell(oracle: Oracle, steps: Iterable[Step]) -> list[Told]:
    """The opening and then `steps`, as the oracle has them."""
    told = [Told(0, command, oracle.execute(0, command)) for command in OPENING]
    time = 0
    for step in steps:
        if step.does is None:
            continue
        time += step.later_ms
        command = _command(step.does, oracle, told)
        told.append(Told(time, command, oracle.execute(time, command)))
    return told


def _command(does: Any, oracle: Oracle, told: list[Told]) -> c.Command:
    if isinstance(does, CancelOpen):
        found = oracle.exchange.open
        if not found:
            return c.CancelOrder(ACCOUNTS[0], ORDER_FIRST)
        order = found[does.pick % len(found)]
        owner = order.terms.account
        return c.CancelOrder(owner % 4 + ACCOUNT_FIRST if does.stranger else owner, order.number)
    if isinstance(does, SendAgain):
        placed = [past.command for past in told if isinstance(past.command, c.PlaceOrder)]
        named = [order for order in placed if order.client_order_id] or placed
        return named[does.pick % len(named)] if named else c.OpenAccount()
    if isinstance(does, MoveOn):
        return _moved_on(does, oracle.exchange.transfers)
    return does


def _moved_on(does: MoveOn, transfers: list[Transfer]) -> c.Command:
    """To one of those begun lately: so that some get far."""
    alive = [of for of in transfers if does.astray or of.status != "over"]
    found = [of for of in alive if does.astray or does.deposit is (of.key != "")][-8:]
    if not found:
        return _begun(does, f"tx-{len(transfers)}")
    of = found[does.pick % len(found)]
    ways = ASTRAY if does.astray else NEXT[of.status]
    return ways[does.way % len(ways)](of, does)


def _begun(does: MoveOn, key: str) -> c.Command:
    currency, amount = CURRENCIES[does.way % 3], 100 + does.pick
    if does.deposit:
        account = [*ACCOUNTS[:3], SUSPENSE_ACCOUNT][does.pick % 4]
        return c.AnnounceDeposit(account, currency, amount, key, "", does.actor, "why")
    return c.RequestWithdrawal(ACCOUNTS[does.pick % 4], currency, amount, does.pick, "there", "")


def _by(command: Any) -> Any:
    return lambda of, does: command(of.number, does.actor, "why")


def _assign(of: Transfer, does: MoveOn) -> c.Command:
    return c.AssignDeposit(of.number, ACCOUNTS[does.pick % 4], does.actor, "why")


def _cancel_withdrawal(of: Transfer, does: MoveOn) -> c.Command:
    return c.CancelWithdrawal(ACCOUNTS[does.pick % 4] if does.astray else of.account, of.number)


def _send(of: Transfer, does: MoveOn) -> c.Command:
    return c.SendWithdrawal(of.number, "tx", does.actor)


def _fail(of: Transfer, does: MoveOn) -> c.Command:
    return c.FailWithdrawal(of.number, does.pick % 2 == 1, does.actor, "why")


def _settle(of: Transfer, does: MoveOn) -> c.Command:
    return c.SettleWithdrawal(of.number, "tx", does.actor, "why")


NEXT = {
    "announced": [*[_by(c.CreditDeposit)] * 4, _by(c.DropDeposit)],
    "credited": [_by(c.HoldDeposit), _assign],
    "held": [_by(c.ReleaseDeposit), _by(c.WriteOffDeposit)],
    "pending": [*[_by(c.ApproveWithdrawal)] * 4, _fail, _cancel_withdrawal],
    "processing": [_send, _send, _settle, _send, _fail],
    "confirming": [_send, _settle, _settle, _fail],
}
ASTRAY = [way for ways in NEXT.values() for way in ways]


def _mostly(usual: Any, *others: Any, times: int = 1) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * times + list(others))


def _order(order: c.PlaceOrder) -> c.PlaceOrder:
    """Sense where chance made none: a market order says little."""
    if order.order_type is OrderType.LIMIT:
        return replace(order, value=0)
    by_value = order.value and order.side is Side.BUY
    return replace(
        order,
        price=0,
        post_only=False,
        stop_price=0,
        quantity=0 if by_value else order.quantity,
        value=order.value if by_value else 0,
    )


_account = st.sampled_from(ACCOUNTS)
_market = st.sampled_from([1, 1, 1, 2, 2, 3])
_price = st.integers(96, 104)
_orders = st.builds(
    c.PlaceOrder,
    account=_account,
    market=_market,
    side=st.sampled_from(Side),
    order_type=_mostly(OrderType.LIMIT, OrderType.MARKET, times=5),
    price=_price,
    quantity=st.integers(1, 12),
    value=_mostly(0, 50, 300, 777, 1500, times=4),
    time_in_force=_mostly(TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, times=5),
    post_only=_mostly(False, True, times=6),
    stop_price=_mostly(0, 97, 98, 99, 101, 102, 103, times=20),
    self_trade_prevention=_mostly(*SelfTradePrevention, times=2),
    client_order_id=_mostly("", "a", "b", times=9),
).map(_order)

_signed = {"actor": st.just("admin"), "note": st.just("why")}
_moved = {
    "account": _account,
    "currency": st.sampled_from(CURRENCIES),
    "amount": st.integers(1, 2_000),
    "key": st.sampled_from(["", "", "k", "l", "m"]),
}
_credit = st.builds(c.Credit, **_moved, **_signed)
_announce = st.builds(
    c.AnnounceDeposit,
    account=_mostly(SUSPENSE_ACCOUNT, *ACCOUNTS, times=2),
    currency=_mostly(*CURRENCIES),
    amount=st.integers(1, 900),
    key=st.sampled_from([*(f"tx{n}" for n in range(40)), *"klm"]),
    address=_mostly("", "here"),
    **_signed,
)
_request = st.builds(
    c.RequestWithdrawal,
    account=_account,
    currency=_mostly(*CURRENCIES),
    amount=st.integers(1, 400),
    fee=_mostly(0, 1, 30),
    address=st.just("there"),
    memo=_mostly("", "7"),
)
_move_on = st.builds(
    MoveOn,
    deposit=st.booleans(),
    pick=st.integers(0, 50),
    way=st.integers(0, 50),
    actor=_mostly("admin", "auditor", times=2),
    astray=_mostly(False, True, times=7),
)
_cancel = st.builds(CancelOpen, st.integers(0, 50), _mostly(False, True, times=5))
_ppm = st.integers(0, 5_000)
_state = _mostly(MarketState.OPEN, MarketState.CANCEL_ONLY, MarketState.HALTED, times=5)
_listed = {"market": st.sampled_from(MARKETS)}
_kinds = {
    st.none(): 3,
    _orders: 70,
    _cancel: 12,
    st.builds(SendAgain, st.integers(0, 50)): 6,
    st.builds(c.CancelAllOrders, _account, st.sampled_from([0, *MARKETS])): 2,
    st.builds(c.SuspendAccount, account=st.just(ACCOUNTS[3]), **_signed): 1,
    st.builds(c.ResumeAccount, account=st.just(ACCOUNTS[3]), **_signed): 3,
    _credit: 3,
    st.builds(c.Debit, **_moved, **_signed): 2,
    _announce: 6,
    _request: 5,
    _move_on: 27,
    st.builds(c.SetMarketState, state=_state, **_listed, **_signed): 2,
    st.builds(c.SetMarketFees, maker_fee_ppm=_ppm, taker_fee_ppm=_ppm, **_listed, **_signed): 1,
    st.builds(c.SetPriceBand, band_ppm=_mostly(0, 20_000), **_listed, **_signed): 3,
}
_weighted = [kind for kind, weight in _kinds.items() for _ in range(weight)]
_does = st.sampled_from(_weighted).flatmap(lambda kind: kind)
_step = st.builds(Step, _mostly(0, 1, 12 * HOUR, 24 * HOUR, MONTH, times=24), _does)

histories = st.lists(_step, min_size=75, max_size=125)
"""Long ones: much of what may go wrong takes many orders. Those that do nothing are there for a
history that fails to shrink to."""


def _wild(command: c.Command) -> st.SearchStrategy[c.Command]:
    """`command` with one of its fields, whichever, at anything that its type can be."""
    if not command.__struct_fields__:
        return st.just(command)
    hints = get_type_hints(type(command))
    return st.sampled_from(command.__struct_fields__).flatmap(
        lambda name: st.builds(replace, st.just(command), **{name: _anything(hints[name])})
    )


def _anything(kind: Any) -> st.SearchStrategy[Any]:
    kind = getattr(kind, "__supertype__", kind)
    if kind is str:
        return st.sampled_from(["", "3Z", "Z" * 11, "12", "é" * 36, "x" * 37, "€" * 200, "x" * 201])
    if kind is bool:
        return st.booleans()
    if issubclass(kind, IntEnum):
        return st.sampled_from(kind)
    return st.sampled_from(EXTREMES)


_listing = st.builds(
    c.AddCurrency,
    symbol=st.sampled_from(["BTC", "XRP", "1INCH"]),
    decimals=st.integers(0, 9),
    kind=st.sampled_from(CurrencyKind),
    **_signed,
) | st.builds(
    c.AddMarket,
    base=st.integers(1, 5),
    quote=st.integers(1, 5),
    price_decimals=st.integers(0, 3),
    amount_decimals=st.integers(0, 3),
    minimum_value=_mostly(0, 100, times=2),
    reference=_mostly(0, 1, 2, times=2),
    maker_fee_ppm=_ppm,
    taker_fee_ppm=_ppm,
    state=st.sampled_from(MarketState),
    **_signed,
)
_transfer = {"transfer": st.integers(TRANSFER_FIRST, TRANSFER_FIRST + 5)}
_steps = st.one_of(
    *(
        st.builds(command, **_transfer, **_signed)
        for command in (
            c.CreditDeposit,
            c.DropDeposit,
            c.HoldDeposit,
            c.ReleaseDeposit,
            c.WriteOffDeposit,
            c.ApproveWithdrawal,
        )
    ),
    st.builds(c.FailWithdrawal, never_arrives=st.booleans(), **_transfer, **_signed),
    st.builds(c.AssignDeposit, account=_account, **_transfer, **_signed),
    st.builds(c.CancelWithdrawal, account=_account, **_transfer),
    st.builds(c.SendWithdrawal, txid=_mostly("tx", ""), actor=st.just("admin"), **_transfer),
    st.builds(c.SettleWithdrawal, txid=_mostly("tx", ""), **_transfer, **_signed),
)
_of_nothing = st.builds(replace, _orders, quantity=st.sampled_from([0, -1]))
_money = (_credit, _announce, _request, _move_on, _steps)
_commands = st.sampled_from(
    [*_kinds, *[_orders] * 16, _of_nothing, *[_listing, *_money] * 3]
).flatmap(lambda kind: kind)
_stays = (CancelOpen, SendAgain, MoveOn, type(None))
_tame_or_wild = _commands | _commands.flatmap(
    lambda does: st.just(does) if isinstance(does, _stays) else _wild(does)
)
wild_histories = st.lists(
    st.builds(Step, _mostly(0, HOUR, -HOUR, times=8), _tame_or_wild), min_size=75, max_size=125
)
"""Half of the commands have something in them that may make no sense at all."""
