"""Withdrawals: ask for one, and think better of it."""

import asyncio
from typing import Annotated, Final
from weakref import WeakValueDictionary

from msgspec import UNSET, Struct, UnsetType

from coinport.gateway.destinations import read_destination
from coinport.gateway.errors import REFUSALS, ApiError, Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.requests import Permission, Scheme
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.session_codes import SessionCode, check_session_code
from coinport.gateway.signatures import Token, read_authorization
from coinport.gateway.transfers import TransferInfo, shown
from coinport.gateway.wire import REPEATED, FigureIn, units
from coinport.model.commands import CancelWithdrawal, RequestWithdrawal
from coinport.model.events import Refused, WithdrawalCanceled, WithdrawalRequested
from coinport.model.listings import Currency, CurrencyKind
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import AccountId, Amount, TransferId
from coinport.readmodels import transfers as stored
from coinport.readmodels.projection import INTEGER_MAX
from coinport.wallets.addresses import Address

OPEN_MAX: Final = 100
"""Withdrawals of one account that are not over: it asks for no more before some are."""

NO_CHAIN: Final = Text("this exchange has no node of it", "本站未接入该币种的节点")
BELOW_MINIMUM: Final = Text("less than the minimum of a withdrawal", "低于最小提现额")
EATEN_BY_FEE: Final = Text("the fee would take all of it", "不足以支付手续费")
OUR_OWN: Final = Text("an address of this exchange", "不能提现到本平台地址")
NOT_IN_BOOK: Final = Text(
    "not in your address book, or not long enough", "不在地址簿中，或加入时间不足"
)
TOO_MANY_OPEN: Final = Text(
    f"{OPEN_MAX} are open: wait for some of them, or cancel some that are pending",
    f"未完成的提现已达 {OPEN_MAX} 笔，请等待或取消部分",
)
REPLAYED: Final = Text(
    "a request signed by MD5 that was sent before; use HMAC", "MD5 签名的重复请求，请使用 HMAC"
)


class SubmitWithdrawal(Parameters, frozen=True):
    currency: CurrencyName
    address: Annotated[
        str,
        about(
            "On the currency's chain; of money on no chain, where it is to go (a bank account).",
            "提现地址；法币等填写收款账户。",
        ),
    ]
    amount: Annotated[FigureIn, about("The fee comes out of it.", "提现数量，手续费从中扣除。")]
    memo: Annotated[
        str, about("Destination tag or the like, where there is one.", "备注或目标标签。")
    ] = ""
    googlecode: SessionCode = UNSET


class WithdrawalSubmitted(Struct):
    tranfer_id: int
    transfer_id: int
    withdraw_status: TransferStatus


class CancelOf(Parameters, frozen=True):
    tranfer_id: Annotated[
        int | UnsetType,
        about("Required, under any of its names.", "提现记录ID，三个名称任选其一。"),
    ] = UNSET
    transfer_id: int | UnsetType = UNSET
    id: int | UnsetType = UNSET


