// What the feed tells, as far as it must be looked at after every command: the books by price, and
// which records hold something that somebody else wants to see.
//
// Theory of operation. Most records are orders that came to rest or were taken back; of these the
// exchange needs to know nothing but how the levels of a book changed, and of which kind they were.
// Of trades everybody wants to see the same few figures, which are read here. Only records with
// anything that is not about orders are worth being decoded at once; their places are told, and
// those of the records with a trade, for who wants to know whose it was. A record says everything
// that is needed here: nothing is looked up, and each is read once.
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "../src/commands.hpp"

namespace coinport {

bool read_natural(Reader& in, u64& value);  // an integer that is not negative

// What everybody may know of a trade.
struct PublicTrade {
    i64 id, time, market, taker_side, price, quantity, taker_order;
};

// What a record changed at a price of a book.
struct LevelChange {
    i64 market;
    u64 sequence, time;  // of the record
    u8 side;
    i64 price, lots;  // more of them; negative: fewer
};

// Trades of one market that follow each other at the same time; a sum beyond 64 bits begins another.
struct Run {
    i64 market, time, last, high, low, volume;
};

struct Told {
    u32 commands[32] = {};   // by tag
    u32 refusals[256] = {};  // by reason
    u64 last = 0, time = 0;  // sequence and time of the last record
    // Places in the batch: of the records with a trade or with anything that is not about orders,
    // and of the latter alone.
    std::vector<u32> notable, special;
    std::vector<PublicTrade> trades;
    std::vector<Run> runs;
    std::vector<LevelChange> changes;

    // False where `record` is none that this can read.
    bool add(Reader record, u32 place);

private:
    void traded(const PublicTrade& trade);
};

class LevelBooks {
public:
    struct Book {
        std::map<i64, i64> levels[2];  // lots by price, of buys and of sells
        u64 sequence = 0;  // counts the records that changed it
        u64 time = 0;
        u64 changed_by = 0;
    };

    Book& book(i64 market) { return books_[market]; }
    // False where a change takes from a level what was never there.
    bool apply(const std::vector<LevelChange>& changes);

private:
    std::unordered_map<i64, Book> books_;
};

}  // namespace coinport
