// Orders: what placing and canceling them does, and matching.
//
// Theory of operation. An order that comes in, or a stop that is triggered, is the taker: it stands
// in no book and in no index until what is left of it is booked. Matching takes the oldest order at
// the best price, again and again; `plan` says beforehand what matching will do, for the orders
// that must know. After a trade, stops that a price has reached become takers one by one, in a
// loop, never within one another.
#include "engine.hpp"

namespace coinport {
namespace {

bool expires_taker(u8 prevention) { return prevention & EXPIRE_TAKER; }
bool expires_maker(u8 prevention) { return prevention & EXPIRE_MAKER; }
static_assert(EXPIRE_BOTH == (EXPIRE_TAKER | EXPIRE_MAKER));

// The key that an opposite level must reach for an order to trade at `price`, 0 being any.
i64 worst_key(u8 side, i64 price) {
    if (price == 0) return INT64_MIN;
    return side == BUY ? -price : price;
}

// The one place where something is rounded: up, to the exchange.
i64 fee(i64 amount, i64 ppm) {
    if (ppm == 0) return 0;
    if (amount < (i64{1} << 42)) return (amount * ppm + PPM - 1) / PPM;
    return static_cast<i64>((static_cast<i128>(amount) * ppm + PPM - 1) / PPM);
}

}  // namespace

COINPORT_FLAT Reason Engine::place(const Terms& terms) {
    const Owner owner = state_->find_account(terms.account);
    if (!owner) return Reason::UNKNOWN_ACCOUNT;
    if (terms.client_order_id.bytes) {
        const Named* first = state_->names.find(owner, terms.client_order_id.view());
        if (first && first->time > state_->time - CLIENT_ORDER_ID_KEPT_MS) {
            state_->scratch.clear();
            terms.write(state_->scratch);
            if (first->contents.size() != state_->scratch.size() ||
                std::memcmp(first->contents.data(), state_->scratch.data(),
                            state_->scratch.size()) != 0)
                return Reason::CLIENT_ORDER_ID_REUSED;
            emit(event::ORDER_REPEATED, Id{first->order});
            return Reason::ACCEPTED;
        }
    }
    Book* book = state_->find_book(terms.market);
    if (!book) return Reason::UNKNOWN_MARKET;
    Reason reason = refuse_now(*book, state_->accounts[owner], terms);
    if (reason == Reason::ACCEPTED) reason = refuse_malformed(terms);
    if (reason == Reason::ACCEPTED)
        reason = terms.type == LIMIT ? place_limit(*book, terms, owner)
                                     : place_at_market(*book, terms, owner);
    if (reason != Reason::ACCEPTED) return reason;
    const i64 first_price = terms.stop_price ? book->last_price : match(terms);
    if (book->halves[Half::RISING].best() != NONE || book->halves[Half::FALLING].best() != NONE)
        trigger(*book, first_price);
    return Reason::ACCEPTED;
}

Reason Engine::refuse_now(const Book& book, const Account& account, const Terms& terms) const {
    if (account.suspended) return Reason::ACCOUNT_SUSPENDED;
    if (book.market.state != OPEN) return Reason::MARKET_CLOSED;
    if (account.open >= OPEN_ORDERS_MAX) return Reason::TOO_MANY_OPEN_ORDERS;
    if (terms.stop_price && account.stops >= STOP_ORDERS_MAX) return Reason::TOO_MANY_OPEN_ORDERS;
    return Reason::ACCEPTED;
}

// What is wrong with the order, whatever the state of the exchange.
Reason Engine::refuse_malformed(const Terms& terms) {
    if (terms.client_order_id.characters > CLIENT_ORDER_ID_LENGTH_MAX) return Reason::INVALID_TEXT;
    if (terms.stop_price < 0) return Reason::INVALID_PRICE;
    if (terms.type == LIMIT) {
        if (terms.value || (terms.post_only && terms.time_in_force != GTC))
            return Reason::INVALID_ORDER;
        if (terms.price <= 0) return Reason::INVALID_PRICE;
        return terms.quantity <= 0 ? Reason::INVALID_QUANTITY : Reason::ACCEPTED;
    }
    if (terms.price || terms.post_only || terms.stop_price) return Reason::INVALID_ORDER;
    if (terms.value && (terms.quantity || terms.side != BUY)) return Reason::INVALID_ORDER;
    if (terms.quantity < 0 || terms.value < 0 || !(terms.quantity || terms.value))
        return Reason::INVALID_QUANTITY;
    return Reason::ACCEPTED;
}

Reason Engine::place_limit(Book& book, const Terms& terms, Owner owner) {
    const Market& market = book.market;
    const i64 value = book.value(terms.price, terms.quantity);
    const i64 amount = book.amount(terms.quantity);
    if (value > AMOUNT_MAX || amount > AMOUNT_MAX || terms.stop_price > AMOUNT_MAX)
        return Reason::TOO_LARGE;
    if (!worth_enough(market, value)) return Reason::BELOW_MINIMUM_VALUE;
    const i64 last = book.last_price;
    if (market.band_ppm && last) {
        const i128 apart = terms.price > last ? terms.price - last : last - terms.price;
        if (apart * PPM > static_cast<i128>(last) * market.band_ppm)
            return Reason::OUTSIDE_PRICE_BAND;
    }
    if (!terms.stop_price) {
        const Reason reason = obstacle(book, terms, owner);
        if (reason != Reason::ACCEPTED) return reason;
    }
    const i64 hold = terms.side == BUY ? value : amount;
    return accept(book, terms, owner, hold, terms.quantity);
}

Reason Engine::place_at_market(Book& book, const Terms& terms, Owner owner) {
    const Market& market = book.market;
    const i64 amount = book.amount(terms.quantity);
    if (terms.value > AMOUNT_MAX || amount > AMOUNT_MAX) return Reason::TOO_LARGE;
    if (terms.value > state_->ledger.available(market.quote - 1, owner))
        return Reason::INSUFFICIENT_BALANCE;
    const Plan planned = plan(book, terms, owner);
    // Either the value does not buy a single lot from the first, or nobody is there.
    if (planned.quantity == 0)
        return planned.complete ? Reason::BELOW_MINIMUM_VALUE : Reason::NO_LIQUIDITY;
    if (planned.value > AMOUNT_MAX) return Reason::TOO_LARGE;
    const i64 value = static_cast<i64>(planned.value);
    if (!worth_enough(market, value)) return Reason::BELOW_MINIMUM_VALUE;
    if (terms.time_in_force == FOK && !planned.complete) return Reason::NOT_FILLABLE;
    if (terms.side == SELL)
        return accept(book, terms, owner, amount, terms.quantity);
    return accept(book, terms, owner, value, terms.quantity ? terms.quantity : planned.quantity);
}

Reason Engine::accept(Book& book, const Terms& terms, Owner owner, i64 hold, i64 quantity) {
    const u32 currency = terms.side == BUY ? book.market.quote : book.market.base;
    const u64 id = state_->next_order;
    state_->shelf.index.prefetch(id + 16);
    if (!state_->place(taker_, book, terms, owner, currency - 1, hold, quantity))
        return Reason::INSUFFICIENT_BALANCE;
    emit(event::ORDER_PLACED, Id{id}, account(owner), Small{currency}, hold, quantity);
    return Reason::ACCEPTED;
}

// Whether `value` reaches the least value of an order.
bool Engine::worth_enough(const Market& market, i64 value) const {
    if (market.reference) {
        const Book& reference = *state_->books[market.reference - 1];
        if (reference.last_price) {
            // Worth * scale >= minimum * lot, divided so that no product exceeds 128 bits.
            const i128 worth = static_cast<i128>(value) * reference.last_price;
            const i128 least =
                static_cast<i128>(reference.market.minimum_value) * reference.market.lot;
            const i64 scale = reference.market.scale;
            return worth >= (least + scale - 1) / scale;
        }
    }
    return value >= market.minimum_value;
}

// Why a limit order may not be matched as the book stands now.
Reason Engine::obstacle(Book& book, const Terms& terms, Owner owner) const {
    if (terms.post_only) {
        const Half& half = book.opposite(terms.side);
        if (half.best() != NONE && half.key(state_->shelf[half.best()].price) >=
                                       worst_key(terms.side, terms.price))
            return Reason::POST_ONLY_WOULD_MATCH;
    } else if (terms.time_in_force == FOK && !plan(book, terms, owner).complete) {
        return Reason::NOT_FILLABLE;
    }
    return Reason::ACCEPTED;
}

Engine::Plan Engine::plan(Book& book, const Terms& terms, Owner owner) const {
    const Half& half = book.opposite(terms.side);
    const i64 worst = worst_key(terms.side, terms.price), scale = book.market.scale;
    Plan planned{0, 0, false};
    u32 trades = 0;
    half.queue(state_->shelf, [&](const Node& maker, i64 price) {
        if (half.key(price) < worst || trades == TRADES_MAX) return false;
        if (terms.self_trade_prevention != STP_NONE && maker.owner == owner)
            return !expires_taker(terms.self_trade_prevention);
        // What an order holds is bounded, so one lot at its price is too.
        const i64 lot_price = price * scale;
        const i64 wanted = terms.value ? (terms.value - static_cast<i64>(planned.value)) / lot_price
                                       : terms.quantity - planned.quantity;
        const i64 take = std::min(maker.leaves, wanted);
        ++trades;
        planned.quantity += take;
        planned.value += static_cast<i128>(take) * lot_price;
        planned.complete = take == wanted;
        return !planned.complete;
    });
    return planned;
}

i64 Engine::match(const Terms& terms) {
    Taker& taker = taker_;
    Book& book = *taker.book;
    Half& half = book.opposite(taker.side);
    const Shelf& shelf = state_->shelf;
    const i64 worst = worst_key(taker.side, taker.price);
    const u8 prevention = terms.self_trade_prevention;
    i64 first_price = book.last_price;
    Reason ended = Reason::ACCEPTED;
    u32 trades = 0;
    while (taker.leaves && half.best() != NONE) {
        const Node& level = shelf[half.best()];
        const i64 price = level.price;
        const u32 maker = level.next;
        if (half.key(price) < worst) break;
        if (prevention != STP_NONE && shelf[maker].owner == taker.owner) {
            if (expires_maker(prevention)) end(maker, Reason::SELF_TRADE);
            if (expires_taker(prevention)) {
                ended = Reason::SELF_TRADE;
                break;
            }
            continue;
        }
        if (trades == TRADES_MAX) {
            ended = Reason::TOO_MANY_TRADES;
            break;
        }
        if (!trades++) first_price = price;
        shelf.prefetch(shelf[maker].next);
        shelf.index.prefetch(shelf[maker].id);
        trade(maker, price);
        if (broken_) [[unlikely]] break;
    }
    if (!taker.leaves) {
        taker.id = 0;
    } else if (ended != Reason::ACCEPTED) {
        end_taker(ended);
    } else if (terms.type != LIMIT) {
        end_taker(Reason::NO_LIQUIDITY);
    } else if (terms.time_in_force != GTC) {
        end_taker(Reason::IMMEDIATE_OR_CANCEL);
    } else {
        emit(event::ORDER_BOOKED, Id{taker.id}, Small{book.number}, taker.side, taker.price, taker.leaves);
        state_->rest(taker);
    }
    return first_price;
}

void Engine::trade(u32 at, i64 price) {
    const Node& maker = state_->shelf[at];
    const Book& book = *taker_.book;
    const Market& market = book.market;
    const i64 quantity = std::min(taker_.leaves, maker.leaves);
    Trade trade{price, quantity, 0, 0, 0};
    if (taker_.side == BUY && taker_.price)
        trade.released = (taker_.price - price) * quantity * market.scale;
    if (market.taker_fee_ppm | market.maker_fee_ppm) {
        const i64 value = book.value(price, quantity);
        const i64 amount = quantity * market.lot;
        trade.taker_fee = fee(taker_.side == BUY ? amount : value, market.taker_fee_ppm);
        trade.maker_fee = fee(taker_.side == BUY ? value : amount, market.maker_fee_ppm);
    }
    emit(event::TRADED, Id{state_->next_trade}, Small{book.number}, taker_.side, price, quantity,
         Id{taker_.id}, account(taker_.owner), trade.taker_fee, Id{maker.id}, account(maker.owner),
         trade.maker_fee, trade.released);
    check(state_->trade(taker_, at, trade));
}

// Sets off every stop that a price has reached since `first_price`, and those that this sets off.
void Engine::trigger(Book& book, i64 first_price) {
    const Half& rising = book.halves[Half::RISING];
    const Half& falling = book.halves[Half::FALLING];
    const Shelf& shelf = state_->shelf;
    i64 low = first_price, high = first_price;
    while (rising.best() != NONE || falling.best() != NONE) {
        low = std::min({low, first_price, book.last_price});
        high = std::max({high, first_price, book.last_price});
        if (low == 0) return;  // nothing was ever traded
        u32 reached = NONE;
        if (rising.best() != NONE && shelf[rising.best()].price <= high)
            reached = shelf[rising.best()].next;
        if (falling.best() != NONE && shelf[falling.best()].price >= low) {
            const u32 other = shelf[falling.best()].next;
            if (reached == NONE || shelf[other].id < shelf[reached].id)
                reached = other;
        }
        if (reached == NONE || broken_) return;
        const Terms terms = state_->trigger(taker_, reached);
        emit(event::STOP_TRIGGERED, Id{taker_.id});
        const Reason reason = obstacle(book, terms, taker_.owner);
        if (reason != Reason::ACCEPTED) end_taker(reason);
        else first_price = match(terms);
    }
}

void Engine::end(u32 at, Reason reason) {
    const Node order = state_->shelf[at];
    const Book& book = state_->book_of(order);
    const u8 side = state_->side_of(order);
    const bool waits = state_->waits(order);
    i64 price = state_->shelf.level_of(order).price, leaves = order.leaves;
    if (waits) {
        const Terms& terms = state_->stops[static_cast<std::size_t>(order.leaves)].terms;
        price = terms.price;
        leaves = terms.quantity;
    }
    const i64 released = side == BUY ? book.value(price, leaves)
                                     : leaves * book.market.lot;
    write_canceled(order.id, order.owner, book, side, price, leaves, !waits, released, reason);
    check(state_->end(at, released));
}

void Engine::end_taker(Reason reason) {
    const Taker& taker = taker_;
    // A market purchase holds exactly what its plan costs: nothing is left of it.
    const i64 released = taker.side == BUY
                             ? taker.book->value(taker.price, taker.leaves)
                             : taker.leaves * taker.book->market.lot;
    write_canceled(taker.id, taker.owner, *taker.book, taker.side, taker.price, taker.leaves, false,
                   released, reason);
    check(state_->end(taker_, released));
}

void Engine::write_canceled(u64 id, Owner owner, const Book& book, u8 side, i64 price, i64 leaves,
                            bool booked, i64 released, Reason reason) {
    emit(event::ORDER_CANCELED, Id{id}, account(owner), Small{book.number}, side, price, leaves, booked,
         Small{side == BUY ? book.market.quote : book.market.base}, released, static_cast<u8>(reason));
}

COINPORT_FLAT Reason Engine::cancel(const Terms& terms) {
    const u32 at = state_->shelf.find(static_cast<u64>(terms.value));
    if (at == NONE) return Reason::UNKNOWN_ORDER;
    const Node& order = state_->shelf[at];
    if (static_cast<i64>(account_number(order.owner)) != terms.account) return Reason::UNKNOWN_ORDER;
    if (state_->book_of(order).market.state == HALTED) return Reason::MARKET_CLOSED;
    end(at, Reason::REQUESTED);
    return Reason::ACCEPTED;
}

Reason Engine::cancel_all(const Terms& terms) {
    const Owner owner = state_->find_account(terms.account);
    if (!owner) return Reason::UNKNOWN_ACCOUNT;
    if (terms.market) {
        const Book* book = state_->find_book(terms.market);
        if (!book) return Reason::UNKNOWN_MARKET;
        if (book->market.state == HALTED) return Reason::MARKET_CLOSED;
    }
    for (const auto [at, tag] : state_->open_orders(owner)) {
        const Book& book = state_->book_of(state_->shelf[at]);
        if (book.market.state != HALTED && (!terms.market || terms.market == book.number))
            end(at, Reason::REQUESTED);
    }
    return Reason::ACCEPTED;
}

// A suspended account does not go on trading: its orders go, in halted markets too.
void Engine::cancel_suspended(Owner owner) {
    for (const auto [at, tag] : state_->open_orders(owner)) end(at, Reason::SUSPENDED);
}

}  // namespace coinport
