// The ledger: every balance of every account.
//
// Theory of operation. The four buckets of an account in one currency are one row of 32 bytes; rows
// lie one behind the other and are never given back. One table leads from accounts to rows: the
// currencies of an account stand side by side in it. An owner has a row once anything was booked for
// it; row 0 is that of nobody and stays empty.
//
// Double entry: `move` takes from one bucket and gives to another, so the sum over all accounts of
// a currency stays zero. Only custody may go below zero; where anything else would, nothing is
// moved and the engine stops: the rules see to it that this does not happen, and a journal in which
// it does is not one of theirs.
#pragma once

#include <vector>

#include "rules.hpp"

namespace coinport {

class Ledger {
public:
    void add_currency() {
        if (currencies_++ < stride_) return;
        std::vector<u32> wider(rows_of_.size() * 2);
        for (std::size_t at = 0; at < rows_of_.size(); ++at)
            wider[at / stride_ * stride_ * 2 + at % stride_] = rows_of_[at];
        rows_of_.swap(wider);
        stride_ *= 2;
    }
    // The row of `owner` in the currency at this place; made where there is none.
    COINPORT_INLINE u32 row(u32 currency, Owner owner) {
        const u32 found = find(currency, owner);
        return found ? found : new_row(currency, owner);
    }
    i64& at(u32 row, unsigned bucket) { return rows_[row].bucket[bucket]; }
    i64 balance(u32 currency, Owner owner, unsigned bucket) const {
        return rows_[find(currency, owner)].bucket[bucket];
    }
    i64 available(u32 currency, Owner owner) const { return balance(currency, owner, AVAILABLE); }
    i64 owed(u32 currency) const { return -available(currency, CUSTODY); }

    // False, and nothing moved, where there is not so much, or too much where it goes.
    [[nodiscard]] bool move(u32 currency, Owner from, Bucket of, Owner to, Bucket into, i64 amount) {
        const u32 giver = row(currency, from), taker = row(currency, to);
        i64 &debit = at(giver, of), &credit = at(taker, into);
        i64 left, more;
        if (amount < 0 || __builtin_sub_overflow(debit, amount, &left)) return false;
        if (left < 0 && from != CUSTODY) return false;
        if (&debit == &credit) return true;
        if (__builtin_add_overflow(credit, amount, &more)) return false;
        debit = left;
        credit = more;
        return true;
    }
    // From one bucket of an owner to another.
    [[nodiscard]] bool shift(u32 currency, Owner owner, Bucket of, Bucket into, i64 amount) {
        i64* bucket = &at(row(currency, owner), 0);
        if (amount < 0 || amount > bucket[of]) return false;
        bucket[of] -= amount;
        bucket[into] += amount;
        return true;
    }
    void prefetch(u32 currency, Owner owner) const {
        __builtin_prefetch(&rows_[find(currency, owner)], 1);
    }

    u32 currencies() const { return currencies_; }
    Owner owners() const { return static_cast<Owner>(rows_of_.size() / stride_); }

private:
    std::size_t place(u32 currency, Owner owner) const {
        return std::size_t{owner} * stride_ + currency;
    }
    COINPORT_INLINE u32 find(u32 currency, Owner owner) const {
        const std::size_t at = place(currency, owner);
        return at < rows_of_.size() ? rows_of_[at] : 0;
    }
    COINPORT_RARE u32 new_row(u32 currency, Owner owner) {
        const std::size_t at = place(currency, owner);
        if (at >= rows_of_.size()) rows_of_.resize((owner + owner / 2 + 16) * std::size_t{stride_});
        rows_of_[at] = static_cast<u32>(rows_.size());
        rows_.emplace_back();
        return rows_of_[at];
    }

    struct alignas(32) Row {
        i64 bucket[4] = {};
    };

    u32 currencies_ = 0, stride_ = 4;
    std::vector<u32> rows_of_;
    std::vector<Row> rows_{1};
};

}  // namespace coinport
