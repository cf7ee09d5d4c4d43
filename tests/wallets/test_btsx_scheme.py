"""The signer's part of BitShares: bytes, signatures, and what is looked up before it signs."""

import asyncio
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec
import pytest
from coincurve import PrivateKey, PublicKey
from msgspec.structs import replace

from coinport.model.units import Amount, TimeMs
from coinport.wallets import btsx_transfers
from coinport.wallets.btsx_scheme import BtsxScheme
from coinport.wallets.btsx_transfers import MAIN_CHAIN, UNITS, Memo, Transfer, is_canonical
from coinport.wallets.chain import Payout, Unsigned
from coinport.wallets.derivation import CHANGE, EXTERNAL
from coinport.wallets.own_node import OwnNode
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.schemes import ACCOUNT_PATH
from coinport.wallets.signer import Memory, Signer
from coinport.wallets.signing import (
    KeyPath,
    Limits,
    Order,
    Refused,
    SignMessage,
    SignWithdrawals,
    TransactionSigned,
)
from tests.contracts.btsx_stage import KEY, BtsxStage

PLAIN = Transfer(
    ref_block=47376,
    ref_prefix=1434635172,
    expires=1528118217,
    fee=10420,
    sender=974337,
    recipient=22805,
    amount=1_000_000,
    memo=None,
)
PLAIN_BYTES = "10b9a4cb8255c93b155b0100b4280000000000000081bc3b95b20140420f000000000000000000"
"""As a public library for this chain writes it."""

PUBLIC_KEY = "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV"
WITH_MEMO = Transfer(
    ref_block=34294,
    ref_prefix=3707022213,
    expires=1459931367,
    fee=0,
    sender=0,
    recipient=1,
    amount=1_000_000,
    memo=Memo(
        PUBLIC_KEY,
        PUBLIC_KEY,
        5862723643998573708,
        "fa5b6e83079a878e499e2e52a76a7739e9de40986a8e3bd8a68ce316cee50b21",
    ),
)
WITH_MEMO_BYTES = (
    "f68585abf4dce7c804570100000000000000000000000140420f000000000000"
    "0102c0ded2bc1f1305fb0faac5e6c03ee3a1924234985427b6167ca569d13df435cf"
    "02c0ded2bc1f1305fb0faac5e6c03ee3a1924234985427b6167ca569d13df435cf"
    "8c94d19817945c5120fa5b6e83079a878e499e2e52a76a7739e9de40986a8e3bd8a68ce316cee50b210000"
)
"""As another one writes it, but for the asset, which is 1.3.4 there."""

LIMITS = Limits(payment_max=Amount(10**10), day_max=Amount(10**10), fee_max=Amount(10**8))


class Ledger:
    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}

    def order(self, withdrawal: int) -> Order | None:
        return self.orders.get(withdrawal)


@pytest.fixture
def stage() -> BtsxStage:
    stage = BtsxStage()
    asyncio.run(stage.open())
    return stage


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def signer(stage: BtsxStage, ledger: Ledger, tmp_path: Path) -> Signer:
    memory = Memory(tmp_path / "signed")
    return Signer(
        {"BTSX": stage.scheme}, {"BTSX": LIMITS}, ledger, memory, lambda: TimeMs(10**12), {}
    )


def built(stage: BtsxStage, payout: Payout) -> Unsigned:
    return asyncio.run(stage.chain.build([payout], sources=[stage.hot], change=stage.hot))


def changed(unsigned: Unsigned, **fields: object) -> Unsigned:
    """Other bytes, and named as those are."""
    transfer = msgspec.json.decode(unsigned.blob, type=Transfer)
    transfer = replace(transfer, **fields)
    blob = msgspec.json.encode(transfer).decode()
    return replace(unsigned, blob=blob, inputs=(btsx_transfers.txid(transfer),))


def refusal(signer: Signer, unsigned: Unsigned, withdrawal: int = 1) -> str:
    answer = signer.answer(SignWithdrawals((withdrawal,), unsigned, (ACCOUNT_PATH,)))
    assert isinstance(answer, Refused), answer
    return answer.reason


def signer_of(signature: bytes, chain_id: str, data: bytes) -> str:
    """The public key behind a signature in the form of these chains."""
    assert 27 + 4 <= signature[0] < 27 + 4 + 4
    digest = sha256(bytes.fromhex(chain_id) + data).digest()
    recoverable = signature[1:] + bytes([signature[0] - 27 - 4])
    return PublicKey.from_signature_and_message(recoverable, digest, hasher=None).format().hex()


@pytest.mark.parametrize(("transfer", "data"), [(PLAIN, PLAIN_BYTES), (WITH_MEMO, WITH_MEMO_BYTES)])
def test_transfers_are_written_as_others_write_them(transfer: Transfer, data: str) -> None:
    assert btsx_transfers.encode(transfer).hex() == data
    assert btsx_transfers.txid(transfer) == sha256(bytes.fromhex(data)).hexdigest()[:40]


