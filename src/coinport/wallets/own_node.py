"""A node that nobody but the signer can reach: it runs on the same machine, and is asked there."""

import json
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final, TypeVar

import httpx
import msgspec

from coinport.wallets.p2pkh import Unsignable

TIMEOUT_SECONDS: Final = 5

_T = TypeVar("_T")


class OwnNode:
    """Every method raises Unsignable where there is no good answer: to ask again is harmless."""

    def __init__(
        self, url: str, *, name: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Raises ValueError: not on this machine. `transport` replaces the network in tests."""
        host = httpx.URL(url).host
        if host != "localhost" and not _is_loopback(host):
            raise ValueError(f"{name}: the signer's own node must be on loopback, not at {host!r}")
        self._name = name
        self._http = httpx.Client(
            base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False, transport=transport
        )

    def form(self, path: str, fields: Mapping[str, str], kind: type[_T]) -> _T:
        return self._read(self._answer(self._http.build_request("POST", path, data=fields)), kind)

    def call(self, path: str, method: str, *params: Any, kind: type[_T]) -> _T:
        """By JSON-RPC 2.0."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._answer(self._http.build_request("POST", path, json=body))
        return self._read(answer.get("result") if isinstance(answer, dict) else None, kind)

    def _answer(self, request: httpx.Request) -> Any:
        """What is sent may be secret: no message shows it."""
        try:
            return json.loads(self._http.send(request).content)
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise Unsignable(
                f"the signer's own {self._name} node does not answer ({type(error).__name__}): "
                "is it running?"
            ) from None

    def _read(self, answer: Any, kind: type[_T]) -> _T:
        try:
            return msgspec.convert(answer, kind)
        except msgspec.ValidationError:
            raise Unsignable(
                f"the signer's own {self._name} node does not do what it is asked: see its log"
            ) from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
