"""The faults in the native engine: (file of native/src, what stands there, the fault).

The comparison of the two engines has to find each of them.
"""

PATCHES: dict[str, tuple[str, str, str]] = {
    "hold-kept": (
        "orders.cpp",
        "trade.released = (taker_.price - price) * quantity * market.scale;",
        "trade.released = 0;",
    ),
    "fee-rounds-down": (
        "orders.cpp",
        "return (amount * ppm + PPM - 1) / PPM;",
        "return amount * ppm / PPM;",
    ),
    "fees-swapped": (
        "orders.cpp",
        "trade.taker_fee = fee(taker_.side == BUY ? amount : value, market.taker_fee_ppm);",
        "trade.taker_fee = fee(taker_.side == BUY ? amount : value, market.maker_fee_ppm);",
    ),
    "key-forgotten": (
        "administration.cpp",
        "if (key.bytes && state_->keys.contains",
        "if (false && state_->keys.contains",
    ),
    "last-come-first-served": (
        "orders.cpp",
        "const u32 maker = level.next;",
        "const u32 maker = level.previous;",
    ),
    "equal-price-waits": (
        "orders.cpp",
        "if (half.key(price) < worst) break;",
        "if (half.key(price) <= worst) break;",
    ),
    "fok-ignored": (
        "orders.cpp",
        "} else if (terms.time_in_force == FOK && !plan",
        "} else if (false && !plan",
    ),
    "ioc-rests": (
        "orders.cpp",
        "} else if (terms.time_in_force != GTC) {",
        "} else if (terms.time_in_force == FOK) {",
    ),
    "post-only-ignored": ("orders.cpp", "    if (terms.post_only) {", "    if (false) {"),
    "prevention-mixed": (
        "orders.cpp",
        "return prevention & EXPIRE_TAKER;",
        "return prevention & EXPIRE_MAKER;",
    ),
    "stop-beyond": (
        "orders.cpp",
        "shelf[rising.best()].price <= high)",
        "shelf[rising.best()].price < high)",
    ),
    "client-id-any-contents": (
        "orders.cpp",
        "return Reason::CLIENT_ORDER_ID_REUSED;",
        "(void)0;",
    ),
    "anybody-cancels": (
        "orders.cpp",
        "!= terms.account) return Reason::UNKNOWN_ORDER;",
        "== 0) return Reason::UNKNOWN_ORDER;",
    ),
    "suspended-trades": (
        "orders.cpp",
        "    if (account.suspended) return",
        "    if (false) return",
    ),
    "reference-ignored": ("orders.cpp", "    if (market.reference) {", "    if (false) {"),
    "deposit-credited-twice": (
        "transfers.cpp",
        "return deposit.stage == stage ?",
        "return deposit.stage >= stage ?",
    ),
    "one-person-enough": (
        "transfers.cpp",
        "if (!on_chain && f.text[0].view() == deposit.actor)",
        "if (false)",
    ),
    "sent-comes-back": (
        "transfers.cpp",
        "if (of.status == CONFIRMING && !never_arrives) return Reason::WRONG_STATUS;",
        "",
    ),
    "sent-unapproved": (
        "transfers.cpp",
        "if (of.status == STATUS_PENDING) return Reason::WRONG_STATUS;",
        "",
    ),
    "snapshot-loses-last-price": (
        "snapshot.cpp",
        "for (const auto& book : state.books) out.items(book->last_price);",
        "for (std::size_t i = 0; i < state.books.size(); ++i) out.items(u8{0});",
    ),
}
