// Slabs: many small things of one kind, named by 32-bit indices.
//
// Theory of operation. An index is half a pointer, stays valid when the slab moves, and can be
// checked. What was given back is taken again first, from a list through the member `next` of the
// free ones, so that an exchange in balance allocates nothing. Memory that cannot be had ends the
// process, as does the 2^32nd element: a restart recovers.
#pragma once

#include <type_traits>

#include "wire.hpp"

namespace coinport {

template <class T>
class Slab {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Slab() = default;
    Slab(const Slab&) = delete;
    Slab& operator=(const Slab&) = delete;
    ~Slab() { std::free(data_); }

    T& operator[](u32 at) { return data_[at]; }
    const T& operator[](u32 at) const { return data_[at]; }
    u32 size() const { return size_; }  // the free ones included
    std::size_t memory() const { return std::size_t{capacity_} * sizeof(T); }

    u32 take() {
        if (free_ != NONE) {
            const u32 at = free_;
            free_ = data_[at].next;
            return at;
        }
        if (size_ == capacity_) [[unlikely]] grow();
        return size_++;
    }
    void give_back(u32 at) {
        data_[at].next = free_;
        free_ = at;
    }

private:
    void grow() {
        if (capacity_ >= NONE / 2) std::abort();
        const u32 capacity = capacity_ ? capacity_ + capacity_ / 2 : 64;
        void* moved = std::realloc(static_cast<void*>(data_), std::size_t{capacity} * sizeof(T));
        if (!moved) std::abort();
        data_ = static_cast<T*>(moved);
        capacity_ = capacity;
    }

    T* data_ = nullptr;
    u32 size_ = 0, capacity_ = 0, free_ = NONE;
};

}  // namespace coinport