def test_signatures_have_the_form_of_one_in_a_public_chain() -> None:
    data = bytes.fromhex("bd8c5fe26f45f179a8570100057865726f63057865726f6306706973746f6e102700")
    signature = bytes.fromhex(
        "200c9c94ba47f8ed7263d1ec7561ee36b74f14cb47cd37059eb7c1a2a19253c883"
        "5ca5f814456c0cf01b5ed9db34f79c95f9b55fbb12a4780c1e97aec29ff05416"
    )
    key = "0361437d9b6ab321dab23cd8da288ad0267debedc7247ca78d4be3f43ea6d4d28a"
    assert is_canonical(signature[1:])
    assert signer_of(signature, "00" * 32, data) == key
    for expires in range(64):  # every second signature would not be canonical at the first try
        transfer = replace(PLAIN, expires=expires)
        signed = btsx_transfers.sign(transfer, KEY)
        ours = bytes.fromhex(signed.signature)
        assert is_canonical(ours[1:])
        data = btsx_transfers.encode(transfer)
        assert signer_of(ours, MAIN_CHAIN, data) == KEY.public_key.format().hex()
        assert btsx_transfers.sign(transfer, KEY) == signed


@pytest.mark.parametrize(
    ("number", "canonical"),
    [
        ("01" * 32, True),
        ("7f" + "ff" * 31, True),
        ("80" + "00" * 31, False),
        ("00" + "80" * 31, True),
        ("00" + "7f" * 31, False),
    ],
)
def test_canonical_is_what_needs_all_its_bytes_and_no_more(number: str, canonical: bool) -> None:
    good = bytes.fromhex("01" * 32)
    assert is_canonical(bytes.fromhex(number) + good) is canonical
    assert is_canonical(good + bytes.fromhex(number)) is canonical


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PLAIN, ref_block=2**16),
        replace(PLAIN, ref_prefix=-1),
        replace(PLAIN, expires=2**32),
        replace(PLAIN, amount=-1),
        replace(PLAIN, fee=2**64),
        replace(PLAIN, recipient=-1),
        replace(WITH_MEMO, memo=replace(WITH_MEMO.memo, message="0")),
        replace(WITH_MEMO, memo=replace(WITH_MEMO.memo, sender=PUBLIC_KEY[3:])),
        replace(WITH_MEMO, memo=replace(WITH_MEMO.memo, sender=PUBLIC_KEY[:-1] + "W")),
        replace(WITH_MEMO, memo=replace(WITH_MEMO.memo, nonce=2**64)),
    ],
)
def test_what_the_chain_could_not_write_is_no_transfer(wrong: Transfer) -> None:
    with pytest.raises(ValueError, match=r"range|bytes|key|hex"):
        btsx_transfers.encode(wrong)


def test_a_withdrawal_of_the_ledger_is_signed_and_again_the_same(
    signer: Signer, stage: BtsxStage, ledger: Ledger
) -> None:
    for number, memo in enumerate(("", "7"), 1):
        payout = Payout(stage.outside(), stage.coin, memo)
        ledger.orders[number] = Order("BTSX", payout)
        unsigned = built(stage, payout)
        asked = SignWithdrawals((number,), unsigned, (ACCOUNT_PATH,))
        answer = signer.answer(asked)
        assert isinstance(answer, TransactionSigned)
        assert signer.answer(asked) == answer
        assert answer.signed.inputs == unsigned.inputs == (answer.signed.txid,)


def test_what_the_ledger_does_not_have_is_not_signed(
    signer: Signer, stage: BtsxStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin, "7")
    ledger.orders[1] = Order("BTSX", payout)
    for wrong in (
        replace(payout, address=stage.outside()),
        replace(payout, amount=Amount(payout.amount + UNITS)),
        replace(payout, memo="8"),
        replace(payout, memo=""),
    ):
        assert "not in the ledger" in refusal(signer, built(stage, wrong))
    assert "not in the ledger" in refusal(signer, built(stage, payout), withdrawal=2)


