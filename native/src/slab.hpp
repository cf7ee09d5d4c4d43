// Slabs: many small things of one kind, named by 32-bit indices.
//
// Theory of operation. An index is half a pointer, stays valid when the slab moves, and can be
// checked. What was given back is taken again first, from a list through the member `next` of the
// free ones, so that an exchange in balance allocates nothing. Nothing lies across two lines of the
// cache where its type asks for its size as alignment. The 2^32nd element ends the process.
#pragma once

#include <vector>

#include "wire.hpp"

namespace coinport {

template <class T>
class Slab {
public:
    T& operator[](u32 at) { return items_[at]; }
    const T& operator[](u32 at) const { return items_[at]; }
    std::size_t size() const { return items_.size(); }  // the free ones included
    std::size_t memory() const { return items_.capacity() * sizeof(T); }

    u32 take() {
        if (free_ == NONE) [[unlikely]] return grow();
        const u32 at = free_;
        free_ = items_[at].next;
        return at;
    }
    void give_back(u32 at) {
        items_[at].next = free_;
        free_ = at;
    }

private:
    COINPORT_RARE u32 grow() {
        if (items_.size() == NONE) std::abort();
        if (items_.size() == items_.capacity()) items_.reserve(64 + items_.size() + items_.size() / 2);
        items_.emplace_back();
        return static_cast<u32>(items_.size() - 1);
    }

    std::vector<T> items_;
    u32 free_ = NONE;
};

}  // namespace coinport
