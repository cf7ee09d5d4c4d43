// A ladder: the occupied price levels of one half of a book, sorted.
//
// Theory of operation. Prices have no bound and no grid, so nothing is indexed by price. The keys
// (see `Half`) stand sorted in blocks of at most `WIDTH`, and the last key of each block stands in
// a row of its own: two short searches find a place, and a change moves at most one block. The best
// level is the very last key, where nearly all changes happen and nothing has to be moved. A full
// block is split, small neighbors are joined; a million levels are some twenty thousand blocks.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "wire.hpp"

namespace coinport {

class Ladder {
public:
    bool empty() const { return blocks_.empty(); }

    u32 best() const {  // the level, `NONE` where there is none
        if (blocks_.empty()) return NONE;
        const Block& block = *blocks_.back();
        return block.levels[block.count - 1];
    }

    u32 find(i64 key) const {
        const std::size_t in = block_of(key);
        if (in == blocks_.size()) return NONE;
        const Block& block = *blocks_[in];
        const u32 at = place_of(block, key);
        return block.keys[at] == key ? block.levels[at] : NONE;
    }

    void insert(i64 key, u32 level) {  // a key that is not there
        std::size_t in = block_of(key);
        if (blocks_.empty()) add_block(0);
        if (in == blocks_.size()) in = blocks_.size() - 1;
        if (blocks_[in]->count == WIDTH) {
            split(in);
            in += key > last_[in];
        }
        Block& block = *blocks_[in];
        const u32 at = place_of(block, key);
        move(block, at, block, at + 1, block.count - at);
        block.keys[at] = key;
        block.levels[at] = level;
        last_[in] = block.keys[block.count++];
    }

    void remove(i64 key) {  // a key that is there
        const std::size_t in = block_of(key);
        Block& block = *blocks_[in];
        const u32 at = place_of(block, key);
        move(block, at + 1, block, at, block.count - at - 1);
        if (--block.count == 0) {
            remove_block(in);
            return;
        }
        last_[in] = block.keys[block.count - 1];
        if (block.count < WIDTH / 4) {
            if (in > 0) join(in - 1);
            else if (blocks_.size() > 1) join(in);
        }
    }

    // Calls `visit(level)` from the best level on, until it returns false.
    template <class Visit>
    void descend(Visit visit) const {
        for (std::size_t in = blocks_.size(); in-- > 0;)
            for (u32 at = blocks_[in]->count; at-- > 0;)
                if (!visit(blocks_[in]->levels[at])) return;
    }

    std::size_t memory() const {
        return blocks_.size() * (sizeof(Block) + 16) + (last_.capacity() + blocks_.capacity()) * 8;
    }

private:
    static constexpr u32 WIDTH = 64;

    struct Block {
        u32 count = 0;
        u32 levels[WIDTH];
        i64 keys[WIDTH];
    };

    // The first block with a key that is not below `key`.
    std::size_t block_of(i64 key) const {
        if (last_.empty() || last_.back() < key) return blocks_.size();
        return static_cast<std::size_t>(
            std::lower_bound(last_.begin(), last_.end(), key) - last_.begin());
    }
    static u32 place_of(const Block& block, i64 key) {
        const i64* end = block.keys + block.count;
        return static_cast<u32>(std::lower_bound(block.keys, end, key) - block.keys);
    }
    static void move(const Block& from, u32 at, Block& to, u32 there, u32 count) {
        std::memmove(to.keys + there, from.keys + at, count * sizeof(i64));
        std::memmove(to.levels + there, from.levels + at, count * sizeof(u32));
    }
    void add_block(std::size_t in) {
        const auto offset = static_cast<std::ptrdiff_t>(in);
        blocks_.insert(blocks_.begin() + offset, std::make_unique<Block>());
        last_.insert(last_.begin() + offset, 0);
    }
    void remove_block(std::size_t in) {
        const auto offset = static_cast<std::ptrdiff_t>(in);
        blocks_.erase(blocks_.begin() + offset);
        last_.erase(last_.begin() + offset);
    }
    void split(std::size_t in) {
        add_block(in + 1);
        Block& low = *blocks_[in];
        Block& high = *blocks_[in + 1];
        high.count = WIDTH / 2;
        low.count = WIDTH - high.count;
        move(low, low.count, high, 0, high.count);
        last_[in + 1] = last_[in];
        last_[in] = low.keys[low.count - 1];
    }
    void join(std::size_t in) {
        Block& low = *blocks_[in];
        const Block& high = *blocks_[in + 1];
        if (low.count + high.count > WIDTH / 2) return;
        move(high, 0, low, low.count, high.count);
        low.count += high.count;
        last_[in] = last_[in + 1];
        remove_block(in + 1);
    }

    std::vector<i64> last_;
    std::vector<std::unique_ptr<Block>> blocks_;
};

}  // namespace coinport
