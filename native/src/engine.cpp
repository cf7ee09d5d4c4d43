// The engine, batches of commands: see engine.hpp.
#include "engine.hpp"

namespace coinport {

COINPORT_FLAT void Engine::read(const Packed& commands) {
    input_.resize(commands.bytes + SLACK);
    if (commands.bytes) std::memcpy(input_.data(), commands.data, commands.bytes);
    if (commands_.size() < commands.count) commands_.resize(commands.count);
    count_ = commands.count;
    unreadable_.clear();
    substitutes_.clear();
    const u8* at = input_.data();
    for (std::size_t i = 0; i < commands.count; ++i) {
        Command& command = commands_[i];
        if (!read_command(at, commands.lengths[i], command)) [[unlikely]] {
            command.raw = at;
            command.raw_bytes = commands.lengths[i];
            unreadable_.push_back(static_cast<u32>(i));
        } else if (command.tag <= command::CANCEL_ORDER) {
            __builtin_prefetch(&state_->accounts[state_->find_account(command.terms.account)], 1);
            state_->shelf.index.prefetch(static_cast<u64>(command.terms.value));
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
    out_.clear();
    lengths_.clear();
    if (!count_) return Status::DONE;
    if (time > state_->time) state_->time = time;
    for (std::size_t i = 0; i < count_; ++i) {
        look_ahead(i);
        const std::size_t start = out_.size();
        decide_one(commands_[i]);
        lengths_.push_back(static_cast<u32>(out_.size() - start));
    }
    count_ = 0;
    return broken_ ? Status::BROKEN : Status::DONE;
}

// In steps, because what is needed next is only known when the step before is in the cache; the
// first was taken when the command was read.
void Engine::look_ahead(std::size_t at) const {
    constexpr std::size_t FAR = 8, NEAR = 4;
    const State& state = *state_;
    const Shelf& shelf = state.shelf;
    if (at + FAR >= count_) return;
    const Command& far = commands_[at + FAR];
    if (far.tag == command::CANCEL_ORDER) {
        shelf.prefetch(shelf.index.glance(static_cast<u64>(far.terms.value)));
    } else if (Book* book = state.find_book(far.terms.market);
               book && far.tag == command::PLACE_ORDER) {
        shelf.prefetch(book->own(far.terms.side).glance(far.terms.price));
    }
    const Command& near = commands_[at + NEAR];
    const Owner owner = state.find_account(near.terms.account);
    const std::vector<Listed>& list = state.accounts[owner].orders;
    if (near.tag == command::CANCEL_ORDER) {
        const u32 place = shelf.index.glance(static_cast<u64>(near.terms.value));
        if (place >= shelf.nodes.size()) return;
        const Node& order = shelf[place];
        shelf.prefetch(order.previous);
        shelf.prefetch(order.next);
    } else if (Book* book = state.find_book(near.terms.market);
               book && near.tag == command::PLACE_ORDER) {
        const Terms& terms = near.terms;
        __builtin_prefetch(list.data() + list.size(), 1);
        const u32 best = book->opposite(terms.side).best();
        if (best != NONE) shelf.prefetch(shelf[best].next);
        const u32 level = book->own(terms.side).glance(terms.price);
        if (level < shelf.nodes.size()) shelf.prefetch(shelf[level].previous);
        state.ledger.prefetch((terms.side == BUY ? book->market.quote : book->market.base) - 1,
                              owner);
    }
}

void Engine::decide_one(const Command& command) {
    out_.items(Array{4}, Number{++state_->sequence}, Id{static_cast<u64>(state_->time)});
    out_.raw(command.raw, command.raw_bytes);
    const std::size_t head = out_.size();
    out_.list(0);
    events_ = 0;
    Reason reason;
    switch (command.tag) {
        case command::PLACE_ORDER: reason = place(command.terms); break;
        case command::CANCEL_ORDER: reason = cancel(command.terms); break;
        case command::CANCEL_ALL_ORDERS: reason = cancel_all(command.terms); break;
        default: reason = decide_other(command);
    }
    if (reason != Reason::ACCEPTED) {
        emit(event::REFUSED, static_cast<u8>(reason));
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
    std::size_t bytes = state.shelf.nodes.memory() +
                        state.shelf.index.memory() + state.stops.capacity() * sizeof(Stop);
    for (const Account& account : state.accounts) bytes += account.orders.capacity() * sizeof(Listed);
    for (const auto& book : state.books)
        for (const Half& half : book->halves) bytes += half.memory();
    return bytes;
}

}  // namespace coinport
