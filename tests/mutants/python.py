"""The faults in the Python rulebook: (file of coinport/engine, what stands there, the fault)."""

PATCHES: dict[str, tuple[str, str, str]] = {
    "hold-kept": (
        "matching.py",
        "released = (taker.price - price) * quantity * market.scale",
        "released = 0",
    ),
    "hold-unchecked": (
        "orders.py",
        "if hold > state.ledger.available(command.account, currency):",
        "if hold > state.ledger.available(command.account, currency) * 2:",
    ),
    "fee-rounds-down": (
        "accounting.py",
        "return Amount(-(-amount * ppm // PPM))",
        "return Amount(amount * ppm // PPM)",
    ),
    "fees-swapped": (
        "matching.py",
        "taker_fee = fee(to_taker, market.taker_fee_ppm)\n"
        "        maker_fee = fee(to_maker, market.maker_fee_ppm)",
        "taker_fee = fee(to_taker, market.maker_fee_ppm)\n"
        "        maker_fee = fee(to_maker, market.taker_fee_ppm)",
    ),
    "fee-in-wrong-currency": (
        "matching.py",
        "(amount, value) if taker.side is _BUY else (value, amount)",
        "(value, amount) if taker.side is _BUY else (amount, value)",
    ),
    "key-forgotten": ("evolve.py", "state.keys.add(command.key)", "pass"),
    "total-unbounded": (
        "accounts.py",
        "state.ledger.owed(command.currency) + command.amount > AMOUNT_MAX",
        "command.amount > AMOUNT_MAX",
    ),
    "value-unbounded": ("orders.py", "if value > AMOUNT_MAX or amount", "if amount"),
    "takers-price": (
        "matching.py",
        "    price = maker.price\n    quantity = min",
        "    price = taker.price or maker.price\n    quantity = min",
    ),
    "takers-price-told": (
        "matching.py",
        "        taker.side,\n        price,",
        "        taker.side,\n        taker.price or price,",
    ),
    "last-come-first-served": (
        "book.py",
        "return next(iter(level.values()))",
        "return next(reversed(level.values()))",
    ),
    "equal-price-waits": ("matching.py", "keys[-1] >= worst:", "keys[-1] > worst:"),
    "trade-id-reused": ("evolve.py", "TradeId(event.trade + 1)", "event.trade"),
    "trades-unbounded": (
        "matching.py",
        "if trades == TRADES_MAX:\n            ended",
        "if trades < 0:\n            ended",
    ),
    "trades-unbounded-in-plan": ("matching.py", "< worst or trades == TRADES_MAX:", "< worst:"),
    "fok-ignored": (
        "orders.py",
        "terms.time_in_force is _FOK and not plan(book, terms).complete",
        "terms.time_in_force is None",
    ),
    "fok-ignored-at-market": (
        "orders.py",
        "command.time_in_force is _FOK and not planned.complete",
        "command.time_in_force is None",
    ),
    "ioc-rests": (
        "matching.py",
        "elif terms.time_in_force is not _GTC:",
        "elif terms.time_in_force is TimeInForce.FOK:",
    ),
    "post-only-ignored": ("orders.py", "if terms.post_only:", "if terms.post_only is None:"),
    "value-rounded-up": (
        "matching.py",
        "wanted = (terms.value - cost) // (maker.price * scale)",
        "wanted = -(-(terms.value - cost) // (maker.price * scale))",
    ),
    "prevention-mixed": (
        "matching.py",
        "(SelfTradePrevention.EXPIRE_TAKER, SelfTradePrevention.EXPIRE_BOTH)\n_EXPIRES_MAKER: Final"
        " = (SelfTradePrevention.EXPIRE_MAKER, ",
        "(SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH)\n_EXPIRES_MAKER: Final"
        " = (SelfTradePrevention.EXPIRE_TAKER, ",
    ),
    "prevention-of-one": (
        "matching.py",
        "(SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH)",
        "(SelfTradePrevention.EXPIRE_MAKER,)",
    ),
    "prevention-unplanned": (
        "matching.py",
        "maker.account == terms.account:",
        "maker.account == -1:",
    ),
    "stop-on-wrong-side": ("triggers.py", "if side is Side.BUY:", "if side is Side.SELL:"),
    "stop-beyond": ("triggers.py", "-self._buys[-1][0] <= high", "-self._buys[-1][0] < high"),
    "stop-misses-passing-price": (
        "orders.py",
        "low, high = min(low, first_price, last), max(high, first_price, last)",
        "low = high = last",
    ),
    "stop-younger-first": (
        "triggers.py",
        "return self._buys, (-stop, -order)",
        "return self._buys, (-stop, order - 2**60)",
    ),
    "stop-unobstructed": ("orders.py", "obstacle = _obstacle(book, terms)", "obstacle = None"),
    "stops-unbounded": (
        "orders.py",
        "if command.stop_price and account.stops >= STOP_ORDERS_MAX:",
        "if command.stop_price and account.stops >= OPEN_ORDERS_MAX:",
    ),
    "client-id-forgotten": (
        "evolve.py",
        "    if command.client_order_id:",
        "    if command.client_order_id is None:",
    ),
    "client-id-for-ever": (
        "orders.py",
        "first is None or first.time <= state.time - CLIENT_ORDER_ID_KEPT_MS",
        "first is None or first.time < state.time - CLIENT_ORDER_ID_KEPT_MS",
    ),
    "client-id-any-contents": (
        "orders.py",
        "if first.contents != encode_command(command):",
        "if not first.contents:",
    ),
    "anybody-cancels": (
        "orders.py",
        "if order is None or order.account != command.account:",
        "if order is None:",
    ),
    "cancels-all-everywhere": (
        "orders.py",
        " and command.market in (0, order.market):",
        ":",
    ),
    "cancels-in-halt": (
        "orders.py",
        "    book = state.books[order.market]\n    if book.market.state is _HALTED:",
        "    book = state.books[order.market]\n    if book.market.state is None:",
    ),
    "orders-unbounded": (
        "orders.py",
        "if len(account.orders) >= OPEN_ORDERS_MAX:",
        "if len(account.orders) > OPEN_ORDERS_MAX:",
    ),
    "suspended-trades": ("orders.py", "    if account.suspended:", "    if account.stops < 0:"),
    "suspended-keeps-orders": (
        "accounts.py",
        "    cancel_suspended(state, account, emit)\n",
        "",
    ),
    "band-edge-outside": (
        "orders.py",
        "abs(command.price - last) * PPM > last",
        "abs(command.price - last) * PPM >= last",
    ),
    "minimum-not-enough": (
        "orders.py",
        "return value >= market.minimum_value",
        "return value > market.minimum_value",
    ),
    "reference-ignored": ("orders.py", "    if market.reference:", "    if market.reference < 0:"),
    "deposit-credited-twice": (
        "deposits.py",
        "return deposit if deposit.stage is stage else",
        "return deposit if deposit.stage >= stage else",
    ),
    "one-person-enough": (
        "deposits.py",
        "if not on_chain and command.actor == deposit.actor:",
        "if command.actor is None:",
    ),
    "deposits-unbounded": (
        "deposits.py",
        "if state.ledger.owed(currency) + amount > AMOUNT_MAX:",
        "if amount > AMOUNT_MAX:",
    ),
    "deposit-key-forgotten": (
        "evolve_transfers.py",
        "    state.keys.add(command.key)\n",
        "",
    ),
    "dropped-key-kept": (
        "evolve_transfers.py",
        "state.keys.remove(state.deposits.pop(event.transfer).key)",
        "del state.deposits[event.transfer]",
    ),
    "hold-of-all": (
        "deposits.py",
        "held = min(deposit.amount, state.ledger.available(account, currency))",
        "held = state.ledger.available(account, currency)",
    ),
    "assigned-from-anybody": (
        "deposits.py",
        "if deposit.account != SUSPENSE_ACCOUNT:",
        "if deposit.account == command.account:",
    ),
    "suspense-forgotten": (
        "evolve_transfers.py",
        "if event.account != SUSPENSE_ACCOUNT:",
        "if event.account:",
    ),
    "deposits-kept": (
        "evolve_transfers.py",
        "if kept[oldest] > state.time - DEPOSIT_KEPT_MS:",
        "if kept[oldest] >= 0:",
    ),
    "deposit-a-moment-longer": (
        "deposits.py",
        "since <= state.time - DEPOSIT_KEPT_MS",
        "since < state.time - DEPOSIT_KEPT_MS",
    ),
    "withdrawal-unfunded": (
        "withdrawals.py",
        "if command.amount > state.ledger.available(command.account, command.currency):",
        "if command.amount > state.ledger.owed(command.currency):",
    ),
    "fee-eats-all": (
        "withdrawals.py",
        "0 <= command.fee < command.amount",
        "0 <= command.fee <= command.amount != 0",
    ),
    "withdrawal-fee-lost": (
        "accounting.py",
        "pending, FEE_POCKET, settled.fee))",
        "pending, CUSTODY_POCKET, settled.fee))",
    ),
    "failed-withdrawal-lost": (
        "accounting.py",
        "case WithdrawalCanceled() | WithdrawalFailed():",
        "case WithdrawalCanceled():",
    ),
    "anybody-cancels-withdrawals": (
        "withdrawals.py",
        "if of is None or of.account != command.account:",
        "if of is None:",
    ),
    "approved-and-canceled": (
        "withdrawals.py",
        "PENDING:\n        return Reason.WRONG_STATUS\n    emit(WithdrawalCanc",
        "PENDING and of.status != 1:\n        return Reason.WRONG_STATUS\n    emit(WithdrawalCanc",
    ),
    "sent-comes-back": (
        "withdrawals.py",
        "CONFIRMING and not command.never_arrives:",
        "FAILED:",
    ),
    "sent-unapproved": (
        "withdrawals.py",
        "    if of.status is TransferStatus.PENDING:",
        "    if of.status is TransferStatus.FAILED:",
    ),
    "suspended-withdraws": (
        "withdrawals.py",
        "if account.suspended:",
        "if account.stops < 0:",
    ),
    "clock-runs-back": ("rulebook.py", "state.time = max(time, state.time)", "state.time = time"),
    "half-a-batch": (
        "rulebook.py",
        "[decode_command(data) for data in commands]",
        "list(commands) and map(decode_command, commands)",
    ),
    "snapshot-loses-last-price": (
        "snapshot.py",
        "        state.books[market.market].last_price = last_price\n",
        "",
    ),
    "snapshot-loses-stop-count": (
        "snapshot.py",
        "        state.accounts[terms.account].stops += 1\n",
        "",
    ),
    "snapshot-loses-names": ("snapshot.py", "in state.client_orders.items()", "in ()"),
    "snapshot-loses-credits": (
        "snapshot.py",
        "credited=list(state.credited.items()),",
        "credited=[],",
    ),
    "snapshot-loses-announcers": (
        "snapshot.py",
        "d.key, d.actor, d.stage",
        'd.key, "", d.stage',
    ),
}
