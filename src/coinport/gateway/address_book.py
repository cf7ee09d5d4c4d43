"""The address book: where the caller withdraws to, and whether to nowhere else."""

from typing import Annotated

from msgspec import Meta, Struct

from coinport.gateway.account import refused
from coinport.gateway.destinations import read_destination
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.identity import address_book as book
from coinport.identity.address_book import ENTRIES_MAX, Entry
from coinport.identity.errors import InvalidField, TooManyEntries
from coinport.model.units import AccountId
from coinport.readmodels.projection import INTEGER_MAX

FULL = Text(f"at most {ENTRIES_MAX} entries", f"最多 {ENTRIES_MAX} 条")


class NewEntry(Parameters, frozen=True):
    currency: CurrencyName
    address: str
    memo: str = ""
    label: Annotated[str, about("A name for it.", "备注名称。")] = ""


class EntryOf(Parameters, frozen=True):
    id: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]


class BookOnly(Parameters, frozen=True):
    enabled: bool


class EntryInfo(Struct):
    id: int
    currency: str
    address: str
    memo: str
    label: str
    created: Annotated[int, about("In ms.", "毫秒。")]
    counts_from: Annotated[
        int, about("In ms; from then on it may be withdrawn to.", "自此时间（毫秒）起可提现。")
    ]


class Book(Struct):
    only: Annotated[
        bool, about("Withdrawals go to these addresses only.", "仅允许提现到以下地址。")
    ]
    entries: list[EntryInfo]


class AddressBook:
    title = Text("Address book", "提现地址簿")

    def __init__(self, services: Services) -> None:
        self._book: book.AddressBook = services.address_book
        self._listings = services.live.listings.listings
        self._wallets = services.wallets

    @endpoint(
        "GET",
        "/user/address_book",
        parameters=Nothing,
        answer=Book,
        permission=Permission.READ,
        summary=Text("The caller's address book", "提现地址簿"),
    )
    async def address_book(self, call: Call[Nothing]) -> Book:
        return await self._whole(call.caller.account)

    @endpoint(
        "POST",
        "/user/add_address",
        parameters=NewEntry,
        answer=EntryInfo,
        permission=Permission.OWNER,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("Put an address into the book", "添加提现地址"),
    )
    async def add_address(self, call: Call[NewEntry]) -> EntryInfo:
        new = call.parameters
        currency = currency_named(self._listings, new.currency)
        to = read_destination(self._wallets, currency, new.address, new.memo)
        try:
            entry = await self._book.add(
                call.caller.account, currency.symbol, to.text, to.memo, new.label
            )
        except InvalidField as error:
            raise refused(error) from None
        except TooManyEntries:
            raise ApiError(Code.BAD_PARAMETER, "address", FULL) from None
        return self._info(entry)

    @endpoint(
        "POST",
        "/user/delete_address",
        parameters=EntryOf,
        answer=None,
        permission=Permission.OWNER,
        summary=Text("Remove an address from the book", "删除提现地址"),
    )
    async def delete_address(self, call: Call[EntryOf]) -> None:
        if not await self._book.remove(call.caller.account, call.parameters.id):
            raise ApiError(Code.BAD_PARAMETER, "id")

    @endpoint(
        "POST",
        "/user/address_book_only",
        parameters=BookOnly,
        answer=Book,
        permission=Permission.OWNER,
        summary=Text("Withdraw to the book only, or again to anywhere", "仅允许提现到地址簿"),
        description=Text(
            "On at once. Off, and new entries, only after the cool-down: who takes over an account "
            "must wait, and its owner can notice.",
            "开启立即生效；关闭以及新增地址须经冷却期后生效。",
        ),
    )
    async def address_book_only(self, call: Call[BookOnly]) -> Book:
        await self._book.use_only(call.caller.account, enabled=call.parameters.enabled)
        return await self._whole(call.caller.account)

    async def _whole(self, account: AccountId) -> Book:
        entries = [self._info(entry) for entry in await self._book.of(account)]
        return Book(await self._book.only(account), entries)

    def _info(self, entry: Entry) -> EntryInfo:
        return EntryInfo(
            entry.id,
            entry.currency,
            entry.address,
            entry.memo,
            entry.label,
            entry.created_ms,
            entry.created_ms + self._book.cool_down_ms,
        )
