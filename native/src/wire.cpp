// The wire, the part that is not in the way of every order: see wire.hpp.
#include "wire.hpp"

#include <new>

namespace coinport {

void Writer::grow(std::size_t bytes) {
    const std::size_t used = size();
    std::size_t capacity = static_cast<std::size_t>(end_ - start_);
    capacity = capacity * 2 > used + bytes ? capacity * 2 : used + bytes + 4096;
    u8* moved = static_cast<u8*>(std::realloc(start_, capacity));
    if (!moved) std::abort();
    start_ = moved;
    at_ = moved + used;
    end_ = moved + capacity;
}

u8* Writer::put_negative(u8* at, i64 value) {
    const u64 bits = static_cast<u64>(value);
    if (value >= -32) return put(at, static_cast<u8>(bits));
    const unsigned form = value >= INT8_MIN ? 0 : value >= INT16_MIN ? 1 : value >= INT32_MIN ? 2 : 3;
    const unsigned bytes = 1u << form;
    *at = static_cast<u8>(0xd0 + form);
    store_big(at + 1, bits << (64 - 8 * bytes));
    return at + 1 + bytes;
}

bool Reader::take(i128& value) {
    const u8 mark = *at_;
    u64 natural;
    if (take(natural)) {
        value = natural;
    } else if (mark >= 0xe0) {
        value = static_cast<std::int8_t>(mark);
        ++at_;
    } else if (mark >= 0xd0 && mark <= 0xd3) {
        const unsigned bytes = 1u << (mark - 0xd0);
        value = static_cast<i64>(load_big(at_ + 1)) >> (64 - 8 * bytes);
        at_ += 1 + bytes;
    } else {
        return false;
    }
    return true;
}

bool Reader::take_length(u64& length, unsigned mark) {
    if (*at_ != mark && *at_ != mark + 1) return false;
    const unsigned bytes = *at_ == mark ? 2 : 4;
    length = load_big(at_ + 1) >> (64 - 8 * bytes);
    at_ += 1 + bytes;
    return true;
}

bool Reader::span(u64 bytes, const u8*& start) {
    start = at_;
    if (at_ > end_ || bytes > static_cast<u64>(end_ - at_)) return false;
    at_ += bytes;
    return true;
}

bool Reader::take_text(Text& value) {
    u64 bytes;
    if ((*at_ & 0xe0) == 0xa0) {
        bytes = *at_++ & 0x1f;
    } else if (*at_ == 0xd9) {
        bytes = at_[1];
        at_ += 2;
    } else if (!take_length(bytes, 0xda)) {
        return false;
    }
    const u8* start;
    if (!span(bytes, start)) return false;
    value = {start, static_cast<u32>(bytes), count_characters(start, bytes)};
    return value.characters != NONE;
}

bool Reader::take(Binary& value) {
    const u8 mark = *at_;
    if (mark < 0xc4 || mark > 0xc6) return false;
    const unsigned width = 1u << (mark - 0xc4);
    const u64 bytes = load_big(at_ + 1) >> (64 - 8 * width);
    at_ += 1 + width;
    const u8* start;
    if (!span(bytes, start)) return false;
    value.bytes = {reinterpret_cast<const char*>(start), bytes};
    return true;
}

u32 count_characters(const u8* data, std::size_t bytes) {
    const u8* end = data + bytes;
    u32 characters = 0;
    while (data < end) {
        ++characters;
        const u8 lead = *data++;
        if (lead < 0x80) continue;
        // The second byte rules out what is too long for its value, surrogates, and beyond 10FFFF.
        const unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        const u8 low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const u8 high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (lead < 0xc2 || lead > 0xf4 || static_cast<std::size_t>(end - data) < more) return NONE;
        if (*data < low || *data > high) return NONE;
        for (unsigned at = 1; at < more; ++at)
            if ((data[at] & 0xc0) != 0x80) return NONE;
        data += more;
    }
    return characters;
}

}  // namespace coinport
