"""Amounts in documents are exact: what is no count of smallest units is refused, never rounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from coinport.reserves.documents import figure, unhex, units
from coinport.reserves.errors import ProofWrong
from coinport.reserves.merkle import SUM_MAX


@given(st.integers(0, SUM_MAX), st.integers(0, 18))
def test_what_is_written_is_read(count: int, decimals: int) -> None:
    assert units(figure(count, decimals), decimals) == count
    assert units(Raw(b'"' + bytes(figure(count, decimals)) + b'"'), decimals) == count


@pytest.mark.parametrize(
    "text",
    ["-1", "1e3", "0.50", "01", ".5", "5.", "1_0", "NaN", "null", "", '""', "[]", "true", "１"],
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ProofWrong):
        units(Raw(text.encode()), 8)


@pytest.mark.parametrize(
    ("text", "decimals"),
    [
        ("0.123456789", 8),
        ("0.1", 0),
        ("9223372036854775808", 0),
        ("92233720368.54775808", 8 + 1),
        ("1", 19),
        ("9" * 40, 0),
    ],
)
def test_what_is_too_fine_or_too_large_is_refused(text: str, decimals: int) -> None:
    with pytest.raises(ProofWrong):
        units(Raw(text.encode()), decimals)


@pytest.mark.parametrize("text", ["", "ab", "AB" * 4, "ab cd ef ", "xy" * 4, "ab" * 5])
def test_bytes_are_lower_case_hexadecimal_of_their_length(text: str) -> None:
    assert unhex("ab" * 4, 4) == b"\xab" * 4
    with pytest.raises(ProofWrong):
        unhex(text, 4)
