// The engine: encoded commands in, encoded records out.
//
// Theory of operation. A batch passes in two steps. `read` copies it, so that nothing can change
// under the engine's hands, and takes every command apart; those that it cannot read it names, and
// whoever calls lets msgspec judge them and hands in the same command in its usual form
// (`substitute`), or gives up: nothing has happened yet. `decide` then decides one command after
// the other while it looks a few ahead, so that what they will need is in the cache by then.
//
// A record is written where it will stay: the command as it came, then each event at the moment at
// which it changes the state. Every decision is a function that returns a reason, `ACCEPTED` where
// there is none; it has emitted nothing where it refuses.
//
// `replay` goes through the same changes of the state, but takes what happened from the records.
// It checks whatever it is told against the state, so that no journal can lead it astray.
//
// Nothing here throws, and only the lack of memory ends the process. An engine that says BROKEN
// has found a mistake of its own and must not be used any more.
#pragma once

#include "state.hpp"

namespace coinport {

enum class Status {
    DONE,
    UNREADABLE,  // not in a form that can be read here
    GAP,         // a record that does not follow
    MISFIT,      // a record or a snapshot that does not fit the state
    BROKEN,      // a mistake in the rules: money that is not there was to be moved
};

// How the number of an account is written.
inline Number account(Owner owner) { return {account_number(owner)}; }

struct Packed {
    const u8* data;  // one behind the other
    std::size_t bytes;
    const u32* lengths;
    std::size_t count;
};

class Engine {
public:
    Engine() : state_(std::make_unique<State>()) {}

    u64 sequence() const { return state_->sequence; }
    i64 time() const { return state_->time; }

    // The lengths must add up to the bytes. `unreadable()` names those that cannot be read.
    void read(const Packed& commands);
    const std::vector<u32>& unreadable() const { return unreadable_; }
    bool substitute(u32 at, const u8* data, std::size_t bytes);
    Status decide(i64 time);
    Packed records() const;

    // As many as could be; `replayed()` says how many. Of the next it says what is wrong.
    Status replay(const Packed& records);
    std::size_t replayed() const { return replayed_; }
    u64 refused_sequence() const { return refused_sequence_; }

    void snapshot(Writer& out) const;
    Status restore(const u8* data, std::size_t bytes);

    std::size_t memory_of_orders() const;  // bytes, for open orders and what finds them

private:
    using Decision = Reason (Engine::*)(const Fields&);

    void look_ahead(std::size_t at) const;
    void decide_one(const Command& command);
    COINPORT_RARE Reason decide_other(const Command& command);

    // orders.cpp
    Reason place(const Terms& terms);
    Reason refuse_now(const Book& book, const Account& account, const Terms& terms) const;
    static Reason refuse_malformed(const Terms& terms);
    Reason place_limit(Book& book, const Terms& terms, Owner owner);
    COINPORT_RARE Reason place_at_market(Book& book, const Terms& terms, Owner owner);
    Reason accept(Book& book, const Terms& terms, Owner owner, i64 hold, i64 quantity);
    bool worth_enough(const Market& market, i64 value) const;
    Reason obstacle(Book& book, const Terms& terms, Owner owner) const;
    struct Plan {
        i64 quantity;
        i128 value;
        bool complete;
    };
    COINPORT_RARE Plan plan(Book& book, const Terms& terms, Owner owner) const;
    i64 match(const Terms& terms);  // the taker; returns the price of the first trade
    void trade(u32 maker, i64 price);
    COINPORT_RARE void trigger(Book& book, i64 first_price);
    void end(u32 order, Reason reason);
    void end_taker(Reason reason);
    void write_canceled(u64 id, Owner owner, const Book& book, u8 side, i64 price, i64 leaves,
                        bool booked, i64 released, Reason reason);
    Reason cancel(const Terms& terms);
    COINPORT_RARE Reason cancel_all(const Terms& terms);
    void cancel_suspended(Owner owner);

