// Client order ids, remembered for a day.
//
// Theory of operation. What is remembered is forgotten in the order in which it came, so it stands
// in a queue, and a table of open addressing finds a place in the queue by account and id. The
// contents are kept as they are encoded: the id is their end. The hash is seeded anew in every
// process, because strangers choose the ids; nothing that is written depends on it.
#pragma once

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

#include "rules.hpp"

namespace coinport {

struct Named {
    i64 time;
    u64 order;
    Owner owner;
    u32 name_bytes;
    u64 hash;
    std::string contents;  // of the command, as msgspec encodes it

    std::string_view name() const {
        return std::string_view(contents).substr(contents.size() - name_bytes);
    }
};

class Names {
public:
    Names() : seed_(std::random_device{}() * u64{0x100000001} + 1), slots_(64, 0), mask_(63) {}

    bool empty() const { return queue_.empty(); }
    std::size_t size() const { return queue_.size(); }
    const Named& oldest() const { return queue_.front(); }
    const std::deque<Named>& queue() const { return queue_; }

    const Named* find(Owner owner, std::string_view name) const {
        const u64 hash = hash_of(owner, name);
        for (std::size_t at = hash & mask_; slots_[at]; at = (at + 1) & mask_) {
            const Named& named = queue_[slots_[at] - first_];
            if (named.hash == hash && named.owner == owner && named.name() == name) return &named;
        }
        return nullptr;
    }
    void add(Named named) {  // one that is not there
        named.hash = hash_of(named.owner, named.name());
        queue_.push_back(std::move(named));
        if (queue_.size() * 2 > slots_.size()) resize();
        else put(first_ + queue_.size() - 1);
    }
    void forget_oldest() {
        std::size_t at = queue_.front().hash & mask_;
        while (slots_[at] != first_) at = (at + 1) & mask_;
        for (std::size_t next = at;;) {
            next = (next + 1) & mask_;
            if (!slots_[next]) break;
            const std::size_t home = queue_[slots_[next] - first_].hash & mask_;
            if (((next - home) & mask_) >= ((next - at) & mask_)) {
                slots_[at] = slots_[next];
                at = next;
            }
        }
        slots_[at] = 0;
        queue_.pop_front();
        ++first_;
    }

private:
    u64 hash_of(Owner owner, std::string_view name) const {
        u64 hash = seed_ ^ owner;
        for (std::size_t at = 0; at < name.size(); at += 8) {
            u64 word = 0;
            std::memcpy(&word, name.data() + at, std::min<std::size_t>(8, name.size() - at));
            hash = mixed(hash ^ word);
        }
        return mixed(hash ^ name.size());
    }
    static u64 mixed(u64 value) {
        const unsigned __int128 product =
            static_cast<unsigned __int128>(value ^ 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
        return static_cast<u64>(product) ^ static_cast<u64>(product >> 64);
    }
    void put(u64 place) {
        std::size_t at = queue_[place - first_].hash & mask_;
        while (slots_[at]) at = (at + 1) & mask_;
        slots_[at] = place;
    }
    void resize() {
        slots_.assign(slots_.size() * 2, 0);
        mask_ = slots_.size() - 1;
        for (u64 place = first_; place < first_ + queue_.size(); ++place) put(place);
    }

    u64 seed_;
    u64 first_ = 1;  // place of the oldest; a slot without one is 0
    std::deque<Named> queue_;
    std::vector<u64> slots_;
    std::size_t mask_;
};

}  // namespace coinport
