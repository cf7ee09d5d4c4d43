"""The rules once more, as naively as can be: the oracle that engines are compared with.

Written from docs/rulebook, and sharing nothing with an engine but the words of the model. One list
of open orders, sorted anew for every question; fractions instead of scales; what an order still
holds is kept, not computed. Slow, and easy to believe.
"""

from coinport.model import commands as c
from coinport.model.events import Event, Refused
from tests.properties.oracle import administration, orders, transfers
from tests.properties.oracle.exchange import Exchange

RULES = {
    c.PlaceOrder: (orders.against_place, orders.place),
    c.CancelOrder: (orders.against_cancel, orders.cancel),
    c.CancelAllOrders: (orders.against_cancel_all, orders.cancel_all),
    c.OpenAccount: (administration.against_nothing, administration.open_account),
    c.SuspendAccount: (administration.against_suspend, administration.suspend),
    c.ResumeAccount: (administration.against_resume, administration.resume),
    c.Credit: (administration.against_credit, administration.credit),
    c.Debit: (administration.against_debit, administration.debit),
    c.AddCurrency: (administration.against_add_currency, administration.add_currency),
    c.AddMarket: (administration.against_add_market, administration.add_market),
    c.SetMarketState: (administration.against_change, administration.set_state),
    c.SetMarketFees: (administration.against_fees, administration.set_fees),
    c.SetPriceBand: (administration.against_band, administration.set_band),
    c.AnnounceDeposit: (transfers.against_announce, transfers.announce),
    c.CreditDeposit: (transfers.against_credit, transfers.credit),
    c.DropDeposit: (transfers.against_drop, transfers.drop),
    c.HoldDeposit: (transfers.against_hold, transfers.hold),
    c.ReleaseDeposit: (transfers.against_release, transfers.release),
    c.WriteOffDeposit: (transfers.against_release, transfers.write_off),
    c.AssignDeposit: (transfers.against_assign, transfers.assign),
    c.RequestWithdrawal: (transfers.against_request, transfers.request),
    c.CancelWithdrawal: (transfers.against_cancel, transfers.cancel),
    c.ApproveWithdrawal: (transfers.against_approve, transfers.approve),
    c.FailWithdrawal: (transfers.against_fail, transfers.fail),
    c.SendWithdrawal: (transfers.against_send, transfers.send),
    c.SettleWithdrawal: (transfers.against_settle, transfers.settle),
}
"""What may speak against a command, and what it does where nothing does."""


class Oracle:
    def __init__(self) -> None:
        self.exchange = Exchange()

    def execute(self, time: int, command: c.Command) -> list[Event]:
        exchange = self.exchange
        exchange.time = max(time, exchange.time)
        exchange.events = []
        against, effect = RULES[type(command)]
        for wrong, reason in against(exchange, command):
            if wrong:
                return [Refused(reason)]
        effect(exchange, command)
        return exchange.events
