// Where each open order lies, by its id.
//
// Theory of operation. A table of lines of the cache, five whole ids in each, of which at most half
// are taken. An id stands in the line that a multiplication says, or in the next that had room; a
// line counts those that passed it by, so a search ends where nobody did. Within a line all five
// are compared without a question asked: which of them it is cannot be foreseen. A free place has
// the id 0 and no order, so that who asks for 0 finds what he should: nothing.
#pragma once

#include <vector>

#include "wire.hpp"

namespace coinport {

class OrderIndex {
public:
    OrderIndex() { resize(64); }

    u32 find(u64 id) const {  // `NONE` where it is not open
        for (std::size_t at = home(id);; at = (at + 1) & mask_) {
            const Line& line = lines_[at];
            const unsigned slot = line.slot_of(id);
            if (slot < WIDTH) [[likely]] return line.order[slot];
            if (!line.passed) return NONE;
        }
    }
    void insert(u64 id, u32 order) {  // one that is not there; no id is 0
        if (++count_ * 2 > lines_.size() * WIDTH) [[unlikely]] resize(lines_.size() * 2);
        put(id, order);
    }
    void remove(u64 id) {  // one that is there
        --count_;
        for (std::size_t at = home(id);; at = (at + 1) & mask_) {
            Line& line = lines_[at];
            const unsigned slot = line.slot_of(id);
            if (slot < WIDTH) [[likely]] {
                line.id[slot] = 0;
                line.order[slot] = NONE;
                return;
            }
            --line.passed;
        }
    }
    void prefetch(u64 id) const { __builtin_prefetch(&lines_[home(id)], 1); }
    // What stands first where `id` would: a guess to look ahead with.
    u32 glance(u64 id) const {
        const Line& line = lines_[home(id)];
        return line.order[line.slot_of(id) % WIDTH];
    }
    std::size_t memory() const { return lines_.size() * sizeof(Line); }

private:
    static constexpr unsigned WIDTH = 5;

    struct alignas(64) Line {
        u64 id[WIDTH] = {};
        u32 order[WIDTH] = {NONE, NONE, NONE, NONE, NONE};
        u32 passed = 0;  // how many went on to a later line

        unsigned slot_of(u64 wanted) const {
            unsigned found = 1u << WIDTH;
            for (unsigned at = 0; at < WIDTH; ++at)
                found |= static_cast<unsigned>(id[at] == wanted) << at;
            return static_cast<unsigned>(std::countr_zero(found));
        }
    };
    static_assert(sizeof(Line) == 64);

    std::size_t home(u64 id) const { return (id * 0x9E3779B97F4A7C15u) >> shift_; }
    void put(u64 id, u32 order) {
        for (std::size_t at = home(id);; at = (at + 1) & mask_) {
            Line& line = lines_[at];
            const unsigned slot = line.slot_of(0);
            if (slot < WIDTH) [[likely]] {
                line.id[slot] = id;
                line.order[slot] = order;
                return;
            }
            ++line.passed;
        }
    }
    COINPORT_RARE void resize(std::size_t size) {
        std::vector<Line> old(size);
        old.swap(lines_);
        mask_ = size - 1;
        shift_ = 64 - std::countr_zero(size);
        for (const Line& line : old)
            for (unsigned at = 0; at < WIDTH; ++at)
                if (line.id[at]) put(line.id[at], line.order[at]);
    }

    std::vector<Line> lines_;
    std::size_t count_ = 0, mask_ = 0;
    int shift_ = 0;
};

}  // namespace coinport
