// Snapshots: the whole state as canonical bytes, and back.
//
// Theory of operation. The layout is that of engine/snapshot.py, field by field; resting orders
// stand in the order in which they would trade. Reading builds a state of its own, which takes the
// engine's place only when all of it is in order: sums of balances, bounds, and that what is named
// exists, so that nothing has to be doubted later.
#include "engine.hpp"

namespace coinport {
namespace {

void write_balances(const State& state, Writer& out) {
    const auto each = [&](auto visit) {
        for (u32 currency = 0; currency < state.ledger.currencies(); ++currency)
            for (Owner owner = 0; owner < state.ledger.owners(); ++owner)
                for (unsigned bucket = 0; bucket < 4; ++bucket)
                    if (const i64 balance = state.ledger.balance(currency, owner, bucket))
                        visit(currency, account_number(owner) * 4 + bucket, balance);
    };
    u64 count = 0;
    each([&](u32, u64, i64) { ++count; });
    out.list(count);
    each([&](u32 currency, u64 pocket, i64 balance) {
        out.row(currency + 1, pocket, balance);
    });
}

void write_resting(const State& state, Writer& out) {
    const auto each = [&](auto visit) {
        for (const auto& book : state.books)
            for (const u8 side : {BUY, SELL})
                book->own(side).queue(state.shelf, [&](const Node& order, i64 price) {
                    visit(*book, side, order, price);
                    return true;
                });
    };
    u64 count = 0;
    each([&](const Book&, u8, const Node&, i64) { ++count; });
    out.list(count);
    each([&](const Book& book, u8 side, const Node& order, i64 price) {
        out.row(Id{order.id}, account(order.owner), book.number, side, price, order.leaves);
    });
}

void write_waiting(const State& state, Writer& out) {
    std::vector<std::pair<u64, const Stop*>> waiting;
    for (const auto& book : state.books)
        for (const u8 side : {BUY, SELL})
            book->waiting(side).queue(state.shelf, [&](const Node& order, i64) {
                waiting.emplace_back(order.id, &state.stops[static_cast<std::size_t>(order.leaves)]);
                return true;
            });
    std::sort(waiting.begin(), waiting.end());
    out.list(waiting.size());
    for (const auto& [id, stop] : waiting) {
        out.items(Array{2}, Id{id});
        stop->write(out);
    }
}

void write_names(const State& state, Writer& out) {
    out.list(state.names.size());
    for (const Named& named : state.names.queue())
        out.row(account(named.owner), named.name(), named.time, Id{named.order},
                Binary{named.contents});
}

void write_transfers(const State& state, Writer& out) {
    out.list(state.deposits.size());
    for (const auto& [transfer, of] : state.deposits)
        out.row(Id{transfer}, account(of.owner), of.currency + 1, of.amount,
                std::string_view(of.key), std::string_view(of.actor), of.stage, of.held);
    out.list(state.kept.size());
    for (const auto& [place, transfer] : state.kept)
        out.row(Id{transfer}, state.deposits.find(transfer)->second.since);
    out.list(state.withdrawals.size());
    for (const auto& [transfer, of] : state.withdrawals)
        out.row(Id{transfer}, account(of.owner), of.currency + 1, of.amount, of.fee, of.status);
}

// Reading: UNREADABLE where something else stands there, MISFIT where it makes no sense.
class Loader {
public:
    Loader(Reader& in, State& state) : in_(in), state_(state) {}

    Status load() {
        u64 next_account;
        u64 parts;
        if (!in_.array(parts) || parts != 18 ||
            !in_.items(Least{state_.sequence, 0}, state_.time, Least{next_account, ACCOUNT_FIRST},
                       Least{state_.next_order, ORDER_FIRST},
                       Least{state_.next_trade, TRADE_FIRST}))
            return Status::UNREADABLE;
        const u64 accounts = next_account - ACCOUNT_FIRST;
        if (accounts > ACCOUNTS_MAX || accounts > state_.sequence) return Status::MISFIT;
        state_.accounts.resize(OWNER_FIRST + accounts);
        for (const Part part :
             {&Loader::currencies, &Loader::markets, &Loader::last_prices, &Loader::suspended,
              &Loader::balances, &Loader::resting, &Loader::waiting, &Loader::remembered,
              &Loader::keys, &Loader::deposits, &Loader::credited, &Loader::withdrawals}) {
            if (part == &Loader::deposits && !in_.items(Least{state_.next_transfer, TRANSFER_FIRST}))
                return Status::UNREADABLE;
            u64 length;
            if (!in_.array(length)) return Status::UNREADABLE;
            for (u64 at = 0; at < length; ++at) {
                const Status status = (this->*part)(at);
                if (status != Status::DONE) return status;
            }
        }
        if (priced_ != state_.books.size()) return Status::MISFIT;
        return in_.at_end() ? sums() : Status::UNREADABLE;
    }

private:
    using Part = Status (Loader::*)(u64 at);  // each reads one row, the `at`th
    static constexpr u64 ACCOUNTS_MAX = 500'000'000;

