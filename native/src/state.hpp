// The state of the exchange: what the journal adds up to.
//
// Theory of operation. Accounts, currencies and markets are numbered without gaps, so each is a row
// under its number. What an account has open is a list of places in the slab of orders, which is
// only put in order when somebody wants it: an order that ends leaves its place in the list, and a
// list that is mostly such places is swept. Deposits, withdrawals and keys are few and stand in
// ordinary maps.
//
// The functions here change the state as events do; both what is decided now and what is replayed
// go through them. They return false, and the engine stops, where the state cannot take it.
#pragma once

#include <map>
#include <unordered_set>

#include "book.hpp"
#include "commands.hpp"
#include "ledger.hpp"
#include "names.hpp"

namespace coinport {

struct Currency {
    std::string symbol;
    i64 decimals;
    u8 kind;
};

struct Market {
    std::string symbol;
    u32 base, quote;
    i64 price_decimals, amount_decimals, lot, scale, minimum_value;
    u32 reference;
    i64 maker_fee_ppm, taker_fee_ppm, band_ppm;
    u8 state;
};

struct Book {
    Book(Market listed, u32 place)
        : market(std::move(listed)),
          halves{Half(place * 4 + Half::BIDS), Half(place * 4 + Half::ASKS),
                 Half(place * 4 + Half::RISING), Half(place * 4 + Half::FALLING)},
          number(place) {}

    Half& own(u8 side) { return halves[Half::BIDS + side - BUY]; }
    Half& opposite(u8 side) { return halves[Half::ASKS - (side - BUY)]; }
    Half& waiting(u8 side) { return halves[Half::RISING + side - BUY]; }
    static u8 side_of(u64 half) { return static_cast<u8>(BUY + half % 2); }

    // The value of so much at this price; `AMOUNT_MAX + 1` where it exceeds `AMOUNT_MAX`.
    i64 value(i64 price, i64 quantity) const {
        i64 product, value;
        const bool over = __builtin_mul_overflow(price, quantity, &product) ||
                          __builtin_mul_overflow(product, market.scale, &value);
        return over || value > AMOUNT_MAX ? AMOUNT_MAX + 1 : value;
    }
    i64 amount(i64 quantity) const {  // likewise
        i64 amount;
        const bool over = __builtin_mul_overflow(quantity, market.lot, &amount);
        return over || amount > AMOUNT_MAX ? AMOUNT_MAX + 1 : amount;
    }

    Market market;
    Half halves[4];
    u32 number;
    i64 last_price = 0;  // 0 before the first trade
};

struct Stop {
    Terms terms;  // the text stands in...
    std::string client_order_id;

    void write(Writer& out) const {
        Terms whole = terms;
        whole.client_order_id = {reinterpret_cast<const u8*>(client_order_id.data()),
                                 static_cast<u32>(client_order_id.size()), 0};
        whole.write(out);
    }
};

struct Listed {  // an open order, by its place in the slab and the last bits of its id
    u32 place, tag;
};

struct Account {
    std::vector<Listed> orders;  // some are no longer open
    u32 open = 0, stops = 0;
    bool suspended = false;
};

struct Deposit {
    Owner owner;
    u32 currency;
    i64 amount;
    std::string key, actor;
    u8 stage = ANNOUNCED;
    i64 held = 0;
    u64 kept = 0;  // place among those that are forgotten some day; 0: it is not one of them
    i64 since = 0;
};

struct Withdrawal {
    Owner owner;
    u32 currency;
    i64 amount, fee;
    u8 status = STATUS_PENDING;
};

// An order that is being matched: open, but neither booked nor waiting.
struct Taker {
    u64 id = 0;  // 0: there is none
    Owner owner = 0;
    Book* book = nullptr;
    u8 side = 0;
    i64 price = 0, leaves = 0;
};

struct Trade {
    i64 price, quantity, taker_fee, maker_fee, released;
};

struct State {
    State() : accounts(OWNER_FIRST) {}

    // 0 or nullptr where there is none.
    Owner find_account(i64 number) const {
        if (number < ACCOUNT_FIRST) return 0;
        const i64 owner = number - ACCOUNT_FIRST + OWNER_FIRST;
        return owner < static_cast<i64>(accounts.size()) ? static_cast<Owner>(owner) : 0;
    }
    Owner find_account(i128 number) const {
        return number > INT64_MAX ? 0 : find_account(static_cast<i64>(number));
    }
    const Currency* find_currency(i128 number) const {
        return number > 0 && number <= static_cast<i128>(currencies.size())
                   ? &currencies[static_cast<std::size_t>(number) - 1] : nullptr;
    }
    Book* find_book(i64 number) const {
        return number > 0 && number <= static_cast<i64>(books.size())
                   ? books[static_cast<std::size_t>(number) - 1].get() : nullptr;
    }
    Book* find_book(i128 number) const {
        return number > INT64_MAX ? nullptr : find_book(static_cast<i64>(number));
    }
    Book& book_of(const Node& order) const {
        return *books[shelf.level_of(order).half / 4 - 1];
    }
    u8 side_of(const Node& order) const { return Book::side_of(shelf.level_of(order).half); }
    bool waits(const Node& order) const { return shelf.level_of(order).half % 4 >= Half::RISING; }
    Half& half_of(const Node& order) const {
        return book_of(order).halves[shelf.level_of(order).half % 4];
    }

    // The open orders of an account, the oldest first.
    const std::vector<Listed>& open_orders(Owner owner);
    COINPORT_RARE void sweep(Owner owner);  // forgets those that are over

    bool place(Taker& taker, Book& book, const Terms& terms, Owner owner, u32 currency, i64 hold,
               i64 quantity);
    void rest(Taker& taker);  // it is booked
    bool trade(Taker& taker, u32 maker, const Trade& trade);
    bool end(u32 order, i64 released);  // canceled where it rests or waits
    bool end(Taker& taker, i64 released);
    COINPORT_RARE Terms trigger(Taker& taker, u32 order);  // it waits no more
    COINPORT_RARE void wait(Book& book, const Terms& terms, Owner owner, u64 id);
    COINPORT_RARE void remember(Owner owner, u64 order, const Terms& terms);

    void keep_deposit(u64 transfer, Deposit& deposit);
    bool deposit_credited(u64 transfer);
    bool deposit_released(u64 transfer);
    bool deposit_assigned(u64 transfer, Owner owner);
    bool deposit_held(u64 transfer, i64 amount);
    bool deposit_written_off(u64 transfer);
    void deposit_dropped(u64 transfer);
    bool withdrawal_requested(Withdrawal withdrawal);
    bool withdrawal_returned(u64 transfer);
    bool withdrawal_settled(u64 transfer);

    void open_again(u32 order, Owner owner);  // in the list of its account

    u64 sequence = 0;
    i64 time = 0;
    std::vector<Currency> currencies;
    std::vector<std::unique_ptr<Book>> books;
    Ledger ledger;  // by place of the currency, its number less one
    std::vector<Account> accounts;  // by owner
    Shelf shelf;
    std::vector<Stop> stops;
    std::vector<u32> free_stops;
    Names names;
    std::unordered_set<std::string> keys;
    std::map<u64, Deposit> deposits;
    std::map<u64, u64> kept;  // by place, oldest first: the ids of deposits
    u64 next_kept = 1;
    std::map<u64, Withdrawal> withdrawals;
    u64 next_order = ORDER_FIRST, next_trade = TRADE_FIRST, next_transfer = TRANSFER_FIRST;
    Writer scratch;
};

}  // namespace coinport
