"""A purse: one currency's chain, the addresses that hold its money, and its policy."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import Struct

from coinport.model.units import ACCOUNT_FIRST, CUSTODY_ACCOUNT, AccountId
from coinport.wallets import simchain
from coinport.wallets.chain import Chain
from coinport.wallets.derivation import CHANGE, EXTERNAL
from coinport.wallets.policy import Policy
from coinport.wallets.signing import KeyPath
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import LABEL

HOT_PATH: Final = KeyPath(CHANGE, 0)
"""Of the one address that withdrawals are paid from, and whose change comes back to it."""
OWN_MEMO: Final = str(CUSTODY_ACCOUNT)
"""On what comes from our own cold address to the one that users share: it is no deposit."""

_ACCOUNT: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class Derived(Struct, frozen=True):
    """Each user has an address of his own."""

    address: Callable[[KeyPath], str]

    @property
    def hot(self) -> str:
        return self.address(HOT_PATH)


class Shared(Struct, frozen=True):
    """All users pay to `address`, and say by a memo who they are."""

    address: str
    hot: str
    """Where change goes. The same, but on a simulated chain, where change looks like a payment."""


class Purse(Struct, frozen=True):
    chain: Chain
    policy: Policy
    receiving: Derived | Shared
    cold: str = ""
    """Whose keys are in no computer of the exchange; empty: there is none."""

    @property
    def currency(self) -> str:
        return self.chain.currency

    @property
    def hot(self) -> str:
        return self.receiving.hot

    @property
    def sources(self) -> list[str]:
        """What withdrawals are paid from."""
        if isinstance(self.receiving, Derived):
            return [self.hot]
        return list(dict.fromkeys((self.hot, self.receiving.address)))

    def deposit_address(self, account: AccountId) -> tuple[str, str]:
        """Address and memo: always the same of an account, and never those of another."""
        if isinstance(self.receiving, Derived):
            return self.receiving.address(KeyPath(EXTERNAL, number_of(account))), ""
        return self.receiving.address, str(account)

    def is_own(self, address: str, memo: str) -> bool:
        """Whether a payment there only moves what is ours already, as change does."""
        if isinstance(self.receiving, Shared) and address == self.receiving.address:
            return memo == OWN_MEMO
        return address == self.hot or (bool(self.cold) and address == self.cold)


def simulated(chain: SimChain, policy: Policy, *, shared: bool = False) -> Purse:
    """Of a simulated chain. `shared`: users share an address, as on the one it stands for."""
    address = partial(simchain.address, chain.currency)
    receiving = Shared(address(KeyPath(EXTERNAL, 0)), address(HOT_PATH))
    return Purse(
        chain=chain,
        policy=policy,
        receiving=receiving if shared else Derived(address),
        cold=cold_of(chain.currency),
    )


def cold_of(currency: str) -> str:
    """The cold address on a simulated chain."""
    return f"{LABEL}{currency}-cold"


def number_of(account: AccountId) -> int:
    """Of the account's addresses, whatever the currency, from 0 on. It hangs on nothing that can be
    lost: were it counted, an older database would give one user's address to another."""
    if account < ACCOUNT_FIRST:
        raise ValueError(f"account {account} is no user's and has no address")
    return account - ACCOUNT_FIRST


def account_in(memo: str) -> AccountId | None:
    """Whose money it is on a chain where users share an address; None: nobody can tell."""
    account = AccountId(int(memo)) if _ACCOUNT.fullmatch(memo) else None
    return account if account and account >= ACCOUNT_FIRST else None