def test_bytes_that_do_something_else_than_is_said_are_not_signed(
    signer: Signer, stage: BtsxStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin)
    ledger.orders[1] = Order("BTSX", payout)
    said = built(stage, payout)
    mallory = built(stage, replace(payout, address=stage.outside()))
    for other, why in [
        (replace(said, blob=mallory.blob, inputs=mallory.inputs), "pay"),
        (changed(said, amount=stage.coin // UNITS + 1), "pay"),
        (changed(said, sender=7), "pay"),
        (replace(changed(said, fee=1), inputs=said.inputs), "use up"),
        (replace(said, inputs=(*said.inputs, "00")), "use up"),
        (changed(said, expires=2**32 - 1), "expire"),
        (changed(said, fee=LIMITS.fee_max // UNITS + 1), "fee"),
        (replace(said, payouts=(payout, payout)), "one payment"),
        (replace(said, blob="{}"), "not a transfer"),
        (replace(said, blob=said.blob.replace('"fee":', '"fee":-')), "not a transfer"),
    ]:
        assert why in refusal(signer, other)


def test_a_memo_is_opened_before_it_is_believed(
    signer: Signer, stage: BtsxStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin, "7")
    ledger.orders[1] = Order("BTSX", payout)
    said = built(stage, payout)
    elsewhere = stage.outside()

    def sealed(sender: str, recipient: str, text: str, **fields: object) -> Memo:
        made = stage.node.sealed(sender, recipient, text)
        memo = Memo(made["from"], made["to"], int(made["nonce"]), made["message"])
        return replace(memo, **fields)

    for memo, why in [
        (sealed(stage.hot, payout.address, "8"), "memo is not"),
        (None, "memo is not"),
        (sealed(stage.hot, elsewhere, "7"), "other keys"),
        (sealed(elsewhere, payout.address, "7"), "other keys"),
        (sealed(stage.hot, payout.address, "7", message="00ff"), "cannot be read"),
    ]:
        assert why in refusal(signer, changed(said, memo=memo))
    same = changed(said, memo=sealed(stage.hot, payout.address, "7"))
    answer = signer.answer(SignWithdrawals((1,), same, (ACCOUNT_PATH,)))
    assert isinstance(answer, TransactionSigned)
    plain = built(stage, replace(payout, memo=""))
    stage.signers_wallet.locked = True
    assert "own BTSX node" in refusal(signer, said)
    assert "not in the ledger" in refusal(signer, plain)


def test_one_withdrawal_never_has_two_transfers_that_could_both_happen(
    signer: Signer, stage: BtsxStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin)
    ledger.orders[1] = Order("BTSX", payout)
    first, second = built(stage, payout), built(stage, payout)
    assert isinstance(
        signer.answer(SignWithdrawals((1,), first, (ACCOUNT_PATH,))), TransactionSigned
    )
    assert "could still happen" in refusal(signer, second)


def test_a_name_is_looked_up_where_the_exchange_cannot_lie(
    signer: Signer, stage: BtsxStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin)
    ledger.orders[1] = Order("BTSX", payout)
    mallory = stage.node.accounts[stage.outside()]
    stage.wallet._get_account = lambda name: mallory  # type: ignore[method-assign]
    stage.wallet._list_accounts = lambda name, _: [[name, mallory["id"]]]  # type: ignore[method-assign]
    stage.chain._found = None
    stage.wallet._transfer = lambda *_: {  # type: ignore[method-assign]
        "operations": [
            [
                0,
                {
                    "fee": {"amount": 1, "asset_id": "1.3.0"},
                    "from": mallory["id"],
                    "to": mallory["id"],
                    "amount": {"amount": stage.coin // UNITS, "asset_id": "1.3.0"},
                },
            ]
        ]
    }
    assert "does not pay" in refusal(signer, built(stage, payout))


def test_an_account_that_is_called_otherwise_is_another_one(stage: BtsxStage) -> None:
    payout = Payout(stage.outside(), stage.coin)
    unsigned = built(stage, payout)
    wrong = stage.node.accounts[stage.outside()]
    stage.signers_wallet._get_account = lambda name: wrong  # type: ignore[method-assign]
    with pytest.raises(Unsignable, match="not the name"):
        stage.scheme.read(unsigned)


def test_there_is_one_account_and_it_signs_no_messages(signer: Signer, stage: BtsxStage) -> None:
    for path in (KeyPath(EXTERNAL, 0), KeyPath(CHANGE, 1)):
        with pytest.raises(Unsignable, match="one account"):
            stage.scheme.address(path)
    assert stage.scheme.address(ACCOUNT_PATH) == stage.hot
    assert isinstance(signer.answer(SignMessage("BTSX", ACCOUNT_PATH, "coinport")), Refused)


def test_without_its_own_node_nothing_is_signed_and_no_key_is_shown(stage: BtsxStage) -> None:
    unsigned = built(stage, Payout(stage.outside(), stage.coin))

    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    for transport in (
        httpx.MockTransport(down),
        httpx.MockTransport(lambda request: httpx.Response(200, json={"error": {"code": 1}})),
        httpx.MockTransport(lambda request: httpx.Response(200, json=[])),
    ):
        own = OwnNode("http://127.0.0.1:1", name="BTSX", transport=transport)
        scheme = BtsxScheme(stage.hot, PrivateKey.from_int(7).secret, own)
        with pytest.raises(Unsignable, match="own BTSX node"):
            scheme.read(unsigned)