    Status currencies(u64 at) {
        Currency currency;
        i64 number;
        if (!read_currency(in_, number, currency)) return Status::UNREADABLE;
        if (number != static_cast<i64>(at) + 1) return Status::MISFIT;
        state_.currencies.push_back(std::move(currency));
        state_.ledger.add_currency();
        return Status::DONE;
    }
    Status markets(u64 at) {
        Market market;
        i64 number;
        if (!read_market(in_, number, market)) return Status::UNREADABLE;
        if (number != static_cast<i64>(at) + 1 || !sound(state_, market)) return Status::MISFIT;
        state_.books.push_back(std::make_unique<Book>(std::move(market), static_cast<u32>(number)));
        return Status::DONE;
    }
    Status last_prices(u64 at) {
        i64 price;
        if (!in_.read(price)) return Status::UNREADABLE;
        if (at >= state_.books.size() || price < 0 || price > AMOUNT_MAX) return Status::MISFIT;
        state_.books[at]->last_price = price;
        priced_ = at + 1;
        return Status::DONE;
    }
    Status suspended(u64) {
        i64 account;
        if (!in_.items(account)) return Status::UNREADABLE;
        const Owner owner = state_.find_account(account);
        if (!owner) return Status::MISFIT;
        state_.accounts[owner].suspended = true;
        return Status::DONE;
    }
    Status balances(u64) {
        i64 currency, pocket, balance;
        if (!in_.row(currency, pocket, balance)) return Status::UNREADABLE;
        const Owner owner = owner_of(pocket >> 2);
        const i64 least = owner == CUSTODY && pocket % 4 == AVAILABLE ? -AMOUNT_MAX : 0;
        if (!owner || !state_.find_currency(currency) || balance < least || balance > AMOUNT_MAX)
            return Status::MISFIT;
        const u32 row = state_.ledger.row(static_cast<u32>(currency) - 1, owner);
        state_.ledger.at(row, static_cast<unsigned>(pocket % 4)) = balance;
        return Status::DONE;
    }
    // What one order holds is bounded, and so is what all of them together hold: see `sums`.
    static bool bounded(const Book& book, i64 price, i64 quantity) {
        return price > 0 && quantity > 0 && book.value(price, quantity) <= AMOUNT_MAX &&
               book.amount(quantity) <= AMOUNT_MAX;
    }
    bool new_order(u64 id) const {
        return id < state_.next_order && state_.shelf.find(id) == NONE;
    }
    Status resting(u64) {
        u64 id;
        i64 account, market, price, leaves;
        u8 side;
        if (!in_.row(Least{id, 1}, account, market, Choice{side, BUY, SELL}, price, leaves))
            return Status::UNREADABLE;
        Book* book = state_.find_book(market);
        const Owner owner = state_.find_account(account);
        if (!book || !owner || !new_order(id) || !bounded(*book, price, leaves))
            return Status::MISFIT;
        Taker taker{id, owner, book, side, price, leaves};
        state_.rest(taker);
        return Status::DONE;
    }
    Status waiting(u64) {
        u64 id, pair;
        Command command;
        if (!in_.array(pair) || pair != 2 || !in_.items(Least{id, 1}) ||
            !read_command(in_, command))
            return Status::UNREADABLE;
        const Terms& terms = command.terms;
        Book* book = state_.find_book(terms.market);
        const Owner owner = state_.find_account(terms.account);
        if (command.tag != command::PLACE_ORDER || !book || !owner || !new_order(id) ||
            terms.type != LIMIT || terms.value || !bounded(*book, terms.price, terms.quantity) ||
            terms.stop_price <= 0 || terms.stop_price > AMOUNT_MAX)
            return Status::MISFIT;
        state_.wait(*book, terms, owner, id);
        return Status::DONE;
    }
    Status remembered(u64) {
        i64 account, time;
        u64 order;
        Text name;
        Binary contents;
        if (!in_.row(account, name, time, Least{order, 1}, contents))
            return Status::UNREADABLE;
        const Owner owner = state_.find_account(account);
        if (!owner || !name.bytes || !contents.bytes.ends_with(name.view())) return Status::MISFIT;
        state_.names.add({time, order, owner, name.bytes, 0, std::string(contents.bytes)});
        return Status::DONE;
    }
    Status keys(u64) {
        Text key;
        if (!in_.items(key)) return Status::UNREADABLE;
        state_.keys.emplace(key.view());
        return Status::DONE;
    }
    Status deposits(u64) {
        u64 transfer;
        i64 account, currency, amount, held;
        Text key, actor;
        u8 stage;
        if (!in_.row(Least{transfer, 1}, account, currency, amount, key, actor,
                     Choice{stage, ANNOUNCED, STAGE_HELD}, held))
            return Status::UNREADABLE;
        const Owner owner = owner_of(account);
        if (!owner || owner == FEES || owner == CUSTODY || !state_.find_currency(currency) ||
            amount <= 0 || amount > AMOUNT_MAX || held < 0 || held > amount ||
            transfer >= state_.next_transfer)
            return Status::MISFIT;
        Deposit deposit{.owner = owner, .currency = static_cast<u32>(currency) - 1,
                        .amount = amount, .key = std::string(key.view()),
                        .actor = std::string(actor.view()), .stage = stage, .held = held};
        state_.deposits.emplace(transfer, std::move(deposit));
        return Status::DONE;
    }
    Status credited(u64) {
        u64 transfer;
        i64 since;
        if (!in_.row(Least{transfer, 1}, since)) return Status::UNREADABLE;
        const auto found = state_.deposits.find(transfer);
        if (found == state_.deposits.end() || found->second.stage != CREDITED ||
            found->second.kept)
            return Status::MISFIT;
        found->second.kept = state_.next_kept++;
        found->second.since = since;
        state_.kept[found->second.kept] = transfer;
        return Status::DONE;
    }
    Status withdrawals(u64) {
        u64 transfer;
        i64 account, currency, amount, fee;
        u8 status;
        if (!in_.row(Least{transfer, 1}, account, currency, amount, fee,
                     Choice{status, STATUS_PENDING, CONFIRMING}))
            return Status::UNREADABLE;
        const Owner owner = state_.find_account(account);
        if (!owner || !state_.find_currency(currency) || amount > AMOUNT_MAX || fee < 0 ||
            fee >= amount || transfer >= state_.next_transfer)
            return Status::MISFIT;
        state_.withdrawals.emplace(
            transfer, Withdrawal{owner, static_cast<u32>(currency) - 1, amount, fee, status});
        return Status::DONE;
    }
    // All balances of a currency add up to nothing, and custody is within its bound: so is all else.
    Status sums() const {
        for (u32 currency = 0; currency < state_.ledger.currencies(); ++currency) {
            i128 sum = 0;
            for (Owner owner = 0; owner < state_.ledger.owners(); ++owner)
                for (unsigned bucket = 0; bucket < 4; ++bucket)
                    sum += state_.ledger.balance(currency, owner, bucket);
            if (sum != 0) return Status::MISFIT;
        }
        return Status::DONE;
    }
    Owner owner_of(i64 account) const {
        return account > 0 && account < OWNER_FIRST ? static_cast<Owner>(account)
                                                    : state_.find_account(account);
    }

