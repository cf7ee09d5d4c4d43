"""JSON-RPC to a node over HTTP: exact decimals, and two kinds of failure.

`RpcError` is the node's own no. Everything else (no answer, half an answer, nonsense, a node
that is still starting) is ChainUnavailable: whether the call had an effect is then unknown.
"""

import itertools
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import httpx
import msgspec

from coinport.model.units import AMOUNT_MAX, Amount
from coinport.wallets.chain import ChainUnavailable

TIMEOUT_SECONDS: Final = 30
AMOUNT_CHARACTERS_MAX: Final = 28
"""As many digits as Decimal computes with: nothing is ever rounded."""
WARMING_UP: Final = -28

_T = TypeVar("_T")


class RpcError(ChainUnavailable):
    """The node refused, for the reason that `code` and the message name.

    Where nobody expects it, that is one more way in which a node can be of no use.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code


class Rpc:
    """One node. Calls may be made from many tasks at once."""

    def __init__(
        self,
        url: str,
        user: str = "",
        password: str = "",
        *,
        name: str,
        version: str = "1.0",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`name` is for messages; `version`: of JSON-RPC; `transport` replaces the network in
        tests."""
        self.name = name
        self._version = version
        self._http = httpx.AsyncClient(
            base_url=url,
            auth=(user, password) if user else None,
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            transport=transport,
        )
        self._ids = itertools.count(1)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(
        self, method: str, *params: Any, path: str = "/", patience_seconds: float = TIMEOUT_SECONDS
    ) -> Any:
        """Raises RpcError or ChainUnavailable."""
        number = next(self._ids)
        body = {"jsonrpc": self._version, "id": number, "method": method, "params": params}
        request = self._http.build_request("POST", path, json=body, timeout=patience_seconds)
        answer = await self._send(request)
        if not isinstance(answer, dict) or answer.get("id") != number:
            raise self.unavailable(f"answered something else to {method}")
        error = answer.get("error")
        if error is None:
            return answer.get("result")
        refused = self.read(error, _Error)
        if refused.code == WARMING_UP:
            raise self.unavailable(f"is starting: {refused.message}")
        raise RpcError(refused.code, f"the {self.name} node refused {method}: {refused.message}")

    async def post(self, path: str, body: Any) -> Any:
        """The JSON that answers `body`. Raises ChainUnavailable."""
        return await self._send(self._http.build_request("POST", path, json=body))

    async def form(self, path: str, fields: Mapping[str, str]) -> Any:
        """The JSON that answers a form. Raises ChainUnavailable."""
        return await self._send(self._http.build_request("POST", path, data=fields))

    async def _send(self, request: httpx.Request) -> Any:
        try:
            response = await self._http.send(request)
        except httpx.HTTPError as error:
            raise self.unavailable(f"does not answer ({error!r}); is it running?") from error
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise self.unavailable("does not accept this user and password")
        try:
            return json.loads(response.content, parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise self.unavailable(f"answered no JSON (HTTP {response.status_code})") from error

    def read(self, answer: Any, kind: type[_T]) -> _T:
        """`answer` as what it should be. Raises ChainUnavailable."""
        try:
            return msgspec.convert(answer, kind)
        except msgspec.ValidationError as error:
            raise self.unavailable(f"answered something else: {error}") from error

    def units(self, value: Decimal, decimals: int) -> Amount:
        """Smallest units of an amount, at most `AMOUNT_MAX` either way, never rounded.

        Raises ChainUnavailable.
        """
        short = value.is_finite() and len(str(value)) <= AMOUNT_CHARACTERS_MAX
        if short and abs(value.adjusted()) < AMOUNT_CHARACTERS_MAX:  # no 1e999999999
            scaled = value.scaleb(decimals)
            if scaled == int(scaled) and abs(scaled) <= AMOUNT_MAX:
                return Amount(int(scaled))
        raise self.unavailable(f"answered an amount that is none: {str(value)[:50]}")

    def unavailable(self, what: str) -> ChainUnavailable:
        return ChainUnavailable(f"the {self.name} node {what}")


class _Error(msgspec.Struct):
    code: int
    message: str


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
