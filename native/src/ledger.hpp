// The ledger: every balance of every account.
//
// Theory of operation. The four buckets of an account in one currency are one row of 32 bytes; rows
// lie in one slab and are never given back. Each currency has a table from owners to rows, as long as
// its last owner needs it. An owner has a row once anything was booked for it.
//
// Double entry: `move` takes from one bucket and gives to another, so the sum over all accounts of
// a currency stays zero. Only custody may go below zero; where anything else would, nothing is
// moved and the engine stops: the rules see to it that this does not happen, and a journal in which
// it does is not one of theirs.
#pragma once

#include <vector>

#include "rules.hpp"
#include "slab.hpp"

namespace coinport {

struct Row {
    union {
        i64 bucket[4];
        u32 next;  // for the slab; rows are never free
    };
};

class Ledger {
public:
    void add_currency() { tables_.emplace_back(); }

    // The row of `owner` in the currency at this place; made where there is none.
    u32 row(u32 currency, Owner owner) {
        const Table& table = tables_[currency];
        if (owner < table.size() && table[owner] != NONE) [[likely]] return table[owner];
        return new_row(currency, owner);
    }
    i64& at(u32 row, Bucket bucket) { return rows_[row].bucket[bucket]; }

    i64 balance(u32 currency, Owner owner, unsigned bucket) const {
        const Table& table = tables_[currency];
        const u32 row = owner < table.size() ? table[owner] : NONE;
        return row == NONE ? 0 : rows_[row].bucket[bucket];
    }
    i64 available(u32 currency, Owner owner) const { return balance(currency, owner, AVAILABLE); }
    i64 owed(u32 currency) const { return -available(currency, CUSTODY); }

    // False, and nothing moved, where there is not so much, or too much where it goes.
    [[nodiscard]] bool move(u32 currency, Owner from, Bucket of, Owner to, Bucket into, i64 amount) {
        const u32 debit = row(currency, from), credit = row(currency, to);
        i64 left, more;
        if (amount < 0 || __builtin_sub_overflow(at(debit, of), amount, &left)) return false;
        if (left < 0 && from != CUSTODY) return false;
        if (debit == credit && of == into) return true;
        if (__builtin_add_overflow(at(credit, into), amount, &more)) return false;
        at(debit, of) = left;
        at(credit, into) = more;
        return true;
    }
    // From one bucket of an owner to another.
    [[nodiscard]] bool shift(u32 currency, Owner owner, Bucket of, Bucket into, i64 amount) {
        i64* bucket = rows_[row(currency, owner)].bucket;
        if (amount < 0 || amount > bucket[of]) return false;
        bucket[of] -= amount;
        bucket[into] += amount;
        return true;
    }
    void prefetch(u32 currency, Owner owner) const {
        const Table& table = tables_[currency];
        if (owner < table.size() && table[owner] != NONE)
            __builtin_prefetch(&rows_[table[owner]], 1);
    }

    std::size_t currencies() const { return tables_.size(); }
    std::size_t owners(u32 currency) const { return tables_[currency].size(); }
    void put(u32 currency, Owner owner, unsigned bucket, i64 balance) {
        rows_[row(currency, owner)].bucket[bucket] = balance;
    }

private:
    using Table = std::vector<u32>;

    u32 new_row(u32 currency, Owner owner) {
        Table& table = tables_[currency];
        if (owner >= table.size()) table.resize(owner + owner / 2 + 16, NONE);
        const u32 row = rows_.take();
        rows_[row] = {};
        return table[owner] = row;
    }

    std::vector<Table> tables_;
    Slab<Row> rows_;
};

}  // namespace coinport