class Withdrawals:
    title = Text("Withdrawals", "提现")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._listings = services.live.listings.listings
        self._wallets = services.wallets
        self._transfers = stored.Transfers(services)
        self._one_at_a_time: WeakValueDictionary[AccountId, asyncio.Lock] = WeakValueDictionary()

    @endpoint(
        "POST",
        "/user/submit_withdrawal",
        parameters=SubmitWithdrawal,
        answer=WithdrawalSubmitted,
        permission=Permission.WITHDRAW,
        errors=(
            Code.UNKNOWN_CURRENCY,
            Code.BELOW_MINIMUM,
            Code.INSUFFICIENT_BALANCE,
            Code.ONE_TIME_CODE,
        ),
        summary=Text("Ask for a withdrawal", "提交一个提现申请"),
    )
    async def submit_withdrawal(self, call: Call[SubmitWithdrawal]) -> WithdrawalSubmitted:
        wanted, account = call.parameters, call.caller.account
        currency = currency_named(self._listings, wanted.currency)
        if currency.kind is CurrencyKind.CHAIN and currency.symbol not in self._wallets.chains:
            raise ApiError(Code.BAD_PARAMETER, "currency", NO_CHAIN)
        policy = self._wallets.policies[currency.symbol]
        amount = Amount(units(wanted.amount, currency.decimals, "amount"))
        fee = policy.fee(amount)
        if amount < policy.withdrawal_least:
            raise ApiError(Code.BELOW_MINIMUM, "amount", BELOW_MINIMUM)
        if fee >= amount:
            raise ApiError(Code.BELOW_MINIMUM, "amount", EATEN_BY_FEE)
        to = await self._destination(call, currency)
        if not await self._services.address_book.permits(
            account, currency.symbol, to.text, to.memo
        ):
            raise ApiError(Code.BAD_PARAMETER, "address", NOT_IN_BOOK)
        await self._refuse_replay(call)
        await check_session_code(self._services.one_time_codes, call.caller, wanted.googlecode)
        # One at a time of an account: it has no more open than it may, and nobody forgets a
        # destination that a request beside his has just come to mean as well.
        async with self._one_at_a_time.setdefault(account, asyncio.Lock()):
            await self._check_open(account)
            transfer = await self._request(account, currency, amount, fee, to)
        return WithdrawalSubmitted(transfer, transfer, TransferStatus.PENDING)

    @endpoint(
        "POST",
        "/user/cancel_withdrawal",
        parameters=CancelOf,
        answer=TransferInfo,
        permission=Permission.WITHDRAW,
        failed_data="",
        summary=Text("Cancel a withdrawal that is still pending", "取消一个提现申请"),
    )
    async def cancel_withdrawal(self, call: Call[CancelOf]) -> TransferInfo:
        account, transfer = call.caller.account, _transfer(call.parameters)
        record = await self._services.sequencer.submit(CancelWithdrawal(account, transfer))
        canceled = record.events[0]
        if isinstance(canceled, Refused):
            raise ApiError(*REFUSALS[canceled.reason])
        assert isinstance(canceled, WithdrawalCanceled)
        rows = await self._transfers.by_id(account, TransferKind.WITHDRAWAL, [transfer])
        (info,) = await shown(rows, self._services, call.figure)
        return info

    async def _check_open(self, account: AccountId) -> None:
        """Counted in the read models, which have all that was answered. Raises ApiError."""
        found = await self._transfers.with_status(
            TransferKind.WITHDRAWAL, *_OPEN, account=account, limit=OPEN_MAX
        )
        if len(found.rows) >= OPEN_MAX:
            raise ApiError(Code.BAD_PARAMETER, "withdrawals", TOO_MANY_OPEN)

    async def _request(
        self, account: AccountId, currency: Currency, amount: Amount, fee: Amount, to: Address
    ) -> TransferId:
        """Raises ApiError; then nothing is left of a destination that was named for it."""
        destinations, new = self._services.destinations, False
        if currency.kind is not CurrencyKind.CHAIN:
            name, new = await destinations.name(account, currency.symbol, to.text)
            to = Address(name)
        record = await self._services.sequencer.submit(
            RequestWithdrawal(account, currency.currency, amount, fee, to.text, to.memo)
        )
        requested = record.events[0]
        if isinstance(requested, Refused):
            if new:
                await destinations.forget(to.text)
            raise ApiError(*REFUSALS[requested.reason])
        assert isinstance(requested, WithdrawalRequested)
        return requested.transfer

    async def _destination(self, call: Call[SubmitWithdrawal], currency: Currency) -> Address:
        """In its one form. Raises ApiError."""
        wanted = call.parameters
        address = read_destination(self._wallets, currency, wanted.address, wanted.memo)
        chain = currency.kind is CurrencyKind.CHAIN
        if chain and await self._wallets.addresses.is_own(address.text):
            raise ApiError(Code.BAD_PARAMETER, "address", OUR_OWN)
        return address

    async def _refuse_replay(self, call: Call[SubmitWithdrawal]) -> None:
        if call.caller.scheme is not Scheme.TOKEN:
            return
        request = call.request
        signed = read_authorization(request.headers[b"authorization"])
        assert isinstance(signed, Token)
        seen = self._services.md5_withdrawals
        if not await seen.first_time(call.caller.account, signed.token, request.body):
            raise ApiError(Code.BAD_PARAMETER, "body", REPLAYED)


def _transfer(wanted: CancelOf) -> TransferId:
    """Raises ApiError."""
    given = [
        number
        for number in (wanted.tranfer_id, wanted.transfer_id, wanted.id)
        if number is not UNSET
    ]
    if not given:
        raise ApiError(Code.MISSING_PARAMETER, "tranfer_id")
    if len(given) > 1:
        raise ApiError(Code.BAD_PARAMETER, "tranfer_id", REPEATED)
    if not 0 < given[0] <= INTEGER_MAX:
        raise ApiError(Code.BAD_PARAMETER, "tranfer_id")
    return TransferId(given[0])


_OPEN: Final = (TransferStatus.PENDING, TransferStatus.PROCESSING, TransferStatus.CONFIRMING)
