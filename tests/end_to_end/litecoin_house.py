"""An exchange with a chain, as an operator runs it: `coinport serve` and `coinport signer` beside a
real litecoind, and people who use it over HTTP."""

import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from bip_utils.bip.bip32 import Bip32Slip10Secp256k1

from tests.api import PREFIX, Contract
from tests.contracts.litecoin_stage import EXTENDED_PRIVATE_KEY
from tests.end_to_end.litecoin_network import Network
from tests.end_to_end.processes import COINPORT, ServerProcess

DEPOSIT_CONFIRMATIONS = 3
WITHDRAWAL_CONFIRMATIONS = 2
FEE = Decimal("0.0005")
"""Of a withdrawal, as it is by default."""
PAUSE_SECONDS = 0.05
BLOCK_SECONDS = 0.3
"""Between two looks whether something has happened; the same, where blocks are mined meanwhile."""
PATIENCE_SECONDS = 60
EXTENDED_PUBLIC_KEY = (
    Bip32Slip10Secp256k1.FromExtendedKey(EXTENDED_PRIVATE_KEY).PublicKey().ToExtended()
)
FIGURES: Mapping[str, str | int] = {
    "deposit_confirmations": DEPOSIT_CONFIRMATIONS,
    "withdrawal_confirmations": WITHDRAWAL_CONFIRMATIONS,
    "watched_confirmations": 12,
}

T = TypeVar("T")
_numbers = itertools.count(1)


def until(happened: Callable[[], T], mine: Callable[[], object] | None = None) -> T:
    """What it says as soon as it says anything; `mine`: time goes on meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := happened()):
        assert time.monotonic() < deadline, "it has never happened"
        if mine:
            mine()
        time.sleep(BLOCK_SECONDS if mine else PAUSE_SECONDS)
    return found


class SignerProcess:
    """`coinport signer`, of the exchange in `data`; its keys and limits are in a directory of its
    own."""

    def __init__(self, data: Path, own: Path, cold: str) -> None:
        own.mkdir()
        keys, limits = own / "keys.toml", own / "limits.toml"
        keys.touch(0o600)
        keys.write_text(f'[LTC]\nextended_private_key = "{EXTENDED_PRIVATE_KEY}"\n')
        limits.write_text(f'network = "regtest"\n[LTC]\ncold = "{cold}"\n')
        self.memory = own / "keys.toml.signed"
        options = ["--data", str(data), "--keys", str(keys), "--config", str(limits)]
        self._command = [str(COINPORT), "signer", *options]
        self._log = own / "stderr.log"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert b"ready" in line, self._log.read_text()[-2000:]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


class House:
    """Whoever is killed is to be started again."""

    def __init__(
        self, directory: Path, network: Network, *, port: int = 0, cold: str = "", **keys: object
    ) -> None:
        """`port`: of the node, if not the network's own. `keys`: more of the section LTC."""
        self.network = network
        self.data = directory / "data"
        self.signer = SignerProcess(self.data, directory / "signer", cold)
        self._config = directory / "coinport.toml"
        section: dict[str, object] = {
            "node": f"http://u:p@127.0.0.1:{port or network.port}",
            "wallet": "watching",
            "xpub": EXTENDED_PUBLIC_KEY,
            "network": "regtest",
            "cold": cold,
            **FIGURES,
            **keys,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in section.items()]
        self._config.write_text(
            "[wallets]\npoll_seconds = 0.1\nkeeping_seconds = 0.5\n"
            "[passwords]\nargon2_memory_kib = 64\nargon2_time = 1\n"
            "[published]\nreserves_seconds = 1\n"
            "[currencies.LTC]\n" + "\n".join(lines) + "\n"
        )

    def __enter__(self) -> Self:
        self.start()
        try:
            self.signer.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as ending:
            ending.push(self.server)
            ending.callback(self.http.close)
            ending.callback(self.signer.kill)

    def start(self) -> None:
        self.server = ServerProcess(self.data, "--no-rate-limit", "--config", str(self._config))
        self.server.__enter__()
        self.http = httpx.Client(
            base_url=self.server.address, timeout=PATIENCE_SECONDS, trust_env=False
        )
        self.contract = Contract(self.http.get(f"{PREFIX}/openapi.json").json())

    def kill(self) -> None:
        os.kill(self.server.process.pid, 9)

    def restart(self) -> None:
        """After a kill."""
        self.http.close()
        self.server.__exit__(None, None, None)
        self.start()

    def public(self, path: str) -> Any:
        return self.answer(self.http.get(f"{PREFIX}/{path}"))

    def answer(self, response: httpx.Response) -> Any:
        """What it has, which must be what the API promises."""
        answer = self.contract.checked(response)
        assert answer.code == 0, answer
        return answer.data


class Person:
    def __init__(self, house: House, name: str) -> None:
        """Registers. There may be several of a name."""
        self._house = house
        self.name = f"{name}{next(_numbers)}@example.com"
        secret = f"the secret of {name}"
        self._auth = httpx.BasicAuth(self.name, secret)
        body = {"email": self.name, "pwdhash": secret}
        house.answer(house.http.post(f"{PREFIX}/register", json=body))

    def get(self, path: str) -> Any:
        house = self._house
        return house.answer(house.http.get(f"{PREFIX}/user/{path}", auth=self._auth))

    def post(self, path: str, body: object = None) -> Any:
        house, content = self._house, b"" if body is None else json.dumps(body).encode()
        url = f"{PREFIX}/user/{path}"
        return house.answer(house.http.post(url, content=content, auth=self._auth))

    def address(self) -> str:
        address: str = self.post("create_deposit_addr/LTC")["LTC"]
        return address

    def withdraw(self, coins: Decimal, address: str) -> int:
        body = {"currency": "LTC", "amount": str(coins), "address": address}
        transfer: int = self.post("submit_withdrawal", body)["transfer_id"]
        return transfer

    def deposits(self) -> list[Any]:
        """The newest first."""
        found: list[Any] = self.get("deposits?currency=LTC&limit=200")["deposits"]
        return found

    def withdrawals(self) -> list[Any]:
        """The newest first."""
        found: list[Any] = self.get("withdrawals?currency=LTC&limit=200")["withdrawals"]
        return found

    def balance(self) -> list[Decimal]:
        """Available, held back, pending, in all."""
        return [coins(figure) for figure in self.get("balance").get("LTC", [0, 0, 0, 0])]

    def receive(self, amount: Decimal | int) -> str:
        """A deposit from its payment until it is credited; its transaction id."""
        txid = self._house.network.pay(self.address(), amount)
        self._house.network.mine(DEPOSIT_CONFIRMATIONS)
        until(lambda: self.status_of(txid) == "Succeeded")
        return txid

    def status_of(self, txid: str) -> str:
        """Of a deposit; empty while there is none."""
        return next((each["status"] for each in self.deposits() if each["txid"] == txid), "")


def coins(figure: float | Decimal) -> Decimal:
    """What the API says, exactly."""
    return Decimal(str(figure))
