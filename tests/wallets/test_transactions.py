"""Transactions as bytes, against those that a real node made."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinport.model.units import Amount
from coinport.wallets.transactions import (
    Input,
    Outpoint,
    Output,
    Transaction,
    compact_size,
    decode,
)

SHAPES = json.loads((Path(__file__).parents[1] / "contracts" / "litecoind_shapes.json").read_text())
SEGWIT = (
    "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830"
    "450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f928"
    "1a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e81"
    "5b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f6"
    "6f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988"
    "ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c"
    "4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7aca"
    "fcdb3566bb0ad253f62fc70f07aeee635711000000"
)
"""The signed native P2WPKH example of BIP 143."""
SEGWIT_TXID = "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609"


@pytest.mark.parametrize("name", ["gettransaction_receive", "gettransaction_send"])
def test_a_nodes_transactions_keep_their_bytes_and_their_id(name: str) -> None:
    shape = SHAPES[name]["result"]
    transaction = decode(bytes.fromhex(shape["hex"]))
    assert transaction.encode().hex() == shape["hex"]
    assert transaction.txid == shape["txid"]


def test_a_witness_is_read_over_and_the_id_is_that_of_the_rest() -> None:
    transaction = decode(bytes.fromhex(SEGWIT))
    assert [output.amount for output in transaction.outputs] == [112340000, 223450000]
    assert transaction.txid == SEGWIT_TXID


@pytest.mark.parametrize("carried", [b"\x00", b"\x01" + bytes(700)])
def test_what_goes_into_mweb_is_read_over(carried: bytes) -> None:
    """Anybody can pay us so. Without its other outputs we could not spend what it paid."""
    whole = bytes.fromhex(SEGWIT)
    flagged = whole[:5] + b"\x09" + whole[6:-4] + carried + whole[-4:]
    assert decode(flagged) == decode(whole)


@given(
    scripts=st.lists(st.binary(max_size=300), min_size=1, max_size=3),
    amounts=st.lists(st.integers(0, 2**62), min_size=1, max_size=300),
    time=st.none() | st.integers(0, 2**32 - 1),
)
def test_what_is_written_can_be_read(
    scripts: list[bytes], amounts: list[int], time: int | None
) -> None:
    inputs = tuple(Input(Outpoint(f"{at:064x}", at), script) for at, script in enumerate(scripts))
    outputs = tuple(Output(Amount(amount), b"\x6a") for amount in amounts)
    transaction = Transaction(inputs, outputs, 1, time, 17)
    assert decode(transaction.encode(), timed=time is not None) == transaction


@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_transaction_or_refused(data: bytes) -> None:
    try:
        decode(data)
    except ValueError:
        return


def test_cut_or_lengthened_transactions_are_refused() -> None:
    whole = bytes.fromhex(SEGWIT)
    for end in range(len(whole)):
        with pytest.raises(ValueError, match="transaction"):
            decode(whole[:end])
    with pytest.raises(ValueError, match="behind"):
        decode(whole + b"\x00")


@pytest.mark.parametrize(
    ("size", "data"),
    [(0, "00"), (252, "fc"), (253, "fdfd00"), (65_535, "fdffff"), (65_536, "fe00000100")],
)
def test_sizes_are_as_short_as_they_can_be(size: int, data: str) -> None:
    assert compact_size(size).hex() == data
