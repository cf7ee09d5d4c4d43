// The book alone, for benchmarks: orders in, trades out, nothing checked and nobody paid.
//
// Theory of operation. It is the book that the engine has, with its index of orders; what is left
// out is accounts, holds, settlement, messages and all rules but price and time. A flow consists of
// records of 32 bytes, little-endian: type u8 (0 a limit order, 1 a cancel), side u8 (0 buys, 1
// sells), flags u16, user u32, order u64, price i64, quantity i64.
#pragma once

#include "book.hpp"

namespace coinport {

class BookAlone {
public:
    // False where it is no flow.
    bool run(const u8* data, std::size_t bytes);

    u64 trades = 0, volume = 0, hash = 0;  // the hash is that of the flow's own expectation
    std::size_t memory() const;

private:
    struct Entry {
        u8 type, side;
        std::uint16_t flags;
        u32 user;
        u64 order;
        i64 price, quantity;
    };
    static_assert(sizeof(Entry) == 32);

    void add(const Entry& entry);

    Shelf shelf_;
    Half halves_[2] = {Half(Half::BIDS), Half(Half::ASKS)};
};

}  // namespace coinport
