"""`coinport admin`: what an operator asks of a running exchange."""

from coinport.app.cli.admin.deposits import deposit
from coinport.app.cli.admin.house import announcement, audit, operator
from coinport.app.cli.admin.markets import band, currency, fee, market
from coinport.app.cli.admin.session import app
from coinport.app.cli.admin.treasury import snapshot, wallet
from coinport.app.cli.admin.users import credit, debit, resume, suspend, user
from coinport.app.cli.admin.withdrawals import withdrawal

__all__ = ["app"]

for command in (credit, debit, suspend, resume, fee, band, snapshot):
    app.command()(command)
for name, group in (
    ("user", user),
    ("deposit", deposit),
    ("withdrawal", withdrawal),
    ("wallet", wallet),
    ("currency", currency),
    ("market", market),
    ("operator", operator),
    ("announcement", announcement),
    ("audit", audit),
):
    app.add_typer(group, name=name)
