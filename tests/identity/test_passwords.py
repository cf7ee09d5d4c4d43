from argon2 import extract_parameters

from coinport.identity.common_passwords import COMMON_PASSWORDS
from coinport.identity.lockout import Lockout, origin
from coinport.identity.passwords import Form, argon2id, form_of


def test_passwords_are_hashed_by_argon2id_with_a_salt_of_their_own():
    hasher = argon2id(passes=2, memory_kib=19_456)
    encoded = hasher.hash("x")
    parameters = extract_parameters(encoded)
    assert encoded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)
    assert hasher.hash("x") != encoded


def test_the_form_is_recognized_by_its_look():
    assert form_of("0123456789abcdefABCDEF0123456789") is Form.MD5
    assert form_of("0123456789abcdef0123456789abcdef\n") is Form.AS_GIVEN
    assert form_of("XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg=") is Form.SHA256
    assert form_of("md5ofmypassword") is Form.AS_GIVEN


def test_about_a_hundred_common_passwords_are_known_in_every_form():
    assert 300 < len(COMMON_PASSWORDS) < 450
    assert b"5f4dcc3b5aa765d61d8327deb882cf99" in COMMON_PASSWORDS
    assert b"XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg=" in COMMON_PASSWORDS


def test_a_customer_cannot_get_round_a_lock_by_the_addresses_of_his_ipv6_network():
    assert origin("2001:db8:1:2::1") == origin("2001:db8:1:2:ffff::9")
    assert origin("2001:db8:1:2::1") != origin("2001:db8:1:3::1")
    assert origin("::ffff:192.0.2.1") == origin("192.0.2.1")
    assert origin("192.0.2.1") != origin("192.0.2.2")
    assert origin("not an address") == origin("nor this")


def test_a_lock_forgets_the_key_that_was_longest_quiet(clock, monkeypatch):
    monkeypatch.setattr("coinport.identity.lockout.KEYS_MAX", 2)
    lockout = Lockout(1, window_ms=15 * 60_000, clock=clock)
    for key in ("a", "b", "c"):
        lockout.count_wrong(key)
    assert [lockout.locked(key) for key in ("a", "b", "c")] == [False, True, True]


def test_attempts_during_a_lock_do_not_prolong_it(clock):
    lockout = Lockout(2, window_ms=15 * 60_000, clock=clock)
    lockout.count_wrong("a")
    lockout.count_wrong("a")
    clock.advance(minutes=14)
    lockout.count_wrong("a")
    clock.advance(minutes=1)
    assert not lockout.locked("a")
