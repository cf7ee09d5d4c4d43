"""Parts of scenarios that many tests begin with."""

RICH = """
alice deposits 1000 BTC
bob deposits 100000 USD
"""

TRADING = """
alice deposits 10 BTC
bob deposits 1000 USD
alice sells 5 at 10 as A
bob buys 2 at 10
> bob buys 2 at 10 from alice
"""


def trade(price: str, amount: str = "1") -> str:
    """Between alice and bob."""
    return f"""
    alice sells {amount} at {price}
    bob buys {amount} at {price}
    > bob buys {amount} at {price} from alice
    """
