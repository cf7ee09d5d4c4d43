"""Destinations: where a withdrawal may go to, in their one form."""

from typing import Final

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.services import Wallets
from coinport.model.listings import Currency, CurrencyKind
from coinport.wallets.addresses import Address, InvalidAddress

LENGTH_MAX: Final = 200
"""Characters of a bank account, or what else stands for an address off the chains."""
NOT_A_DESTINATION: Final = Text(
    f"1 to {LENGTH_MAX} printable characters", f"1 至 {LENGTH_MAX} 个可见字符"
)


def read_destination(wallets: Wallets, currency: Currency, address: str, memo: str) -> Address:
    """On the currency's chain; of money on no chain, a text. Raises ApiError."""
    if currency.kind is CurrencyKind.CHAIN:
        try:
            return wallets.read_address(currency.symbol, address, memo)
        except InvalidAddress as error:
            detail = Text(str(error), "不是有效的地址")
            raise ApiError(Code.BAD_PARAMETER, "address", detail) from None
    if memo:
        raise ApiError(Code.BAD_PARAMETER, "memo")
    text = address.strip()
    if not 0 < len(text) <= LENGTH_MAX or not text.isprintable():
        raise ApiError(Code.BAD_PARAMETER, "address", NOT_A_DESTINATION)
    return Address(text)
