// Replay: records applied without deciding anew.
//
// Theory of operation. A record is read twice: the first time to know that all of it can be read,
// the second time to apply one event after the other. Every number is checked against the state
// before it is used; what does not fit was not written by these rules, and is refused.
#include <array>

#include "engine.hpp"

namespace coinport {

// A number each: i any integer, s a side, b a boolean, r a reason, m a state of a market;
// C is a currency, M a market.
static constexpr const char* EVENT_FIELDS[] = {
    nullptr, "iiiii", "iisii", "iisiiiiiiiii", "iiisiibiir", "i",    "i",    "r",
    "i",     "i",     "i",     "iii",          "iii",        "C",    "M",    "im",
    "iii",   "ii",    "iiii",  "iiii",         "iiii",       "iiii", "iiii", "iiii",
    "iiii",  "iiii",  "iiii",  "iiii",         "iiii",       "iiii", "iiiii",
};
static constexpr u8 EVENT_LAST = sizeof EVENT_FIELDS / sizeof EVENT_FIELDS[0] - 1;
static_assert(EVENT_LAST == event::WITHDRAWAL_SETTLED);

struct Engine::Event {
    u8 tag = 0;
    i64 number[12] = {};
    Currency currency{};
    Market market{};
};

// The first numbers of an event, to be given names.
template <std::size_t count, class Event>
static std::array<i64, count> first(const Event& event) {
    std::array<i64, count> numbers;
    std::copy_n(event.number, count, numbers.begin());
    return numbers;
}

bool Engine::read_event(Reader& in, Event& event) {
    u64 length;
    if (!in.items(ArrayOf{length}, Choice{event.tag, 1, EVENT_LAST})) return false;
    const char* kinds = EVENT_FIELDS[event.tag];
    if (length != std::strlen(kinds) + 1) return false;
    for (i64* number = event.number; *kinds; ++kinds, ++number) {
        u8 choice = 0;
        bool flag = false, sound = false;
        switch (*kinds) {
            case 's': sound = in.items(Choice{choice, BUY, SELL}); break;
            case 'm': sound = in.items(Choice{choice, OPEN, HALTED}); break;
            case 'r': sound = in.items(Choice{choice, 1, 35}) && (choice <= 5 || choice >= 10); break;
            case 'b': sound = in.items(flag); break;
            case 'C': sound = read_currency(in, *number, event.currency); break;
            case 'M': sound = read_market(in, *number, event.market); break;
            default: sound = in.items(*number);
        }
        if (!sound) return false;
        if (*kinds == 'b') *number = flag;
        else if (choice) *number = choice;
    }
    return true;
}

Status Engine::replay(const Packed& records) {
    input_.resize(records.bytes + SLACK);
    if (records.bytes) std::memcpy(input_.data(), records.data, records.bytes);
    const u8* at = input_.data();
    for (replayed_ = 0; replayed_ < records.count; ++replayed_) {
        const Status status = replay_one(at, records.lengths[replayed_]);
        if (status != Status::DONE) return status;
        at += records.lengths[replayed_];
    }
    return Status::DONE;
}

Status Engine::replay_one(const u8* data, std::size_t bytes) {
    Reader in(data, bytes);
    i64 sequence, time;
    u64 length;
    Command command;
    Event event;
    if (!in.array(length) || length != 4 || !in.items(sequence, time) ||
        !read_command(in, command) || !in.array(length))
        return Status::UNREADABLE;
    const Reader events = in;
    for (u64 i = 0; i < length; ++i)
        if (!read_event(in, event)) return Status::UNREADABLE;
    if (!in.at_end()) return Status::UNREADABLE;
    refused_sequence_ = static_cast<u64>(sequence);
    if (refused_sequence_ != state_->sequence + 1) return Status::GAP;
    if (time < state_->time) return Status::MISFIT;
    state_->sequence = refused_sequence_;
    state_->time = time;
    in = events;
    for (u64 i = 0; i < length; ++i) {
        read_event(in, event);
        const bool order = event.tag <= event::STOP_TRIGGERED;
        if (!(order ? apply_order(event, command)
              : event.tag >= event::DEPOSIT_ANNOUNCED ? apply_transfer(event, command)
                                                      : apply_other(event, command)))
            return Status::MISFIT;
    }
    return taker_.id ? Status::MISFIT : Status::DONE;
}

bool Engine::apply_order(const Event& event, const Command& command) {
    switch (event.tag) {
        case event::ORDER_PLACED: return apply_placed(event, command);
        case event::TRADED: return apply_traded(event);
        case event::ORDER_CANCELED: return apply_canceled(event);
        case event::ORDER_BOOKED: {
            const auto [id, market, side, price, leaves] = first<5>(event);
            if (!taker_.id || static_cast<u64>(id) != taker_.id || market != taker_.book->number ||
                side != taker_.side || price <= 0 || price != taker_.price ||
                leaves != taker_.leaves)
                return false;
            state_->rest(taker_);
            return true;
        }
        default: {  // STOP_TRIGGERED
            const u32 at = state_->shelf.find(static_cast<u64>(event.number[0]));
            if (taker_.id || at == NONE || !state_->waits(state_->shelf[at])) return false;
            state_->trigger(taker_, at);
            return true;
        }
    }
}

bool Engine::apply_placed(const Event& event, const Command& command) {
    const auto [id, account, currency, hold, quantity] = first<5>(event);
    const Terms& terms = command.terms;
    Book* book = state_->find_book(terms.market);
    const Owner owner = state_->find_account(account);
    if (command.tag != command::PLACE_ORDER || taker_.id || !book || !owner ||
        account != terms.account || static_cast<u64>(id) != state_->next_order ||
        refuse_malformed(terms) != Reason::ACCEPTED || quantity <= 0 ||
        currency != (terms.side == BUY ? book->market.quote : book->market.base))
        return false;
    if (terms.type == LIMIT) {
        if (quantity != terms.quantity || book->value(terms.price, quantity) > AMOUNT_MAX ||
            book->amount(quantity) > AMOUNT_MAX || terms.stop_price > AMOUNT_MAX)
            return false;
    }
    return state_->place(taker_, *book, terms, owner, static_cast<u32>(currency) - 1, hold,
                         quantity);
}

bool Engine::apply_traded(const Event& event) {
    const auto [id, market, side, price, quantity, taker, taker_account, taker_fee, maker,
                maker_account, maker_fee, released] = first<12>(event);
    const u32 at = state_->shelf.find(static_cast<u64>(maker));
    if (!taker_.id || at == NONE || static_cast<u64>(id) != state_->next_trade ||
        static_cast<u64>(taker) != taker_.id || market != taker_.book->number ||
        side != taker_.side || taker_account != static_cast<i64>(account_number(taker_.owner)))
        return false;
    const Node& order = state_->shelf[at];
    const Book& book = *taker_.book;
    if (state_->waits(order) || &state_->half_of(order) != &taker_.book->opposite(taker_.side) ||
        maker_account != static_cast<i64>(account_number(order.owner)) ||
        price != state_->shelf.level_of(order).price || quantity <= 0 ||
        quantity > std::min(order.leaves, taker_.leaves))
        return false;
    const i64 value = book.value(price, quantity);
    const i64 amount = quantity * book.market.lot;
    const auto fits = [](i64 part, i64 whole) { return part >= 0 && part <= whole; };
    const bool buys = taker_.side == BUY;
    if (!fits(taker_fee, buys ? amount : value) || !fits(maker_fee, buys ? value : amount) ||
        !fits(released, AMOUNT_MAX))
        return false;
    if (!state_->trade(taker_, at, {price, quantity, taker_fee, maker_fee, released})) return false;
    if (!taker_.leaves) taker_.id = 0;
    return true;
}

bool Engine::apply_canceled(const Event& event) {
    const u64 id = static_cast<u64>(event.number[0]);
    const i64 account = event.number[1], released = event.number[8];
    const bool booked = event.number[6];
    if (taker_.id && taker_.id == id)
        return !booked && account == static_cast<i64>(account_number(taker_.owner)) &&
               state_->end(taker_, released);
    const u32 at = state_->shelf.find(id);
    if (at == NONE) return false;
    const Node& order = state_->shelf[at];
    return account == static_cast<i64>(account_number(order.owner)) &&
           booked != state_->waits(order) && state_->end(at, released);
}

bool Engine::apply_other(const Event& event, const Command& command) {
    const i64* number = event.number;
    State& state = *state_;
    switch (event.tag) {
        case event::ACCOUNT_OPENED:
            if (number[0] != static_cast<i64>(account_number(static_cast<Owner>(state.accounts.size()))))
                return false;
            state.accounts.emplace_back();
            return true;
        case event::ACCOUNT_SUSPENDED:
        case event::ACCOUNT_RESUMED: {
            const Owner owner = state.find_account(number[0]);
            if (!owner) return false;
            state.accounts[owner].suspended = event.tag == event::ACCOUNT_SUSPENDED;
            return true;
        }
        case event::CREDITED:
        case event::DEBITED: return apply_moved(event, command);
        case event::CURRENCY_ADDED:
            if (number[0] != static_cast<i64>(state.currencies.size()) + 1) return false;
            state.currencies.push_back(event.currency);
            state.ledger.add_currency();
            return true;
        case event::MARKET_ADDED:
            if (number[0] != static_cast<i64>(state.books.size()) + 1 || !sound(state, event.market))
                return false;
            state.books.push_back(
                std::make_unique<Book>(event.market, static_cast<u32>(number[0])));
            return true;
        case event::MARKET_STATE_SET:
        case event::MARKET_FEES_SET:
        case event::PRICE_BAND_SET: {
            Book* book = state.find_book(number[0]);
            if (!book) return false;
            Market market = book->market;
            if (event.tag == event::MARKET_STATE_SET) {
                market.state = static_cast<u8>(number[1]);
            } else if (event.tag == event::PRICE_BAND_SET) {
                market.band_ppm = number[1];
            } else {
                market.maker_fee_ppm = number[1];
                market.taker_fee_ppm = number[2];
            }
            if (!sound(state, market)) return false;
            book->market = std::move(market);
            return true;
        }
        default: return true;  // ORDER_REPEATED, REFUSED
    }
}

bool Engine::apply_moved(const Event& event, const Command& command) {
    const auto [account, currency, amount] = first<3>(event);
    const Owner owner = state_->find_account(account);
    Fields fields;
    if ((command.tag != command::CREDIT && command.tag != command::DEBIT) || !owner ||
        !state_->find_currency(currency) || amount <= 0 || !read_fields(command, fields))
        return false;
    const u32 place = static_cast<u32>(currency) - 1;
    if (fields.text[0].bytes) state_->keys.emplace(fields.text[0].view());
    if (event.tag == event::DEBITED)
        return state_->ledger.move(place, owner, AVAILABLE, CUSTODY, AVAILABLE, amount);
    return amount <= AMOUNT_MAX && state_->ledger.owed(place) <= AMOUNT_MAX - amount &&
           state_->ledger.move(place, CUSTODY, AVAILABLE, owner, AVAILABLE, amount);
}

bool Engine::apply_transfer(const Event& event, const Command& command) {
    const auto [transfer, account, currency, amount] = first<4>(event);
    const u64 id = static_cast<u64>(transfer);
    const Owner owner = account == SUSPENSE ? SUSPENSE : state_->find_account(account);
    Fields fields;
    if (!owner || !state_->find_currency(currency) || amount < 0 || amount > AMOUNT_MAX) return false;
    const u32 place = static_cast<u32>(currency) - 1;
    if (event.tag == event::DEPOSIT_ANNOUNCED) {
        if (command.tag != command::ANNOUNCE_DEPOSIT || id != state_->next_transfer || !amount ||
            !read_fields(command, fields))
            return false;
        const std::string key(fields.text[0].view());
        state_->keys.insert(key);
        state_->deposits.emplace(
            id, Deposit{.owner = owner, .currency = place, .amount = amount, .key = key,
                        .actor = std::string(fields.text[2].view())});
        ++state_->next_transfer;
        return true;
    }
    if (event.tag == event::WITHDRAWAL_REQUESTED) {
        if (command.tag != command::REQUEST_WITHDRAWAL || id != state_->next_transfer ||
            owner < OWNER_FIRST || !read_fields(command, fields) || fields.number[3] < 0 ||
            fields.number[3] >= amount)
            return false;
        return state_->withdrawal_requested(
            {owner, place, amount, static_cast<i64>(fields.number[3])});
    }
    return event.tag < event::WITHDRAWAL_REQUESTED ? apply_deposit(event.tag, id, owner, place, amount)
                                                   : apply_withdrawal(event, id, owner, place, amount);
}

bool Engine::apply_deposit(u8 tag, u64 id, Owner owner, u32 currency, i64 amount) {
    const auto found = state_->deposits.find(id);
    if (found == state_->deposits.end()) return false;
    const Deposit& deposit = found->second;
    const u8 stage = tag == event::DEPOSIT_CREDITED || tag == event::DEPOSIT_DROPPED ? ANNOUNCED
                     : tag == event::DEPOSIT_HELD || tag == event::DEPOSIT_ASSIGNED  ? CREDITED
                                                                                     : STAGE_HELD;
    const bool assigned = tag == event::DEPOSIT_ASSIGNED;
    const i64 whole = stage == STAGE_HELD ? deposit.held : deposit.amount;
    if (deposit.stage != stage || deposit.currency != currency ||
        deposit.owner != (assigned ? SUSPENSE : owner) || amount > whole ||
        (tag != event::DEPOSIT_HELD && amount != whole))
        return false;
    switch (tag) {
        case event::DEPOSIT_CREDITED:
            return state_->ledger.owed(currency) <= AMOUNT_MAX - amount &&
                   state_->deposit_credited(id);
        case event::DEPOSIT_DROPPED: state_->deposit_dropped(id); return true;
        case event::DEPOSIT_HELD: return state_->deposit_held(id, amount);
        case event::DEPOSIT_RELEASED: return state_->deposit_released(id);
        case event::DEPOSIT_WRITTEN_OFF: return state_->deposit_written_off(id);
        default: return owner != SUSPENSE && state_->deposit_assigned(id, owner);
    }
}

bool Engine::apply_withdrawal(const Event& event, u64 id, Owner owner, u32 currency, i64 amount) {
    const auto found = state_->withdrawals.find(id);
    if (found == state_->withdrawals.end()) return false;
    Withdrawal& of = found->second;
    if (of.owner != owner || of.currency != currency || of.amount != amount) return false;
    switch (event.tag) {
        case event::WITHDRAWAL_APPROVED: of.status = PROCESSING; return true;
        case event::WITHDRAWAL_SENT: of.status = CONFIRMING; return true;
        case event::WITHDRAWAL_SETTLED:
            return event.number[4] == of.fee && state_->withdrawal_settled(id);
        default: return state_->withdrawal_returned(id);
    }
}

}  // namespace coinport
