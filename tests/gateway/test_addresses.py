"""Whose address a request comes from, and what counts as one for limits."""

import pytest

from coinport.gateway.addresses import (
    UNKNOWN,
    ClientAddresses,
    is_loopback,
    network,
    rate_limited_as,
    within,
)

BEHIND_A_PROXY = ClientAddresses(["10.0.0.1", "10.1.0.0/16", "fd00::/8"])


def test_a_forged_forwarded_for_is_ignored_where_no_proxy_is_configured() -> None:
    assert ClientAddresses().of("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_a_forged_forwarded_for_is_ignored_from_a_peer_that_is_no_configured_proxy() -> None:
    assert BEHIND_A_PROXY.of("203.0.113.9", "198.51.100.1") == "203.0.113.9"


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, rubbish, 198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 10.0.0.1, 198.51.100.1, fd00::5,10.1.0.9", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("10.1.0.9", "10.1.0.9"),
        ("198.51.100.1, rubbish", "10.0.0.1"),
        ("198.51.100.1, " + "0" * 60_000, "10.0.0.1"),
        ("198.51.100.1, rubbish, 10.1.0.9", "10.1.0.9"),
        ("", "10.0.0.1"),
        (None, "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_a_configured_proxy_saw(
    forwarded_for: str | None, client: str
) -> None:
    assert BEHIND_A_PROXY.of("10.0.0.1", forwarded_for) == client


def test_a_peer_without_an_address_is_unknown() -> None:
    assert ClientAddresses().of("", None) == UNKNOWN


def test_a_network_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/99' is neither"):
        network("10.0.0.0/99")


def test_an_address_is_within_networks_of_its_own_family_only() -> None:
    networks = [network("192.0.2.0/24"), network("2001:db8::/32")]
    assert within("192.0.2.7", networks)
    assert within("::ffff:192.0.2.7", networks)
    assert within("2001:db8::7", networks)
    assert not within("192.0.3.7", networks)
    assert not within(UNKNOWN, networks)


def test_loopback_is_known_in_both_families() -> None:
    assert is_loopback("127.0.0.2")
    assert is_loopback("::1")
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("192.0.2.1")
    assert not is_loopback(UNKNOWN)


def test_all_of_a_customers_ipv6_network_is_limited_as_one() -> None:
    assert rate_limited_as("2001:db8:0:1::7") == rate_limited_as("2001:db8:0:1:ffff::9")
    assert rate_limited_as("2001:db8:0:1::7") != rate_limited_as("2001:db8:0:2::7")
    assert rate_limited_as("192.0.2.7") == "192.0.2.7"