    // administration.cpp
    Reason open_account(const Fields& f);
    Reason suspend(const Fields& f);
    Reason resume(const Fields& f);
    Reason set_suspended(const Fields& f, bool suspended);
    Reason credit(const Fields& f);
    Reason debit(const Fields& f);
    Reason move_by_hand(const Fields& f, event::Tag tag);
    Reason refuse_moving(const Fields& f) const;
    Reason add_currency(const Fields& f);
    Reason add_market(const Fields& f);
    Reason refuse_market(const Fields& f) const;
    template <class Act>
    Reason with_market(const Fields& f, Act act);
    Reason set_state(const Fields& f);
    Reason set_fees(const Fields& f);
    Reason set_band(const Fields& f);

    // transfers.cpp
    Reason announce(const Fields& f);
    Reason credit_deposit(const Fields& f);
    Reason drop_deposit(const Fields& f);
    Reason hold_deposit(const Fields& f);
    Reason release_deposit(const Fields& f);
    Reason write_off_deposit(const Fields& f);
    Reason assign_deposit(const Fields& f);
    template <class Act>
    Reason with_deposit(const Fields& f, u8 stage, Act act);
    Reason request(const Fields& f);
    Reason cancel_withdrawal(const Fields& f);
    Reason approve(const Fields& f);
    Reason fail(const Fields& f);
    Reason send(const Fields& f);
    Reason settle(const Fields& f);
    template <class Act>
    Reason with_withdrawal(i128 number, Act act);
    template <class Act>
    Reason with_approved(const Fields& f, Act act);
    void emit_listing(event::Tag tag) {  // what is listed follows
        out_.items(Array{2}, u8{tag});
        ++events_;
    }
    void emit_transfer(event::Tag tag, u64 transfer, Owner owner, u32 currency, i64 amount) {
        emit(tag, Id{transfer}, account(owner), currency + 1, amount);
    }
    void emit_deposit(event::Tag tag, u64 transfer, const Deposit& of, i64 amount) {
        emit_transfer(tag, transfer, of.owner, of.currency, amount);
    }
    void emit_withdrawal(event::Tag tag, u64 transfer, const Withdrawal& of) {
        emit_transfer(tag, transfer, of.owner, of.currency, of.amount);
    }

    // replay.cpp
    struct Event;
    static bool read_event(Reader& in, Event& event);
    Status replay_one(const u8* data, std::size_t bytes);
    bool apply_order(const Event& event, const Command& command);
    bool apply_placed(const Event& event, const Command& command);
    bool apply_traded(const Event& event);
    bool apply_canceled(const Event& event);
    bool apply_other(const Event& event, const Command& command);
    bool apply_moved(const Event& event, const Command& command);
    bool apply_transfer(const Event& event, const Command& command);
    bool apply_deposit(u8 tag, u64 id, Owner owner, u32 currency, i64 amount);
    bool apply_withdrawal(const Event& event, u64 id, Owner owner, u32 currency, i64 amount);

    template <class... Field>
    Reason emit(event::Tag tag, Field... field) {
        out_.row(u8{tag}, field...);
        ++events_;
        return Reason::ACCEPTED;
    }
    void check(bool done) {
        if (!done) [[unlikely]] broken_ = true;
    }

    Reason done(bool done) {
        check(done);
        return Reason::ACCEPTED;
    }

    std::unique_ptr<State> state_;
    Taker taker_;
    std::vector<u8> input_;
    std::vector<Command> commands_;  // of which only the first `count_` are meant
    std::size_t count_ = 0;
    std::vector<u32> unreadable_;
    std::vector<std::unique_ptr<std::string>> substitutes_;
    Writer out_;
    std::vector<u32> lengths_;
    u64 events_ = 0;
    std::size_t replayed_ = 0;
    u64 refused_sequence_ = 0;
    bool broken_ = false;
};

// Listings as they stand in events and snapshots.
void write_currency(Writer& out, u32 number, const Currency& currency);
void write_market(Writer& out, u32 number, const Market& market);
bool read_currency(Reader& in, i64& number, Currency& currency);
bool read_market(Reader& in, i64& number, Market& market);
bool sound(const State& state, const Market& market);  // its numbers are within their bounds

// Whether an administrator's command says who and why.
bool signed_by(const Text& actor, const Text& note);

}  // namespace coinport
