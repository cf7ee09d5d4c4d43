// The book alone: see flow.hpp.
#include "flow.hpp"

namespace coinport {

bool BookAlone::run(const u8* data, std::size_t bytes) {
    constexpr std::size_t FAR = 10, NEAR = 5;
    if (bytes % sizeof(Entry)) return false;
    const std::size_t count = bytes / sizeof(Entry);
    const auto entry_at = [data](std::size_t at) {
        Entry entry;
        std::memcpy(&entry, data + at * sizeof(Entry), sizeof entry);
        return entry;
    };
    for (std::size_t i = 0; i < count; ++i) {
        if (i + FAR < count) {
            const Entry far = entry_at(i + FAR);
            if (far.type == 1) shelf_.index.prefetch(far.order);
            const Entry near = entry_at(i + NEAR);
            if (near.type == 1) shelf_.prefetch(shelf_.index.glance(near.order));
        }
        const Entry entry = entry_at(i);
        if (entry.type > 1 || entry.side > 1) return false;
        if (entry.type == 0) {
            if (entry.price <= 0 || entry.quantity <= 0 || shelf_.find(entry.order) != NONE)
                return false;
            add(entry);
        } else {
            const u32 at = shelf_.find(entry.order);
            if (at == NONE) return false;
            halves_[shelf_.level_of(shelf_[at]).half].remove(shelf_, at);
            shelf_.close(at);
        }
    }
    return true;
}

void BookAlone::add(const Entry& entry) {
    Half& half = halves_[1 - entry.side];
    const i64 worst = entry.side == 0 ? -entry.price : entry.price;
    i64 left = entry.quantity;
    while (left && half.best() != NONE) {
        const Node& level = shelf_[half.best()];
        const i64 price = level.price;
        if (half.key(price) < worst) break;
        const u32 at = level.next;
        Node& maker = shelf_[at];
        const i64 quantity = std::min(left, maker.leaves);
        ++trades;
        volume += static_cast<u64>(quantity);
        hash = hash * 1000003 + maker.id * 31 + entry.order * 17 + static_cast<u64>(price) * 7 +
               static_cast<u64>(quantity);
        left -= quantity;
        maker.leaves -= quantity;
        if (!maker.leaves) {
            half.remove(shelf_, at);
            shelf_.close(at);
        }
    }
    if (left) halves_[entry.side].add(shelf_, shelf_.open(entry.order, 1, left), entry.price);
}

std::size_t BookAlone::memory() const {
    return shelf_.nodes.memory() + shelf_.index.memory() +
           halves_[0].memory() + halves_[1].memory();
}

}  // namespace coinport
