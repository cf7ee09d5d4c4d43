// The book of one market: resting orders by price, then by time; and the stop orders that wait.
//
// Theory of operation. All open orders of the exchange lie in one slab, all price levels in
// another (`Shelf`). A level is a queue through its orders; it knows its price and its half, so an
// order only has to know its level: 32 bytes. The four halves of a book (bids, asks, and the stops
// that wait for the price to rise or to fall, by their stop price) are the same thing: a ladder of
// levels under a key that grows with how good a price is, so that the best is always the last.
//
// Whoever adds an order first asks a small table, by the last bits of its price, for the level. It
// is a cache: what it says is checked, and the ladder asked where it does not know. Near the touch
// it nearly always knows.
//
// Ids of orders are consecutive. The index of open orders keeps eight that follow one another in
// one line of the cache, and spreads those lines by a multiplication; a third of its slots or more
// stay free.
#pragma once

#include <memory>
#include <vector>

#include "ladder.hpp"
#include "rules.hpp"
#include "slab.hpp"

namespace coinport {

struct Order {
    i64 leaves;  // of a waiting stop: which of `State::stops` has its terms
    u64 id;
    u32 previous, next;  // in the queue of its level
    u32 level;
    Owner owner;  // 0: there is no order here
};
static_assert(sizeof(Order) == 32);

struct Level {
    i64 price;  // 0: there is no level here
    u32 head, next;  // the oldest order; `next` also of a free level
    u32 tail;
    u32 half;  // number of its half, see `Half`
};
static_assert(sizeof(Level) == 24);

// Where each open order lies, by its id.
class OrderIndex {
public:
    OrderIndex() { resize(1024); }

    u32 find(const Slab<Order>& orders, u64 id) const {
        const u32 tag = static_cast<u32>(id);
        for (std::size_t at = home(tag);; at = (at + 1) & mask_) {
            const Slot slot = slots_[at];
            if (slot.order == NONE) return NONE;
            if (slot.tag == tag && orders[slot.order].id == id) return slot.order;
        }
    }
    void insert(u64 id, u32 order) {
        if (++count_ * 3 > slots_.size() * 2) [[unlikely]] resize(slots_.size() * 2);
        put({static_cast<u32>(id), order});
    }
    void remove(u64 id, u32 order) {  // one that is there
        std::size_t at = home(static_cast<u32>(id));
        while (slots_[at].order != order) at = (at + 1) & mask_;
        --count_;
        // What stands behind, and would no longer be found over the gap, moves into it.
        for (std::size_t next = at;;) {
            next = (next + 1) & mask_;
            if (slots_[next].order == NONE) break;
            const std::size_t from = home(slots_[next].tag);
            if (((next - from) & mask_) >= ((next - at) & mask_)) {
                slots_[at] = slots_[next];
                at = next;
            }
        }
        slots_[at].order = NONE;
    }
    void prefetch(u64 id) const { __builtin_prefetch(&slots_[home(static_cast<u32>(id))]); }
    // The order that stands first where `id` would: a guess to look ahead with.
    u32 glance(u64 id) const { return slots_[home(static_cast<u32>(id))].order; }
    std::size_t memory() const { return slots_.size() * sizeof(Slot); }

private:
    struct Slot {
        u32 tag, order;
    };

    std::size_t home(u32 tag) const {
        return ((((tag >> 3) * 0x9E3779B97F4A7C15u) >> shift_) << 3) | (tag & 7);
    }
    void put(Slot slot) {
        std::size_t at = home(slot.tag);
        while (slots_[at].order != NONE) at = (at + 1) & mask_;
        slots_[at] = slot;
    }
    void resize(std::size_t size) {
        std::vector<Slot> old(size, Slot{0, NONE});
        old.swap(slots_);
        mask_ = size - 1;
        shift_ = 64 - std::countr_zero(size / 8);
        for (const Slot& slot : old)
            if (slot.order != NONE) put(slot);
    }

