"""A demo: an exchange to look at and to try bots on."""

import asyncio
import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
import uvloop

from coinport.app import logs
from coinport.app.config import CURRENCIES
from coinport.app.config_sources import Layer, load
from coinport.app.demo import robots
from coinport.app.demo.founding import SEED, has_history, register_everyone, write_history
from coinport.app.demo.operators import Appointed, appointed
from coinport.app.demo.people import ALICE, BOB, MAKER, TAKER
from coinport.app.demo.robots import Terms
from coinport.app.demo.simulation import CONFIRMATIONS, SYMBOLS, Simulation
from coinport.app.directories import refuse_real
from coinport.app.running import run, take_ports
from coinport.gateway.services import Services
from coinport.journal import background

ROBOTS_SECONDS_MAX = 20
"""Until their first orders; then the welcome comes without them."""

_OWN: Layer = {
    "log": {"level": "warning"},
    "wallets": {"poll_seconds": 2, "keeping_seconds": 20},
    "published": {"reserves_seconds": 10},
    **{f"{CURRENCIES}{symbol}": CONFIRMATIONS for symbol in SYMBOLS},
}
"""What is quicker here than in earnest."""

WELCOME = """
  coinport demo exchange, for your browser: {address}

  Everything here is made up: the prices are a random walk, the past 90 days are generated, the
  orders and trades are those of two robots, the money is play money, and all chains are simulated:
  their addresses begin with "sim", and what the exchange has there was made with the demo.

  Log in as    {alice} with password {alice_password}
  or as        {bob} with password {bob_password}
               (as they were made; without {data} all begins anew)
  The console  {address}/operator, for demo operators:
{operators}
  The API      {address}/api/v2/docs
  Try          curl -s -u {alice}:{alice_password} {address}/api/v2/user/balance
  A deposit address, to which a faucet pays within seconds
    curl -s -u {alice}:{alice_password} -X POST {address}/api/v2/user/create_deposit_addr/ltc
  A first order
    curl -s -u {alice}:{alice_password} {address}/api/v2/user/submit_orders \\
      -H 'Content-Type: application/json' \\
      -d '{{"orders":[{{"market":"btc-cny","type":"buy","order_type":"market","amount":0.1}}]}}'
  Stop it with Ctrl-C; its data stays in {data}.
"""


def demonstrate(data: Path, host: str, port: int) -> None:
    """Until a signal. Raises what `cli.failures` lists."""
    settings = load(None, os.environ, {**_OWN, "server": {"host": host, "port": port}})
    logs.set_up(settings.log)
    refuse_real(data)
    ports = take_ports(settings)
    if not has_history(data):
        print("coinport: writing a history of 90 days, some seconds...", flush=True)
        write_history(data)
    with ExitStack() as at_the_end:

        async def announce(address: str, services: Services) -> None:
            passwords = await register_everyone(services)
            operators = await appointed(services, data)
            # Months of history: whoever comes first shall find his charts.
            await services.readmodels.caught_up(services.feed.last)
            at_the_end.callback(_start_robots(address, passwords))
            await _quoted(services)
            print(_welcome(address, data, operators), flush=True)

        uvloop.run(run(data, settings, ports, announce, simulation=Simulation(data).chains))


def _start_robots(address: str, passwords: dict[str, str]) -> Callable[[], object]:
    """What stops them; they also stop when this process is killed."""
    process = subprocess.Popen(background.command(robots.__name__), stdin=subprocess.PIPE)
    assert process.stdin
    terms = Terms(address, SEED, passwords[MAKER.email], passwords[TAKER.email])
    process.stdin.write(msgspec.json.encode(terms) + b"\n")
    process.stdin.flush()
    return process.communicate


async def _quoted(services: Services) -> None:
    """Wait for the robots' first orders in every market, for a while."""
    depth, markets = services.live.depth, services.live.listings.listings.markets
    for _ in range(ROBOTS_SECONDS_MAX * 10):
        if all(min(depth.best(market)) for market in markets) or not services.ready():
            return
        await asyncio.sleep(0.1)


def _welcome(address: str, data: Path, operators: list[Appointed]) -> str:
    lines = [
        f"    {one.email} with password {one.password} and a one-time code by the secret\n"
        f"    {one.secret} (now {one.code})"
        for one in operators
    ]
    return WELCOME.format(
        address=address,
        operators="\n".join(lines),
        data=data,
        alice=ALICE.email,
        alice_password=ALICE.password,
        bob=BOB.email,
        bob_password=BOB.password,
    )