    Reader& in_;
    State& state_;
    std::size_t priced_ = 0;  // markets whose last price was read
};

}  // namespace

void Engine::snapshot(Writer& out) const {
    const State& state = *state_;
    out.items(Array{18}, state.sequence, state.time,
              account(static_cast<Owner>(state.accounts.size())), Id{state.next_order},
              Id{state.next_trade});
    out.list(state.currencies.size());
    for (u32 at = 0; at < state.currencies.size(); ++at)
        write_currency(out, at + 1, state.currencies[at]);
    out.list(state.books.size());
    for (const auto& book : state.books) write_market(out, book->number, book->market);
    out.list(state.books.size());
    for (const auto& book : state.books) out.items(book->last_price);
    std::vector<Owner> suspended;
    for (Owner owner = OWNER_FIRST; owner < state.accounts.size(); ++owner)
        if (state.accounts[owner].suspended) suspended.push_back(owner);
    out.list(suspended.size());
    for (const Owner owner : suspended) out.items(account(owner));
    write_balances(state, out);
    write_resting(state, out);
    write_waiting(state, out);
    write_names(state, out);
    std::vector<std::string_view> keys(state.keys.begin(), state.keys.end());
    std::sort(keys.begin(), keys.end());
    out.list(keys.size());
    for (const std::string_view key : keys) out.items(key);
    out.items(Id{state.next_transfer});
    write_transfers(state, out);
}

Status Engine::restore(const u8* data, std::size_t bytes) {
    std::vector<u8> padded(bytes + SLACK);
    if (bytes) std::memcpy(padded.data(), data, bytes);
    Reader in(padded.data(), bytes);
    auto state = std::make_unique<State>();
    const Status status = Loader(in, *state).load();
    if (status == Status::DONE) state_ = std::move(state);
    return status;
}

}  // namespace coinport