    std::vector<Slot> slots_;
    std::size_t count_ = 0, mask_ = 0;
    int shift_ = 0;
};

struct Shelf {
    Slab<Order> orders;
    Slab<Level> levels;
    OrderIndex index;

    u32 find(u64 id) const { return index.find(orders, id); }
    void prefetch_order(u32 at) const {
        if (at < orders.size()) __builtin_prefetch(&orders[at], 1);
    }
    void prefetch_level(u32 at) const {
        if (at < levels.size()) __builtin_prefetch(&levels[at], 1);
    }
    const Level& level_of(const Order& order) const { return levels[order.level]; }

    // An open order that stands nowhere yet.
    u32 open(u64 id, Owner owner, i64 leaves) {
        const u32 at = orders.take();
        orders[at] = {leaves, id, NONE, NONE, NONE, owner};
        index.insert(id, at);
        return at;
    }
    // One that stands nowhere any more.
    void close(u32 at) {
        index.remove(orders[at].id, at);
        orders[at].owner = 0;
        orders.give_back(at);
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
        Order& order = shelf.orders[at];
        const u32 found = level_at(shelf, price);
        Level& level = shelf.levels[found];
        order.level = found;
        order.next = NONE;
        order.previous = level.tail;
        if (level.tail == NONE) level.head = at;
        else shelf.orders[level.tail].next = at;
        level.tail = at;
    }

    void remove(Shelf& shelf, u32 at) {
        const Order& order = shelf.orders[at];
        Level& level = shelf.levels[order.level];
        if (order.previous == NONE) level.head = order.next;
        else shelf.orders[order.previous].next = order.next;
        if (order.next == NONE) level.tail = order.previous;
        else shelf.orders[order.next].previous = order.previous;
        if (level.head == NONE) drop(shelf, order.level);
    }

    // Calls `visit(order, price)` in the order in which they would trade, until it returns false.
    template <class Visit>
    void queue(const Shelf& shelf, Visit visit) const {
        ladder_.descend([&](u32 level) {
            const i64 price = shelf.levels[level].price;
            for (u32 at = shelf.levels[level].head; at != NONE; at = shelf.orders[at].next)
                if (!visit(shelf.orders[at], price)) return false;
            return true;
        });
    }

    // The level at this price, as far as the small table knows: a guess to look ahead with.
    u32 glance(i64 price) const {
        return near_ ? near_[static_cast<u64>(price) % NEAR] : NONE;
    }
    std::size_t memory() const { return ladder_.memory() + (near_ ? NEAR * sizeof(u32) : 0); }

private:
    static constexpr u32 NEAR = 1024;

    static i64 sign_of(u32 kind) { return kind == BIDS || kind == FALLING ? 1 : -1; }

    u32 level_at(Shelf& shelf, i64 price) {
        if (!near_) {
            near_ = std::make_unique<u32[]>(NEAR);
            std::fill_n(near_.get(), NEAR, NONE);
        }
        u32& near = near_[static_cast<u64>(price) % NEAR];
        if (near != NONE && shelf.levels[near].price == price &&
            shelf.levels[near].half == number_) [[likely]]
            return near;
        u32 found = ladder_.find(key(price));
        if (found == NONE) {
            found = shelf.levels.take();
            shelf.levels[found] = {price, NONE, NONE, NONE, number_};
            ladder_.insert(key(price), found);
            if (best_ == NONE || key(price) > key(shelf.levels[best_].price)) best_ = found;
        }
        return near = found;
    }

    void drop(Shelf& shelf, u32 level) {
        ladder_.remove(key(shelf.levels[level].price));
        shelf.levels[level].price = 0;
        shelf.levels.give_back(level);
        if (level == best_) best_ = ladder_.best();
    }

    u32 number_;
    i64 sign_;
    u32 best_ = NONE;
    Ladder ladder_;
    std::unique_ptr<u32[]> near_;
};

}  // namespace coinport
