"""A stage: a chain, the world around it and a signer, as the contract suite plays on them."""

from collections.abc import Sequence
from typing import Protocol

from coinport.model.units import Amount
from coinport.wallets.chain import Chain, Signed, Unsigned
from coinport.wallets.simnetwork import Failure

__all__ = ["CoinStage", "Failure", "ForkingStage", "Stage"]


class Stage(Protocol):
    chain: Chain
    hot: str
    """The address that withdrawals are paid from, funded and watched."""
    coin: Amount
    """One whole coin."""

    def user(self, number: int) -> tuple[str, str]:
        """Deposit address and memo of a user; watched."""

    def outside(self) -> str:
        """An address that is not ours."""

    async def pay(self, address: str, amount: Amount, memo: str = "") -> None:
        """Somebody outside pays; not in a block yet."""

    async def mine(self, blocks: int = 1) -> None: ...

    async def received(self, address: str) -> Amount:
        """What the chain has paid to `address`, whoever owns it."""

    def sign(self, unsigned: Unsigned) -> Signed: ...

    def fail(self, method: str, failure: Failure) -> None:
        """The next call of `method` (`broadcast` or `incoming`) gets no answer."""

    async def restart(self) -> None:
        """The node is killed and comes back; what waited for a block is forgotten."""


class ForkingStage(Stage, Protocol):
    """Of a chain that has re-orgs, and transaction ids that do not stay what they were."""

    async def reorg(self, depth: int, lose: Sequence[str] = ()) -> None:
        """The last `depth` blocks lose; transactions in `lose` are double-spent in the others."""

    async def mutate(self, signed: Signed) -> None:
        """A copy of `signed` with another transaction id gets into the next block instead."""


class CoinStage(ForkingStage, Protocol):
    """Of a chain where money is coins, each spent once, and users have addresses of their own."""

    async def double_spend(self, signed: Signed) -> None:
        """The next block has another transaction that spends what `signed` spends."""
