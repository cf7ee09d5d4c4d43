"""A signature counts once, whatever is forgotten."""

from coinport.gateway.replays import SeenSignatures

NOW = 1_421_560_886_000


def test_a_signature_counts_once() -> None:
    seen = SeenSignatures()
    assert seen.first_time(b"a", NOW + 5000, NOW)
    assert not seen.first_time(b"a", NOW + 5000, NOW + 4999)
    assert seen.first_time(b"b", NOW + 5000, NOW)


def test_what_has_expired_is_forgotten_and_still_does_not_count_when_the_clock_runs_back() -> None:
    seen = SeenSignatures()
    assert seen.first_time(b"a", NOW + 5000, NOW)
    assert seen.first_time(b"b", NOW + 12000, NOW + 7000)
    assert seen._count == 1
    assert not seen.first_time(b"a", NOW + 5000, NOW)


def test_memory_is_bounded_and_what_is_forgotten_for_lack_of_it_does_not_count_again() -> None:
    seen = SeenSignatures(most=3)
    for name, expires in [(b"a", NOW + 1000), (b"b", NOW + 5000), (b"c", NOW + 9000)]:
        assert seen.first_time(name, expires, NOW)
    assert seen.first_time(b"d", NOW + 5000, NOW)
    assert seen._count == 3
    assert not seen.first_time(b"a", NOW + 1000, NOW)
    assert not seen.first_time(b"new, but as old", NOW + 1000, NOW)
    assert not seen.first_time(b"b", NOW + 5000, NOW)
