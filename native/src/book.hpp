// The book of one market: resting orders by price, then by time; and the stop orders that wait.
//
// Theory of operation. All open orders and all price levels of the exchange lie in one slab
// (`Shelf`), as nodes of 32 bytes. A level is a ring: its own node, then its orders, the oldest
// first. An order only knows its level, and comes and goes without a question asked, because a
// processor pays more for a wrong guess than for ten instructions. The four halves of a book (bids,
// asks, and the stops that wait for the price to rise or to fall, by their stop price) are the same
// thing: a ladder of levels under a key that grows with how good a price is, so that the best is
// always the last.
//
// Whoever adds an order first asks a small table, by the last bits of its price, for the level. It
// is a cache: what it says is checked, and the ladder asked where it does not know. Near the touch
// it nearly always knows.
#pragma once

#include <memory>
#include <vector>

#include "ladder.hpp"
#include "order_index.hpp"
#include "rules.hpp"
#include "slab.hpp"

namespace coinport {

struct alignas(32) Node {  // an order, or the level at which orders stand
    union {
        i64 leaves;  // of a waiting stop: which of `State::stops` has its terms
        i64 price;   // of a level; 0: there is nothing here
    };
    union {
        u64 id;
        u64 half;  // of a level: number of its half, see `Half`
    };
    u32 previous, next;  // in the ring
    u32 level;
    Owner owner;  // 0: this is no order
};
static_assert(sizeof(Node) == 32);

struct Shelf {
    Shelf() { nodes.take(); }  // node 0 is nothing

    Slab<Node> nodes;
    OrderIndex index;

    Node& operator[](u32 at) { return nodes[at]; }
    const Node& operator[](u32 at) const { return nodes[at]; }
    u32 find(u64 id) const { return index.find(id); }
    void prefetch(u32 at) const {  // any number
        __builtin_prefetch(&nodes[at < nodes.size() ? at : 0], 1);
    }
    const Node& level_of(const Node& order) const { return nodes[order.level]; }

    // An open order that stands nowhere yet.
    u32 open(u64 id, Owner owner, i64 leaves) {
        const u32 at = nodes.take();
        nodes[at] = {{leaves}, {id}, NONE, NONE, NONE, owner};
        index.insert(id, at);
        return at;
    }
    // One that stands nowhere any more.
    void close(u32 at) {
        index.remove(nodes[at].id);
        free(at);
    }
    void free(u32 at) {
        nodes[at].price = 0;
        nodes[at].owner = 0;
        nodes.give_back(at);
    }
};

class Half {
public:
    enum Kind : u32 { BIDS, ASKS, RISING, FALLING };

    // `number` is that of its book times 4 plus its kind.
    explicit Half(u32 number) : number_(number), sign_(sign_of(number % 4)) {}

    u32 best() const { return best_; }  // the level, `NONE` where there is none
    i64 key(i64 price) const { return sign_ * price; }

    void add(Shelf& shelf, u32 at, i64 price) {
        const u32 level = level_at(shelf, price);
        const u32 newest = shelf[level].previous;
        shelf[at].previous = newest;
        shelf[at].next = level;
        shelf[at].level = level;
        shelf[newest].next = at;
        shelf[level].previous = at;
    }

    void remove(Shelf& shelf, u32 at) {
        const u32 previous = shelf[at].previous, next = shelf[at].next;
        shelf[previous].next = next;
        shelf[next].previous = previous;
        if (previous == next) drop(shelf, next);
    }

    // Calls `visit(order, price)` in the order in which they would trade, until it returns false.
    template <class Visit>
    void queue(const Shelf& shelf, Visit visit) const {
        ladder_.descend([&](u32 level) {
            for (u32 at = shelf[level].next; at != level; at = shelf[at].next)
                if (!visit(shelf[at], shelf[level].price)) return false;
            return true;
        });
    }

    // The level at this price, as far as the small table knows: a guess to look ahead with.
    u32 glance(i64 price) const { return near_[static_cast<u64>(price) % NEAR]; }
    std::size_t memory() const { return ladder_.memory() + NEAR * sizeof(u32); }

private:
    static constexpr u32 NEAR = 1024;

    static i64 sign_of(u32 kind) { return kind == BIDS || kind == FALLING ? 1 : -1; }

    u32 level_at(Shelf& shelf, i64 price) {
        u32& near = near_[static_cast<u64>(price) % NEAR];
        if (shelf[near].price == price && shelf[near].half == number_ &&
            !shelf[near].owner) [[likely]]
            return near;
        return near = find_level(shelf, price);
    }
    COINPORT_RARE u32 find_level(Shelf& shelf, i64 price) {
        u32 found = ladder_.find(key(price));
        if (found == NONE) {
            found = shelf.nodes.take();
            shelf[found] = {{price}, {number_}, found, found, NONE, 0};
            ladder_.insert(key(price), found);
            if (best_ == NONE || key(price) > key(shelf[best_].price)) best_ = found;
        }
        return found;
    }

    COINPORT_RARE void drop(Shelf& shelf, u32 level) {
        ladder_.remove(key(shelf[level].price));
        shelf.free(level);
        if (level == best_) best_ = ladder_.best();
    }

    u32 number_;
    i64 sign_;
    u32 best_ = NONE;
    Ladder ladder_;
    std::unique_ptr<u32[]> near_ = std::make_unique<u32[]>(NEAR);
};

}  // namespace coinport
