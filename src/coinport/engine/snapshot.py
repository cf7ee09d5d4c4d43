"""Snapshots: the whole state as canonical bytes, and back.

Canonical: equal states give equal bytes, so the SHA-256 of a snapshot is the digest of a state and
any two engines can be compared by it. Balances are sorted; resting orders stand in the order in
which they would trade, which is all there is to know about time priority. Deposits and withdrawals
stand in the order of their ids.
"""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from coinport.engine.book import Book, Order
from coinport.engine.state import Account, ClientOrder, Deposit, State, Withdrawal
from coinport.model.commands import PlaceOrder
from coinport.model.listings import Currency, Market
from coinport.model.trading import Side
from coinport.model.transfers import DepositStage, TransferStatus
from coinport.model.units import (
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    OrderId,
    Price,
    Quantity,
    Sequence,
    TimeMs,
    TradeId,
    TransferId,
)


class Resting(Struct, array_like=True, gc=False):
    order: OrderId
    account: AccountId
    market: MarketId
    side: Side
    price: Price
    leaves: Quantity


class Waiting(Struct, array_like=True, gc=False):
    order: OrderId
    terms: PlaceOrder


class Remembered(Struct, array_like=True, gc=False):
    account: AccountId
    client_order_id: str
    time: TimeMs
    order: OrderId
    contents: bytes


class SavedDeposit(Struct, array_like=True, gc=False):
    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount
    key: str
    actor: str
    stage: DepositStage
    held: Amount


class SavedWithdrawal(Struct, array_like=True, gc=False):
    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount
    fee: Amount
    status: TransferStatus


class Snapshot(Struct, array_like=True):
    sequence: Sequence
    time: TimeMs
    next_account: AccountId
    next_order: OrderId
    next_trade: TradeId
    currencies: list[Currency]
    markets: list[Market]
    last_prices: list[Price]
    suspended: list[AccountId]
    balances: list[tuple[CurrencyId, int, int]]
    resting: list[Resting]
    waiting: list[Waiting]
    remembered: list[Remembered]
    keys: list[str]
    next_transfer: TransferId
    deposits: list[SavedDeposit]
    credited: list[tuple[TransferId, TimeMs]]
    withdrawals: list[SavedWithdrawal]


_encode = msgspec.msgpack.Encoder().encode
_decode: Callable[[bytes], Snapshot] = msgspec.msgpack.Decoder(Snapshot).decode


def dump(state: State) -> bytes:
    books = list(state.books.values())
    return _encode(
        Snapshot(
            sequence=state.sequence,
            time=state.time,
            next_account=state.next_account,
            next_order=state.next_order,
            next_trade=state.next_trade,
            currencies=list(state.listings.currencies.values()),
            markets=[book.market for book in books],
            last_prices=[book.last_price for book in books],
            suspended=[of for of, account in state.accounts.items() if account.suspended],
            balances=state.ledger.rows(),
            resting=[
                Resting(o.order, o.account, o.market, o.side, o.price, o.leaves)
                for book in books
                for half in (book.bids, book.asks)
                for o in half.queue()
            ],
            waiting=[
                Waiting(o.order, o.terms)
                for o in sorted(state.orders.values(), key=lambda o: o.order)
                if o.terms is not None
            ],
            remembered=[
                Remembered(account, name, *first)
                for (account, name), first in state.client_orders.items()
            ],
            keys=sorted(state.keys),
            next_transfer=state.next_transfer,
            deposits=[
                SavedDeposit(of, d.account, d.currency, d.amount, d.key, d.actor, d.stage, d.held)
                for of, d in state.deposits.items()
            ],
            credited=list(state.credited.items()),
            withdrawals=[
                SavedWithdrawal(of, w.account, w.currency, w.amount, w.fee, w.status)
                for of, w in state.withdrawals.items()
            ],
        )
    )


def read(data: bytes) -> Snapshot:
    """What stands in a snapshot, whichever engine made it. Raises msgspec.DecodeError."""
    return _decode(data)


def load(data: bytes) -> State:
    """Raises msgspec.DecodeError where `data` is not a snapshot."""
    saved = read(data)
    state = State()
    state.sequence, state.time = saved.sequence, saved.time
    state.next_account = saved.next_account
    state.next_order = saved.next_order
    state.next_trade = saved.next_trade
    for currency in saved.currencies:
        state.listings.put_currency(currency)
        state.ledger.add_currency(currency.currency)
    for market, last_price in zip(saved.markets, saved.last_prices, strict=True):
        state.listings.put_market(market)
        state.books[market.market] = Book(market)
        state.books[market.market].last_price = last_price
    _load_accounts(state, saved)
    _load_orders(state, saved)
    for row in saved.remembered:
        first = ClientOrder(row.time, row.order, row.contents)
        state.client_orders[row.account, row.client_order_id] = first
    state.keys.update(saved.keys)
    _load_transfers(state, saved)
    return state


def _load_accounts(state: State, saved: Snapshot) -> None:
    # Accounts are numbered without gaps, so only the next number needs to be saved.
    for number in range(State().next_account, saved.next_account):
        state.accounts[AccountId(number)] = Account()
    for suspended in saved.suspended:
        state.accounts[suspended].suspended = True
    for currency, of, balance in saved.balances:
        state.ledger.put(currency, of, balance)


def _load_orders(state: State, saved: Snapshot) -> None:
    for row in saved.resting:
        book = state.books[row.market]
        order = Order(row.order, row.account, book.market, row.side, row.price, row.leaves, None)
        book.own(row.side).add(order)
        _open(state, order)
    for waiting in saved.waiting:
        terms = waiting.terms
        book = state.books[terms.market]
        _open(
            state,
            Order(
                waiting.order,
                terms.account,
                book.market,
                terms.side,
                terms.price,
                terms.quantity,
                terms,
            ),
        )
        book.triggers.add(terms.side, terms.stop_price, waiting.order)
        state.accounts[terms.account].stops += 1


def _load_transfers(state: State, saved: Snapshot) -> None:
    state.next_transfer = saved.next_transfer
    for row in saved.deposits:
        deposit = Deposit(row.account, row.currency, row.amount, row.key, row.actor)
        deposit.stage, deposit.held = row.stage, row.held
        state.deposits[row.transfer] = deposit
    state.credited.update(saved.credited)
    for of in saved.withdrawals:
        withdrawal = Withdrawal(of.account, of.currency, of.amount, of.fee)
        withdrawal.status = of.status
        state.withdrawals[of.transfer] = withdrawal


def _open(state: State, order: Order) -> None:
    state.orders[order.order] = state.accounts[order.account].orders[order.order] = order
