"""Addresses: whose request it is, where proxies stand between; loopback; networks to allow."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LENGTH_MAX: Final = 64
"""Characters of an address; what is longer is none."""
REMEMBERED: Final = 10_000
"""Addresses whose text is remembered: the same come again and again."""

UNKNOWN: Final = "unknown"
"""In place of an address where there is none, for instance on a UNIX socket."""


class ClientAddresses:
    """Tells the client's address: the peer's, unless that is a proxy named in the configuration.

    Only such a proxy's `X-Forwarded-For` counts, read from the right and only as far as the entries
    were made by named proxies: everything left of that the client can have written himself.
    """

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        """`proxies`: addresses or networks; raises ValueError naming one that is neither."""
        self._proxies = tuple(network(text) for text in proxies)

    def of(self, peer: str, forwarded_for: str | None) -> str:
        if not self._proxies or not self.is_proxy(peer):
            return canonical(peer)
        client = peer
        for entry in reversed((forwarded_for or "").split(",")):
            if parsed(entry.strip()) is None:
                break
            client = entry.strip()
            if not self.is_proxy(client):
                break
        return canonical(client)

    def is_proxy(self, address: str) -> bool:
        return within(address, self._proxies)


def network(text: str) -> Network:
    """`text` as a network; an address is a network of one. Raises ValueError naming it."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is neither an address nor a network") from None


def within(address: str, networks: Iterable[Network]) -> bool:
    found = parsed(address)
    return found is not None and any(found in each for each in networks)


def is_loopback(address: str) -> bool:
    found = parsed(address)
    return found is not None and found.is_loopback


@lru_cache(maxsize=REMEMBERED)
def canonical(address: str) -> str:
    found = parsed(address)
    return str(found) if found is not None else UNKNOWN


def parsed(text: str) -> Address | None:
    """None where `text` is no address. An IPv4 address inside an IPv6 one is the IPv4 address."""
    return _parsed(text) if len(text) <= LENGTH_MAX else None


@lru_cache(maxsize=REMEMBERED)
def _parsed(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=REMEMBERED)
def rate_limited_as(address: str) -> str:
    """The key of an address for limits: of IPv6 the /64, for one customer has all of it."""
    found = parsed(address)
    if found is None or found.version == 4:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))
