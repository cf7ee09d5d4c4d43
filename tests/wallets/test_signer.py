"""The signer signs what the ledger says, within its limits, and nothing else."""

import asyncio
import stat
from pathlib import Path

import msgspec
import pytest
from bip_utils.bip.bip32 import Bip32Slip10Secp256k1
from coincurve import PublicKey
from msgspec.structs import replace

from coinport.model.units import Amount, TimeMs
from coinport.wallets import messages
from coinport.wallets.addresses import p2pkh
from coinport.wallets.chain import Block, Payout, Unsigned
from coinport.wallets.derivation import CHANGE, EXTERNAL, AccountKey
from coinport.wallets.schemes import BitcoinScheme, SimScheme
from coinport.wallets.scripts import output_script
from coinport.wallets.signer import DAY_MS, Memory, Signer
from coinport.wallets.signer_socket import SignerUnavailable, ask, listen
from coinport.wallets.signing import (
    KeyPath,
    Limits,
    MessageSigned,
    Order,
    Refused,
    Request,
    SignMessage,
    SignSweep,
    SignWithdrawals,
    TransactionSigned,
)
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import SimNetwork
from coinport.wallets.transactions import Input, Outpoint, Output, Transaction, decode

ACCOUNT = Bip32Slip10Secp256k1.FromSeedAndPath(bytes(32), "m/44'/2'/0'")
PUBLIC = AccountKey(ACCOUNT.PublicKey().ToExtended())
SCHEME = BitcoinScheme("LTC", ACCOUNT.PrivateKey().ToExtended())
HOT, USER = KeyPath(CHANGE, 0), KeyPath(EXTERNAL, 5)
ALICE, MALLORY = (
    p2pkh("LTC", PublicKey.from_valid_secret(bytes(31) + bytes([secret])).format())
    for secret in (1, 2)
)
COLD = "M8T1B2Z97gVdvmfkQcAtYbEepune1tzGua"
COIN = Amount(10**8)
FEE = 10_000
LIMITS = Limits(
    payment_max=Amount(5 * COIN), day_max=Amount(8 * COIN + 2 * FEE), fee_max=Amount(100_000)
)


class Ledger:
    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}

    def order(self, withdrawal: int) -> Order | None:
        return self.orders.get(withdrawal)

    def add(self, number: int, coins: int, address: str = ALICE) -> Payout:
        payout = Payout(address, Amount(coins * COIN))
        self.orders[number] = Order("LTC", payout)
        return payout


class Clock:
    now = 10 * DAY_MS

    def __call__(self) -> TimeMs:
        return TimeMs(self.now)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "signed"


def made(ledger: Ledger, clock: Clock, file: Path) -> Signer:
    return Signer({"LTC": SCHEME}, {"LTC": LIMITS}, ledger, Memory(file), clock, {"LTC": COLD})


@pytest.fixture
def signer(ledger: Ledger, clock: Clock, file: Path) -> Signer:
    return made(ledger, clock, file)


def transaction(*payouts: Payout, coin: int = 1, path: KeyPath = HOT, fee: int = FEE) -> Unsigned:
    """Spends coin number `coin` of the address at `path`, which holds just enough."""
    holds = sum(payout.amount for payout in payouts) + fee
    earlier = Transaction(
        (Input(Outpoint("00" * 32, coin)),),
        (Output(Amount(holds), output_script("LTC", SCHEME.address(path))),),
    )
    outputs = tuple(Output(to.amount, output_script("LTC", to.address)) for to in payouts)
    spends = Outpoint(earlier.txid, 0)
    return Unsigned(
        currency="LTC",
        payouts=payouts,
        inputs=(str(spends),),
        fee=Amount(fee),
        blob=Transaction((Input(spends),), outputs).encode().hex(),
        context=(earlier.encode().hex(),),
        since=Block(1, "00"),
    )


def change(coins: int = 1) -> Payout:
    return Payout(SCHEME.address(HOT), Amount(coins * COIN))


