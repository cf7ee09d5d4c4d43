// The engine, batches of commands: see engine.hpp.
#include "engine.hpp"

namespace coinport {

void Engine::read(const Packed& commands) {
    input_.resize(commands.bytes + SLACK);
    if (commands.bytes) std::memcpy(input_.data(), commands.data, commands.bytes);
    commands_.resize(commands.count);
    unreadable_.clear();
    substitutes_.clear();
    const u8* at = input_.data();
    for (std::size_t i = 0; i < commands.count; ++i) {
        Command& command = commands_[i];
        if (!read_command(at, commands.lengths[i], command)) [[unlikely]] {
            command.raw = at;
            command.raw_bytes = commands.lengths[i];
            unreadable_.push_back(static_cast<u32>(i));
        }
        at += commands.lengths[i];
    }
}

bool Engine::substitute(u32 at, const u8* data, std::size_t bytes) {
    auto copy = std::make_unique<std::string>(reinterpret_cast<const char*>(data), bytes);
    copy->append(SLACK, '\0');
    Command& command = commands_[at];
    const u8* raw = command.raw;
    const u32 raw_bytes = command.raw_bytes;
    const u8* body = reinterpret_cast<const u8*>(copy->data());
    const bool sound = read_command(body, bytes, command);
    command.raw = raw;
    command.raw_bytes = raw_bytes;
    substitutes_.push_back(std::move(copy));
    return sound;
}

Packed Engine::records() const {
    return {out_.data(), out_.size(), lengths_.data(), lengths_.size()};
}

Status Engine::decide(i64 time) {
    constexpr std::size_t FAR = 6, NEAR = 3;
    out_.clear();
    lengths_.clear();
    if (commands_.empty()) return Status::DONE;
    if (time > state_->time) state_->time = time;
    const std::size_t count = commands_.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (i + FAR < count && commands_[i + FAR].tag == command::CANCEL_ORDER)
            state_->shelf.index.prefetch(static_cast<u64>(commands_[i + FAR].terms.value));
        if (i + NEAR < count) look_ahead(commands_[i + NEAR]);
        const std::size_t start = out_.size();
        decide_one(commands_[i]);
        lengths_.push_back(static_cast<u32>(out_.size() - start));
    }
    commands_.clear();
    return broken_ ? Status::BROKEN : Status::DONE;
}

void Engine::look_ahead(const Command& command) const {
    const Terms& terms = command.terms;
    if (command.tag == command::CANCEL_ORDER) {
        const u32 at = state_->shelf.index.glance(static_cast<u64>(terms.value));
        if (at < state_->shelf.orders.size()) __builtin_prefetch(&state_->shelf.orders[at], 1);
    } else if (command.tag == command::PLACE_ORDER) {
        Book* book = state_->find_book(terms.market);
        const Owner owner = state_->find_account(terms.account);
        if (!book || !owner) return;
        __builtin_prefetch(&state_->accounts[owner], 1);
        book->own(terms.side).prefetch(state_->shelf, terms.price);
        const u32 held = terms.side == BUY ? book->market.quote : book->market.base;
        state_->ledger.prefetch(held - 1, owner);
    }
}

void Engine::decide_one(const Command& command) {
    out_.reserve(command.raw_bytes + 64);
    out_.array(4);
    out_.natural(++state_->sequence);
    out_.integer(state_->time);
    out_.raw(command.raw, command.raw_bytes);
    const std::size_t head = out_.size();
    out_.byte(0);
    events_ = 0;
    Reason reason;
    switch (command.tag) {
        case command::PLACE_ORDER: reason = place(command.terms); break;
        case command::CANCEL_ORDER: reason = cancel(command.terms); break;
        case command::CANCEL_ALL_ORDERS: reason = cancel_all(command.terms); break;
        default: reason = decide_other(command);
    }
    if (reason != Reason::ACCEPTED) {
        begin(event::REFUSED, 1);
        out_.byte(static_cast<unsigned>(reason));
    }
    out_.set_array(head, events_);
}

Reason Engine::decide_other(const Command& command) {
    static constexpr Decision DECIDE[] = {
        &Engine::open_account,    &Engine::suspend,           &Engine::resume,
        &Engine::credit,          &Engine::debit,             &Engine::add_currency,
        &Engine::add_market,      &Engine::set_state,         &Engine::set_fees,
        &Engine::set_band,        &Engine::announce,          &Engine::credit_deposit,
        &Engine::drop_deposit,    &Engine::hold_deposit,      &Engine::release_deposit,
        &Engine::write_off_deposit, &Engine::assign_deposit,  &Engine::request,
        &Engine::cancel_withdrawal, &Engine::approve,         &Engine::fail,
        &Engine::send,            &Engine::settle,
    };
    static_assert(sizeof DECIDE / sizeof DECIDE[0] ==
                  command::SETTLE_WITHDRAWAL - command::OPEN_ACCOUNT + 1);
    Fields fields;
    if (!read_fields(command, fields)) {
        broken_ = true;
        return Reason::ACCEPTED;
    }
    return (this->*DECIDE[command.tag - command::OPEN_ACCOUNT])(fields);
}

std::size_t Engine::memory_of_orders() const {
    const State& state = *state_;
    std::size_t bytes = state.shelf.orders.memory() + state.shelf.levels.memory() +
                        state.shelf.index.memory() + state.stops.capacity() * sizeof(Stop);
    for (const Account& account : state.accounts) bytes += account.orders.capacity() * sizeof(u32);
    for (const auto& book : state.books)
        for (const Half& half : book->halves) bytes += half.memory();
    return bytes;
}

}  // namespace coinport
