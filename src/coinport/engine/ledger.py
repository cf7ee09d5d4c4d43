"""The ledger: every balance of every account, moved by transfers only."""

from collections.abc import Iterable

from coinport.engine.accounting import (
    AVAILABLE,
    CUSTODY_POCKET,
    Transfer,
    pocket,
)
from coinport.model.units import AccountId, Amount, CurrencyId


class Ledger:
    __slots__ = ("_balances",)

    def __init__(self) -> None:
        self._balances: dict[CurrencyId, dict[int, int]] = {}

    def add_currency(self, currency: CurrencyId) -> None:
        self._balances[currency] = {}

    def available(self, account: AccountId, currency: CurrencyId) -> Amount:
        return self.balance(currency, pocket(account, AVAILABLE))

    def balance(self, currency: CurrencyId, of: int) -> Amount:
        """What is in the pocket `of`; 0 where nothing ever was."""
        return Amount(self._balances[currency].get(of, 0))

    def owed(self, currency: CurrencyId) -> Amount:
        """What all accounts together have, fees included: the exchange owes it."""
        return Amount(-self._balances[currency].get(CUSTODY_POCKET, 0))

    def post(self, transfers: Iterable[Transfer]) -> None:
        """Move what `transfers` say. Only custody may go below zero: the rules see to the rest."""
        for currency, debit, credit, amount in transfers:
            balances = self._balances[currency]
            left = balances.get(debit, 0) - amount
            assert left >= 0 or debit == CUSTODY_POCKET, f"pocket {debit} overdrawn by {-left}"
            balances[debit] = left
            balances[credit] = balances.get(credit, 0) + amount

    def rows(self) -> list[tuple[CurrencyId, int, int]]:
        """(currency, pocket, balance) wherever it is not zero, sorted."""
        return [
            (currency, of, balance)
            for currency, balances in sorted(self._balances.items())
            for of, balance in sorted(balances.items())
            if balance
        ]

    def put(self, currency: CurrencyId, of: int, balance: int) -> None:
        """Set a balance as a snapshot has it."""
        self._balances[currency][of] = balance