def refusal(signer: Signer, request: Request) -> str:
    answer = signer.answer(request)
    assert isinstance(answer, Refused), answer
    return answer.reason


def test_a_withdrawal_of_the_ledger_is_signed_with_the_right_key(
    signer: Signer, ledger: Ledger
) -> None:
    unsigned = transaction(ledger.add(1, 2), change())
    answer = signer.answer(SignWithdrawals((1,), unsigned, (HOT,)))
    assert isinstance(answer, TransactionSigned)
    assert answer.signed.payouts == unsigned.payouts
    done, asked = (decode(bytes.fromhex(blob)) for blob in (answer.signed.blob, unsigned.blob))
    assert done.outputs == asked.outputs
    assert done.txid == answer.signed.txid
    script = done.inputs[0].script
    signature, key = script[1 : script[0]], script[2 + script[0] :]
    spent = output_script("LTC", SCHEME.address(HOT))
    assert p2pkh("LTC", key) == SCHEME.address(HOT)
    assert PublicKey(key).verify(signature, asked.digest(0, spent), hasher=None)


def test_the_signers_addresses_are_those_of_the_public_key() -> None:
    for path in (HOT, USER):
        assert SCHEME.address(path) == PUBLIC.address("LTC", path.index, path.branch)


def test_what_the_ledger_does_not_have_is_not_signed(signer: Signer, ledger: Ledger) -> None:
    paid = ledger.add(1, 2)
    asked = SignWithdrawals((2,), transaction(paid), (HOT,))
    assert "not in the ledger" in refusal(signer, asked)
    for wrong in (
        Payout(MALLORY, paid.amount),
        Payout(ALICE, Amount(paid.amount + 1)),
        Payout(ALICE, paid.amount, "7"),
    ):
        asked = SignWithdrawals((1,), transaction(wrong), (HOT,))
        assert "not in the ledger" in refusal(signer, asked)


def test_bytes_that_do_something_else_than_is_said_are_not_signed(
    signer: Signer, ledger: Ledger
) -> None:
    paid = ledger.add(1, 2)
    said = transaction(paid)
    for other, why in [
        (replace(said, blob=transaction(Payout(MALLORY, paid.amount)).blob), "outputs"),
        (replace(said, blob=transaction(paid, change()).blob), "is not shown"),
        (replace(said, inputs=("00" * 32 + ":0",)), "inputs"),
        (replace(said, context=()), "is not shown"),
        (replace(said, context=transaction(paid, coin=9).context), "is not shown"),
        (replace(said, blob="zz"), "LTC"),
        (replace(said, blob=said.blob[:-2]), "too early"),
        (replace(said, currency="BTC"), "no keys"),
    ]:
        assert why in refusal(signer, SignWithdrawals((1,), other, (HOT,)))


def test_change_comes_back_to_a_hot_address(signer: Signer, ledger: Ledger) -> None:
    paid = ledger.add(1, 2)
    for elsewhere in (MALLORY, COLD, SCHEME.address(USER)):
        unsigned = transaction(paid, Payout(elsewhere, COIN))
        assert "not ours" in refusal(signer, SignWithdrawals((1,), unsigned, (HOT, USER)))


def test_a_fee_above_the_limit_is_not_paid(signer: Signer, ledger: Ledger) -> None:
    paid = ledger.add(1, 2)
    for fee in (LIMITS.fee_max + 1, -1):
        asked = SignWithdrawals((1,), transaction(paid, fee=fee), (HOT,))
        assert "fee" in refusal(signer, asked)


def test_what_is_not_ours_cannot_be_spent(signer: Signer, ledger: Ledger) -> None:
    asked = SignWithdrawals((1,), transaction(ledger.add(1, 2)), (USER,))
    assert "not ours to spend" in refusal(signer, asked)


