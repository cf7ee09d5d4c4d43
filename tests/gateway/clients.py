"""Clients that log in and browse: headers that go with every request, and cookies."""

from coinport.model.commands import Credit
from coinport.model.units import AccountId, Amount
from tests.api import Api
from tests.gateway.callers import ADDRESS, PASSWORD, basic
from tests.gateway.exchange import Exchange

ORIGIN = "https://coinport.example"


def visitor(
    exchange: Exchange, address: str = ADDRESS, origin: str = ORIGIN, **headers: str
) -> Api:
    """Like a browser it keeps the cookies it is given. Names with underscores for hyphens."""
    api = exchange.from_address(address)
    api.http.base_url = origin
    api.http.headers["content-type"] = "application/json"
    api.http.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return api


async def registered(exchange: Exchange, email: str) -> Api:
    """A client of a new user, whose password goes with every request."""
    body = {"email": email, "pwdhash": PASSWORD}
    answer = await visitor(exchange).post("register", body)
    assert answer.code == 0, answer.message
    return visitor(exchange, authorization=basic(email))


async def uid_of(api: Api) -> AccountId:
    return AccountId((await api.get("user/profile")).data["uid"])


async def credit(exchange: Exchange, account: AccountId, currency: str, units: int) -> None:
    """Smallest units."""
    listed = exchange.services.live.listings.listings.currency_of[currency]
    await exchange.tell(Credit(account, listed, Amount(units), "", "tests", "a gift"))
