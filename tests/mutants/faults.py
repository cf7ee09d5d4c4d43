"""Deliberate faults in the rules, by name: a list that outlives any one engine.

What each looks like in the source of an engine stands in the module of that engine's name, here
`python.py`. `tests/mutants/__main__.py` puts them in, one at a time; the suites must notice each.
"""

FAULTS = {
    # Money.
    "hold-kept": "a better price does not give the rest of the hold back",
    "hold-unchecked": "an order may hold more than is available",
    "fee-rounds-down": "the fee is rounded down",
    "fees-swapped": "the maker pays the taker's fee and the taker the maker's",
    "fee-in-wrong-currency": "the fee is counted from what is paid, not from what is received",
    "key-forgotten": "the key of a credit is not remembered",
    "total-unbounded": "the money of one currency may exceed the largest amount",
    "value-unbounded": "the value of an order may exceed the largest amount",
    # Matching.
    "takers-price": "a trade happens at the taker's price",
    "takers-price-told": "a trade is settled at the maker's price, but told at the taker's",
    "last-come-first-served": "at one price, the youngest order trades first",
    "equal-price-waits": "an order does not trade with one at exactly its limit",
    "trade-id-reused": "all trades have the same number",
    "trades-unbounded": "an order may trade any number of times at once",
    "trades-unbounded-in-plan": "a plan does not know of the bound on trades",
    # Time in force.
    "fok-ignored": "a fill-or-kill order trades what it can",
    "fok-ignored-at-market": "a fill-or-kill market order trades what it can",
    "ioc-rests": "what is left of an immediate-or-cancel order rests in the book",
    "post-only-ignored": "a post-only order trades",
    "value-rounded-up": "a market purchase by value buys one lot more than it can pay",
    # Self-trade prevention.
    "prevention-mixed": "expire taker and expire maker are mixed up",
    "prevention-of-one": "expire both cancels the taker only",
    "prevention-unplanned": "a plan counts the account's own orders as something to trade with",
    # Stops.
    "stop-on-wrong-side": "purchases wait for the price to fall, sales for it to rise",
    "stop-beyond": "a stop is triggered only beyond its price, not at it",
    "stop-misses-passing-price": "only the last trade of a command can trigger stops",
    "stop-younger-first": "of two stops at one price the younger goes first",
    "stop-unobstructed": "a triggered stop does not ask for post-only and fill-or-kill",
    "stops-unbounded": "an account may have any number of stops",
    # Client order ids.
    "client-id-forgotten": "a client order id is not remembered",
    "client-id-for-ever": "a client order id is remembered for more than a day",
    "client-id-any-contents": "the same id with other contents is taken for the same order",
    # Cancels, accounts, markets.
    "anybody-cancels": "an account can cancel the orders of another",
    "cancels-all-everywhere": "cancel all in one market cancels in every market",
    "cancels-in-halt": "a halted market takes cancels",
    "orders-unbounded": "an account may have any number of open orders",
    "suspended-trades": "a suspended account can place orders",
    "suspended-keeps-orders": "the orders of a suspended account stay in the book",
    "band-edge-outside": "a price exactly at the edge of the band is refused",
    "minimum-not-enough": "an order of exactly the minimum value is refused",
    "reference-ignored": "the minimum does not follow its reference market",
    # Deposits and withdrawals.
    "deposit-credited-twice": "a deposit can be credited again",
    "one-person-enough": "who announced money that is on no chain may credit it",
    "deposits-unbounded": "deposits may bring a currency beyond the largest amount",
    "deposit-key-forgotten": "a deposit can be announced again",
    "dropped-key-kept": "a deposit that was dropped cannot be announced again",
    "hold-of-all": "holding a deposit takes all that the account has",
    "assigned-from-anybody": "a deposit can be assigned though it has an owner",
    "suspense-forgotten": "a deposit that is nobody's is forgotten like all others",
    "deposits-kept": "deposits are kept for ever",
    "deposit-a-moment-longer": "a deposit can be held when its 30 days are just over",
    "withdrawal-unfunded": "a withdrawal may be for more than is available",
    "fee-eats-all": "the fee of a withdrawal may be all there is",
    "withdrawal-fee-lost": "the fee of a withdrawal leaves the books",
    "failed-withdrawal-lost": "what failed to be paid out does not come back",
    "anybody-cancels-withdrawals": "an account can cancel the withdrawals of another",
    "approved-and-canceled": "a withdrawal that is approved can still be canceled",
    "sent-comes-back": "what was sent can fail without a word that it never arrives",
    "sent-unapproved": "a withdrawal can be sent and settled without approval",
    "suspended-withdraws": "a suspended account can withdraw",
    # Journal and snapshot.
    "clock-runs-back": "time follows a clock that runs backwards",
    "half-a-batch": "commands before broken bytes are executed",
    "snapshot-loses-last-price": "the last price is not in a snapshot",
    "snapshot-loses-stop-count": "after a restart an account has no stops to count",
    "snapshot-loses-names": "client order ids are not in a snapshot",
    "snapshot-loses-credits": "which deposits are forgotten some day is not in a snapshot",
    "snapshot-loses-announcers": "who announced a deposit is not in a snapshot",
}