def test_one_withdrawal_never_has_two_transactions_that_could_both_happen(
    signer: Signer, ledger: Ledger, clock: Clock, file: Path
) -> None:
    paid = ledger.add(1, 2)
    first = SignWithdrawals((1,), transaction(paid, coin=1), (HOT,))
    second = SignWithdrawals((1,), transaction(paid, coin=2), (HOT,))
    signed = signer.answer(first)
    assert isinstance(signed, TransactionSigned)
    for _ in range(2):
        assert "could still happen" in refusal(signer, second)
        assert signer.answer(first) == signed
        signer = made(ledger, clock, file)  # as after a restart


def test_the_same_coin_may_be_spent_with_a_higher_fee(signer: Signer, ledger: Ledger) -> None:
    paid = ledger.add(1, 2)
    back = change()
    less = replace(back, amount=Amount(back.amount - FEE))
    slow, fast = transaction(paid, back), transaction(paid, less, fee=2 * FEE)
    assert slow.inputs == fast.inputs
    for unsigned in (slow, fast):
        answer = signer.answer(SignWithdrawals((1,), unsigned, (HOT,)))
        assert isinstance(answer, TransactionSigned)


def test_one_payment_and_one_day_have_limits(
    signer: Signer, ledger: Ledger, clock: Clock, file: Path
) -> None:
    def asked(number: int, coins: int) -> SignWithdrawals:
        return SignWithdrawals(
            (number,), transaction(ledger.add(number, coins), coin=number), (HOT,)
        )

    assert "one payment" in refusal(signer, asked(1, 6))
    assert isinstance(signer.answer(asked(2, 5)), TransactionSigned)
    signer = made(ledger, clock, file)
    assert "24 hours" in refusal(signer, asked(3, 4))
    assert isinstance(signer.answer(asked(4, 3)), TransactionSigned)
    assert isinstance(signer.answer(asked(4, 3)), TransactionSigned)
    assert "24 hours" in refusal(signer, asked(5, 1))
    clock.now += DAY_MS + 1
    assert isinstance(signer.answer(asked(5, 1)), TransactionSigned)


def test_fees_count_of_withdrawals_and_of_sweeps_and_once_for_the_same_coins(
    ledger: Ledger, clock: Clock, file: Path
) -> None:
    """Else all of the hot money could leave as fees."""

    def sweep(coin: int, fee: int) -> SignSweep:
        hot = Payout(SCHEME.address(HOT), COIN)
        return SignSweep(transaction(hot, coin=coin, path=USER, fee=fee), (USER, HOT))

    def signer() -> Signer:
        limits = replace(LIMITS, day_max=Amount(COIN + 4 * FEE))
        return Signer({"LTC": SCHEME}, {"LTC": limits}, ledger, Memory(file), clock, {})

    first = signer()
    withdrawal = SignWithdrawals((1,), transaction(ledger.add(1, 1)), (HOT,))
    for request in (withdrawal, withdrawal, sweep(2, FEE), sweep(2, FEE)):
        assert isinstance(first.answer(request), TransactionSigned)
    assert "24 hours" in refusal(first, sweep(3, 3 * FEE))
    assert isinstance(first.answer(sweep(3, 2 * FEE)), TransactionSigned)
    again = signer()
    assert "24 hours" in refusal(again, sweep(4, 1))
    assert isinstance(again.answer(sweep(3, 2 * FEE)), TransactionSigned)
    clock.now += DAY_MS + 1
    assert isinstance(again.answer(sweep(4, FEE)), TransactionSigned)


def test_many_withdrawals_in_one_transaction(signer: Signer, ledger: Ledger) -> None:
    payouts = [ledger.add(number, 1) for number in (1, 2, 3)]
    unsigned = transaction(*payouts, change())
    assert isinstance(
        signer.answer(SignWithdrawals((1, 2, 3), unsigned, (HOT,))), TransactionSigned
    )
    for ids in ((), (1, 1, 2), (1, 2), (1, 2, 3, 4, 5)):
        assert isinstance(signer.answer(SignWithdrawals(ids, unsigned, (HOT,))), Refused)


