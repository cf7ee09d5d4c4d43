"""What is there on a real chain, and what is owed: for everybody to check."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from coincurve import PrivateKey

from coinport.wallets import messages
from coinport.wallets.addresses import p2pkh
from coinport.wallets.networks import Network as Versions
from tests.api import PREFIX
from tests.end_to_end.litecoin_house import DEPOSIT_CONFIRMATIONS, House, Person, coins, until
from tests.end_to_end.litecoin_network import Network

VERIFIER = Path(__file__).parents[2] / "verify" / "coinport_verify.py"
COLD_KEY = PrivateKey(bytes(31) + b"\x07")
COLD = p2pkh("LTC", COLD_KEY.public_key.format(), Versions.REGTEST)


def test_everybody_can_check_what_is_there_and_what_is_owed(
    network: Network, tmp_path: Path
) -> None:
    signature = messages.sign("LTC", COLD_KEY, "coinport")
    figures = {"cold_signature": signature, "cold_min": "4", "sweep_min": "8"}
    with House(tmp_path, network, cold=COLD, **figures) as house:
        people = [Person(house, name) for name in ("alice", "bob", "carol")]
        for person, amount in zip(people, ("9", "2.5", "0.00123456"), strict=True):
            network.pay(person.address(), Decimal(amount))
        network.mine(DEPOSIT_CONFIRMATIONS)
        for person in people:
            until(lambda: person.balance()[0])  # noqa: B023
        people[0].withdraw(Decimal(2), network.outside())

        def moved() -> bool:
            """Alice's coins to the hot address, some from there to the cold one, hers outside."""
            places = {row[2] for row in house.public("ltc/reserves")["distribution"] if row[1]}
            settled = people[0].withdrawals()[0]["status"] == "Succeeded"
            return settled and "cold" in places and not network.holds([people[0].address()])

        until(moved, network.mine)

        def quiet() -> Any:
            """As soon as nothing moves any more, and the exchange has seen the last of it."""
            found = house.public("ltc/reserves")
            if network.call("getrawmempool"):
                network.mine()
            return found if found["height"] == network.height else None

        found = until(quiet)
        rows = found["distribution"]
        for address, amount, _, message, signed in rows:
            assert message == "coinport"
            assert network.call("verifymessage", address, signed, message)
            assert network.holds([address]) == coins(amount)
        assert {row[2] for row in rows} == {"hot", "cold", "user"}
        sums = [
            sum(coins(row[1]) for row in rows if row[2] == place)
            for place in ("hot", "cold", "user")
        ]
        owed = sum(person.balance()[3] for person in people)
        assert [coins(figure) for figure in found["stats"]] == [*sums, owed]
        assert house.public("reserve_stats")["stats"]["LTC"] == found["stats"]
        assert owed == Decimal("9.50123456")
        assert network.holds([network.hot, COLD]) == sums[0] + sums[1]
        answer = tmp_path / "reserves.json"
        answer.write_bytes(house.http.get(f"{PREFIX}/ltc/reserves").content)
        assert f"{sum(sums)} LTC held, {owed} owed" in verified(answer)
        answer.write_text(answer.read_text().replace(rows[0][4], rows[-1][4]))
        assert f"WRONG: {rows[0][0]}: 'coinport' by " in verified(answer, code=1)


def verified(answer: Path, code: int = 0) -> str:
    """What the stand-alone verifier says."""
    command = [sys.executable, str(VERIFIER), "--testnet", str(answer)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    return ended.stdout + ended.stderr
