// The state and how it changes: see state.hpp.
#include "state.hpp"

namespace coinport {

void State::sweep(Owner owner) {
    std::erase_if(accounts[owner].orders, [&](Listed listed) {
        const Node& order = shelf[listed.place];
        return order.owner != owner || static_cast<u32>(order.id) != listed.tag;
    });
}

const std::vector<Listed>& State::open_orders(Owner owner) {
    sweep(owner);
    std::vector<Listed>& list = accounts[owner].orders;
    std::sort(list.begin(), list.end(), [&](Listed a, Listed b) {
        return shelf[a.place].id < shelf[b.place].id;
    });
    // A stop is listed again when it is booked.
    const auto same = [](Listed a, Listed b) { return a.place == b.place; };
    list.erase(std::unique(list.begin(), list.end(), same), list.end());
    return list;
}

void State::open_again(u32 order, Owner owner) {
    Account& account = accounts[owner];
    if (account.orders.size() >= std::size_t{account.open} * 4 + 16) [[unlikely]] sweep(owner);
    account.orders.push_back({order, static_cast<u32>(shelf[order].id)});
    ++account.open;
}

bool State::place(Taker& taker, Book& book, const Terms& terms, Owner owner, u32 currency, i64 hold,
                  i64 quantity) {
    if (!ledger.shift(currency, owner, AVAILABLE, FROZEN, hold)) return false;
    const u64 id = next_order++;
    if (terms.client_order_id.bytes) [[unlikely]] remember(owner, id, terms);
    if (terms.stop_price) wait(book, terms, owner, id);
    else taker = {id, owner, &book, terms.side, terms.price, quantity};
    return true;
}

void State::wait(Book& book, const Terms& terms, Owner owner, u64 id) {
    u32 at;
    if (free_stops.empty()) {
        at = static_cast<u32>(stops.size());
        stops.emplace_back();
    } else {
        at = free_stops.back();
        free_stops.pop_back();
    }
    stops[at] = {terms, std::string(terms.client_order_id.view())};
    stops[at].terms.client_order_id = {};
    const u32 order = shelf.open(id, owner, at);
    book.waiting(terms.side).add(shelf, order, terms.stop_price);
    open_again(order, owner);
    ++accounts[owner].stops;
}

void State::remember(Owner owner, u64 order, const Terms& terms) {
    while (!names.empty() && names.oldest().time <= time - CLIENT_ORDER_ID_KEPT_MS)
        names.forget_oldest();
    scratch.clear();
    terms.write(scratch);
    std::string contents(reinterpret_cast<const char*>(scratch.data()), scratch.size());
    names.add({time, order, owner, terms.client_order_id.bytes, 0, std::move(contents)});
}

void State::rest(Taker& taker) {
    const u32 order = shelf.open(taker.id, taker.owner, taker.leaves);
    taker.book->own(taker.side).add(shelf, order, taker.price);
    open_again(order, taker.owner);
    taker.id = 0;
}

bool State::trade(Taker& taker, u32 at, const Trade& trade) {
    Book& book = *taker.book;
    const Market& market = book.market;
    Node& maker = shelf[at];
    const i64 value = book.value(trade.price, trade.quantity);
    const i64 amount = trade.quantity * market.lot;
    const bool buys = taker.side == BUY;
    const Owner buyer = buys ? taker.owner : maker.owner, seller = buys ? maker.owner : taker.owner;
    const i64 buyer_fee = buys ? trade.taker_fee : trade.maker_fee;
    const i64 seller_fee = buys ? trade.maker_fee : trade.taker_fee;
    const u32 base = market.base - 1, quote = market.quote - 1;
    const u32 buyer_base = ledger.row(base, buyer), buyer_quote = ledger.row(quote, buyer);
    const u32 seller_base = ledger.row(base, seller), seller_quote = ledger.row(quote, seller);
    if (ledger.at(buyer_quote, FROZEN) - value < trade.released) return false;
    if (ledger.at(seller_base, FROZEN) < amount) return false;
    ledger.at(buyer_quote, FROZEN) -= value + trade.released;
    ledger.at(buyer_quote, AVAILABLE) += trade.released;
    ledger.at(seller_quote, AVAILABLE) += value - seller_fee;
    ledger.at(seller_base, FROZEN) -= amount;
    ledger.at(buyer_base, AVAILABLE) += amount - buyer_fee;
    if (seller_fee) ledger.at(ledger.row(quote, FEES), AVAILABLE) += seller_fee;
    if (buyer_fee) ledger.at(ledger.row(base, FEES), AVAILABLE) += buyer_fee;
    book.last_price = trade.price;
    ++next_trade;
    taker.leaves -= trade.quantity;
    maker.leaves -= trade.quantity;
    if (!maker.leaves) {
        --accounts[maker.owner].open;
        book.opposite(taker.side).remove(shelf, at);
        shelf.close(at);
    }
    return true;
}

bool State::end(u32 at, i64 released) {
    const Node order = shelf[at];
    const Market& market = book_of(order).market;
    const u32 currency = (side_of(order) == BUY ? market.quote : market.base) - 1;
    if (!ledger.shift(currency, order.owner, FROZEN, AVAILABLE, released)) return false;
    Account& account = accounts[order.owner];
    if (waits(order)) {
        --account.stops;
        free_stops.push_back(static_cast<u32>(order.leaves));
    }
    --account.open;
    half_of(order).remove(shelf, at);
    shelf.close(at);
    return true;
}

bool State::end(Taker& taker, i64 released) {
    const Market& market = taker.book->market;
    const u32 currency = (taker.side == BUY ? market.quote : market.base) - 1;
    taker.id = 0;
    return ledger.shift(currency, taker.owner, FROZEN, AVAILABLE, released);
}

Terms State::trigger(Taker& taker, u32 at) {
    const Node order = shelf[at];
    const u32 place = static_cast<u32>(order.leaves);
    const Terms terms = stops[place].terms;
    free_stops.push_back(place);
    taker = {order.id, order.owner, &book_of(order), terms.side, terms.price, terms.quantity};
    --accounts[order.owner].stops;
    --accounts[order.owner].open;
    half_of(order).remove(shelf, at);
    shelf.close(at);
    return terms;
}

void State::keep_deposit(u64 transfer, Deposit& deposit) {
    while (!kept.empty()) {
        const auto oldest = deposits.find(kept.begin()->second);
        if (oldest->second.since > time - DEPOSIT_KEPT_MS) break;
        deposits.erase(oldest);
        kept.erase(kept.begin());
    }
    deposit.kept = next_kept++;
    deposit.since = time;
    kept[deposit.kept] = transfer;
}

bool State::deposit_credited(u64 transfer) {
    Deposit& deposit = deposits.find(transfer)->second;
    const Owner owner = deposit.owner;
    if (!ledger.move(deposit.currency, CUSTODY, AVAILABLE, owner, AVAILABLE, deposit.amount))
        return false;
    deposit.stage = CREDITED;
    if (owner != SUSPENSE) keep_deposit(transfer, deposit);
    return true;
}

bool State::deposit_released(u64 transfer) {
    Deposit& deposit = deposits.find(transfer)->second;
    const Owner owner = deposit.owner;
    if (!ledger.shift(deposit.currency, owner, HELD, AVAILABLE, deposit.held)) return false;
    deposit.stage = CREDITED;
    deposit.held = 0;
    if (owner != SUSPENSE) keep_deposit(transfer, deposit);
    return true;
}

bool State::deposit_assigned(u64 transfer, Owner owner) {
    Deposit& deposit = deposits.find(transfer)->second;
    if (!ledger.move(deposit.currency, SUSPENSE, AVAILABLE, owner, AVAILABLE, deposit.amount))
        return false;
    deposit.owner = owner;
    keep_deposit(transfer, deposit);
    return true;
}

bool State::deposit_held(u64 transfer, i64 amount) {
    Deposit& deposit = deposits.find(transfer)->second;
    const Owner owner = deposit.owner;
    if (!ledger.shift(deposit.currency, owner, AVAILABLE, HELD, amount)) return false;
    deposit.stage = STAGE_HELD;
    deposit.held = amount;
    kept.erase(deposit.kept);
    deposit.kept = 0;
    return true;
}

bool State::deposit_written_off(u64 transfer) {
    const auto found = deposits.find(transfer);
    const Deposit& deposit = found->second;
    const i64 held = deposit.held;
    if (!ledger.move(deposit.currency, deposit.owner, HELD, CUSTODY, AVAILABLE, held)) return false;
    deposits.erase(found);
    return true;
}

void State::deposit_dropped(u64 transfer) {
    const auto found = deposits.find(transfer);
    keys.erase(found->second.key);
    deposits.erase(found);
}

bool State::withdrawal_requested(Withdrawal withdrawal) {
    const Owner owner = withdrawal.owner;
    const u32 currency = withdrawal.currency;
    if (!ledger.shift(currency, owner, AVAILABLE, PENDING, withdrawal.amount)) return false;
    withdrawals.emplace(next_transfer++, withdrawal);
    return true;
}

bool State::withdrawal_returned(u64 transfer) {
    const auto found = withdrawals.find(transfer);
    const Withdrawal of = found->second;
    withdrawals.erase(found);
    return ledger.shift(of.currency, of.owner, PENDING, AVAILABLE, of.amount);
}

bool State::withdrawal_settled(u64 transfer) {
    const auto found = withdrawals.find(transfer);
    const Withdrawal of = found->second;
    withdrawals.erase(found);
    const i64 paid = of.amount - of.fee;
    return ledger.move(of.currency, of.owner, PENDING, CUSTODY, AVAILABLE, paid) &&
           ledger.move(of.currency, of.owner, PENDING, FEES, AVAILABLE, of.fee);
}

}  // namespace coinport