def test_a_sweep_stays_with_us(signer: Signer) -> None:
    for to in (SCHEME.address(HOT), COLD):
        unsigned = transaction(Payout(to, Amount(50 * COIN)), path=USER)
        assert isinstance(signer.answer(SignSweep(unsigned, (USER, HOT))), TransactionSigned)
    for to in (MALLORY, SCHEME.address(USER)):
        unsigned = transaction(Payout(to, COIN), path=USER)
        assert "not ours" in refusal(signer, SignSweep(unsigned, (USER, HOT)))


def test_only_messages_of_this_exchange_are_signed(signer: Signer) -> None:
    answer = signer.answer(SignMessage("LTC", USER, "coinport|LTC|snapshot 1"))
    assert isinstance(answer, MessageSigned)
    assert answer.address == SCHEME.address(USER)
    assert messages.verify("LTC", answer.address, "coinport|LTC|snapshot 1", answer.signature)
    assert "begin with" in refusal(signer, SignMessage("LTC", USER, "I owe you"))
    assert "no keys" in refusal(signer, SignMessage("BTC", USER, "coinport"))
    assert "no path" in refusal(signer, SignMessage("LTC", KeyPath(0, -1), "coinport"))


def test_a_damaged_memory_signs_nothing_and_half_a_line_never_counted(
    signer: Signer, ledger: Ledger, clock: Clock, file: Path
) -> None:
    asked = SignWithdrawals((1,), transaction(ledger.add(1, 2)), (HOT,))
    assert isinstance(signer.answer(asked), TransactionSigned)
    whole = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_bytes(whole + b'{"time":1,"withd')
    Memory(file).close()
    assert file.read_bytes() == whole
    file.write_bytes(b"x" + whole)
    with pytest.raises(msgspec.DecodeError):
        Memory(file)


@pytest.mark.parametrize("key", ["", "xprv", PUBLIC and ACCOUNT.PublicKey().ToExtended()])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="LTC"):
        BitcoinScheme("LTC", key)


def test_a_simulated_chain_obeys_the_same_ledger(ledger: Ledger, clock: Clock, file: Path) -> None:
    scheme = SimScheme(lambda path: f"{path.branch}/{path.index}")
    signer = Signer({"LTC": scheme}, {"LTC": LIMITS}, ledger, Memory(file), clock, {})
    network = SimNetwork("LTC")
    network.pay("1/0", Amount(9 * COIN))
    network.mine()
    paid = ledger.add(1, 2)
    building = SimChain(network).build([paid], sources=["1/0"], change="1/0")
    unsigned = asyncio.run(building)
    assert isinstance(signer.answer(SignWithdrawals((1,), unsigned, (HOT,))), TransactionSigned)
    assert "not in the ledger" in refusal(signer, SignWithdrawals((2,), unsigned, (HOT,)))
    other = replace(unsigned, payouts=(replace(paid, address=MALLORY), unsigned.payouts[1]))
    assert "said to" in refusal(signer, SignWithdrawals((1,), other, (HOT,)))


def test_the_signer_answers_on_its_socket_and_only_to_its_user(
    signer: Signer, ledger: Ledger, tmp_path: Path
) -> None:
    async def scene() -> None:
        path = tmp_path / "signer.sock"
        with pytest.raises(SignerUnavailable):
            await ask(path, SignMessage("LTC", USER, "coinport"))
        server = await listen(path, signer)
        async with server:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            asked = SignWithdrawals((1,), transaction(ledger.add(1, 2)), (HOT,))
            assert isinstance(await ask(path, asked), TransactionSigned)
            assert await ask(path, asked) == signer.answer(asked)
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b'{"type":"SignEverything"}\n')
            assert b"not a request" in await reader.readline()
            writer.close()

    asyncio.run(scene())
