"""Deposit addresses: where the caller's deposits go."""

from typing import Annotated

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.serving import unavailable
from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.deposit_addresses import DepositAddress, NoAddresses

NO_CHAIN = Text("it has no deposit addresses here", "该币种没有充值地址")


class AddressOf(Parameters, frozen=True):
    currency: CurrencyName


Addresses = Annotated[
    dict[str, str | bool | list[str] | dict[str, str]],
    about(
        "Addresses by currency id. Where users share an address, a payment must say the memo; "
        "`simulated`: play money only.",
        "以币种ID为键的地址；共用地址的币种充值时必须填写备注；`simulated` 表示模拟链。",
    ),
]


class DepositAddresses:
    title = Text("Deposit addresses", "充值地址")

    def __init__(self, services: Services) -> None:
        self._listings = services.live.listings.listings
        self._addresses = services.wallets.addresses

    @endpoint(
        "GET",
        "/user/deposit_addresses",
        parameters=Nothing,
        answer=Addresses,
        permission=Permission.READ,
        summary=Text("The addresses the caller already has", "用户充值地址"),
        description=Text(
            "`memos` has, by currency, what must be said with a payment where users share an "
            "address; `simulated` lists the currencies whose chain is a simulated one.",
            "`memos`：共用地址的币种须填写的备注；`simulated`：模拟链的币种。",
        ),
    )
    async def deposit_addresses(self, call: Call[Nothing]) -> Addresses:
        found = await self._addresses.of(call.caller.account)
        answer: Addresses = {each.currency: each.address for each in found}
        if memos := {each.currency: each.memo for each in found if each.memo}:
            answer["memos"] = memos
        if simulated := [each.currency for each in found if each.simulated]:
            answer["simulated"] = simulated
        return answer

    @endpoint(
        "POST",
        "/user/create_deposit_addr/{currency}",
        parameters=AddressOf,
        answer=Addresses,
        permission=Permission.READ,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("The caller's address of a currency, made if need be", "生成充值地址"),
    )
    async def create_deposit_addr(self, call: Call[AddressOf]) -> Addresses:
        currency = currency_named(self._listings, call.parameters.currency)
        try:
            made = await self._addresses.create(call.caller.account, currency.symbol)
        except NoAddresses:
            raise ApiError(Code.BAD_PARAMETER, "currency", NO_CHAIN) from None
        except ChainUnavailable:
            raise unavailable() from None
        return _shown(made)


def _shown(made: DepositAddress) -> Addresses:
    answer: Addresses = {made.currency: made.address}
    if made.memo:
        answer["memo"] = made.memo
    if made.simulated:
        answer["simulated"] = True
    return answer
