"""Money on a real chain, from the outside: it comes in, and goes out again."""

from decimal import Decimal

from tests.end_to_end.litecoin_house import (
    DEPOSIT_CONFIRMATIONS,
    FEE,
    WITHDRAWAL_CONFIRMATIONS,
    House,
    Person,
    coins,
    until,
)


def test_a_deposit_is_seen_counted_and_credited_once(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    address = alice.address()
    assert alice.get("deposit_addresses") == {"LTC": address}
    txid = network.pay(address, Decimal("12.5"))
    until(lambda: alice.status_of(txid) == "Confirming")
    for depth in range(1, DEPOSIT_CONFIRMATIONS):
        network.mine()
        until(lambda: alice.deposits()[0]["confirmations"] == depth)  # noqa: B023
        assert alice.status_of(txid) == "Confirming"
        assert alice.balance() == [0, 0, 0, 0]
    network.mine()
    until(lambda: alice.status_of(txid) == "Succeeded")
    for depth in range(DEPOSIT_CONFIRMATIONS, DEPOSIT_CONFIRMATIONS + 3):
        until(lambda: alice.deposits()[0]["confirmations"] == depth)  # noqa: B023
        assert alice.balance() == [Decimal("12.5"), 0, 0, Decimal("12.5")]
        network.mine()
    [deposit] = alice.deposits()
    assert (coins(deposit["quantity"]), deposit["address"]) == (Decimal("12.5"), address)
    assert not deposit["simulated"]


def test_a_withdrawal_arrives_less_its_fee(house: House) -> None:
    network, alice = house.network, Person(house, "alice")
    alice.receive(5)
    outside = network.outside()
    transfer = alice.withdraw(Decimal("1.25"), outside)
    until(lambda: alice.withdrawals()[0]["status"] == "Confirming")
    assert alice.balance() == [Decimal("3.75"), 0, Decimal("1.25"), 5]
    [withdrawal] = alice.withdrawals()
    txid = withdrawal["txid"]
    until(lambda: txid in network.call("getrawmempool"))
    network.mine(WITHDRAWAL_CONFIRMATIONS)
    until(lambda: alice.withdrawals()[0]["status"] == "Succeeded")
    [withdrawal] = alice.withdrawals()
    assert (withdrawal["transfer_id"], withdrawal["txid"]) == (transfer, txid)
    assert (coins(withdrawal["quantity"]), coins(withdrawal["fee"])) == (Decimal("1.25"), FEE)
    assert network.paid(outside) == [Decimal("1.25") - FEE]
    assert txid in {each["txid"] for each in network.transactions()}
    assert alice.balance() == [Decimal("3.75"), 0, 0, Decimal("3.75")]
