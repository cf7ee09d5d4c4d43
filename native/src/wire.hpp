// The wire: MessagePack as msgspec writes it, and as far as it occurs in commands and records.
//
// Theory of operation. Every integer is written in its shortest form. Which form that is depends on
// nothing but the width of the number in bits, so a table indexed by the width replaces the chain
// of comparisons: one store for the mark, one for eight bytes of which only some are kept. A writer
// therefore always keeps `SLACK` bytes free behind what it was asked to hold.
//
// A reader never reads outside its buffer because whoever makes the buffer leaves `SLACK` bytes
// behind its end: a number may be loaded first and found to be cut off afterwards. It accepts only
// what it fully understands. What it does not accept is not thereby wrong: msgspec itself decides
// about it (see engine/native.py), so there is one judge of what a message is.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace coinport {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;
__extension__ typedef __int128 i128;

inline constexpr std::size_t SLACK = 16;
inline constexpr u32 NONE = 0xffffffff;  // no index

static_assert(std::endian::native == std::endian::little, "big-endian machines are not supported");

inline u64 load_big(const u8* at) {
    u64 value;
    std::memcpy(&value, at, 8);
    return __builtin_bswap64(value);
}

inline void store_big(u8* at, u64 value) {
    value = __builtin_bswap64(value);
    std::memcpy(at, &value, 8);
}

struct Form {
    u8 mark, bytes, shift, low;
};

struct Forms {
    Form of[65];
    constexpr Forms() : of{} {
        for (int width = 0; width <= 64; ++width) {
            of[width] = width <= 7    ? Form{0, 0, 0, 0x7f}
                        : width <= 8  ? Form{0xcc, 1, 56, 0}
                        : width <= 16 ? Form{0xcd, 2, 48, 0}
                        : width <= 32 ? Form{0xce, 4, 32, 0}
                                      : Form{0xcf, 8, 0, 0};
        }
    }
};
inline constexpr Forms FORMS;

// Bytes that are being written. Memory that cannot be had ends the process: a restart recovers.
class Writer {
public:
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() { std::free(start_); }

    void clear() { at_ = start_; }
    std::size_t size() const { return static_cast<std::size_t>(at_ - start_); }
    const u8* data() const { return start_; }
    u8* position(std::size_t at) { return start_ + at; }

    // Room for `bytes`, and for any number behind them.
    void reserve(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - at_) < bytes + SLACK) [[unlikely]] grow(bytes + SLACK);
    }

    // Each of these needs room that was reserved.
    void byte(unsigned value) { *at_++ = static_cast<u8>(value); }
    void boolean(bool value) { byte(value ? 0xc3 : 0xc2); }
    void natural(u64 value) {
        const Form form = FORMS.of[64 - std::countl_zero(value)];
        *at_ = static_cast<u8>(form.mark | (value & form.low));
        store_big(at_ + 1, value << form.shift);
        at_ += 1 + form.bytes;
    }
    void integer(i64 value) {
        if (value >= 0) natural(static_cast<u64>(value));
        else negative(value);
    }
    void array(u64 length) { head(length, 0x90, 16, 0xdc); }
    void raw(const void* data, std::size_t bytes) {
        if (bytes) std::memcpy(at_, data, bytes);
        at_ += bytes;
    }

    // These reserve their room themselves.
    void list(u64 length) {
        reserve(SLACK);
        array(length);
    }
    void text(std::string_view value) {
        reserve(value.size() + SLACK);
        if (value.size() >= 32 && value.size() < 256) {
            byte(0xd9);
            byte(static_cast<unsigned>(value.size()));
        } else {
            head(value.size(), 0xa0, 32, 0xda);
        }
        raw(value.data(), value.size());
    }
    void binary(std::string_view value) {
        reserve(value.size() + SLACK);
        if (value.size() < 256) {
            byte(0xc4);
            byte(static_cast<unsigned>(value.size()));
        } else {
            head(value.size(), 0, 0, 0xc5);
        }
        raw(value.data(), value.size());
    }

    // The head of an array of which only now is known how long it is: `at` is where one byte was
    // left for it.
    void set_array(std::size_t at, u64 length) {
        if (length < 16) [[likely]] {
            start_[at] = static_cast<u8>(0x90 | length);
            return;
        }
        const std::size_t more = length < 65536 ? 2 : 4;
        reserve(more);
        std::memmove(start_ + at + 1 + more, start_ + at + 1, size() - at - 1);
        at_ += more;
        start_[at] = more == 2 ? 0xdc : 0xdd;
        for (std::size_t i = 0; i < more; ++i)
            start_[at + 1 + i] = static_cast<u8>(length >> (8 * (more - 1 - i)));
    }

private:
    void grow(std::size_t bytes);
    void negative(i64 value);

    void head(u64 length, unsigned fixed, u64 below, unsigned mark) {
        if (length < below) {
            byte(fixed | static_cast<unsigned>(length));
        } else if (length < 65536) {
            byte(mark);
            store_big(at_, length << 48);
            at_ += 2;
        } else {
            byte(mark + 1);
            store_big(at_, length << 32);
            at_ += 4;
        }
    }

    u8* start_ = nullptr;
    u8* at_ = nullptr;
    u8* end_ = nullptr;
};

struct Text {
    const u8* data = nullptr;
    u32 bytes = 0;
    u32 characters = 0;

    std::string_view view() const { return {reinterpret_cast<const char*>(data), bytes}; }
};

class Reader {
public:
    Reader(const u8* data, std::size_t bytes) : at_(data), end_(data + bytes) {}

    const u8* position() const { return at_; }
    std::size_t left() const { return at_ <= end_ ? static_cast<std::size_t>(end_ - at_) : 0; }
    bool at_end() const { return at_ == end_; }

    // False, and nothing can be read any more, where something else stands there.
    bool natural(u64& value) {
        const u8 mark = *at_;
        if (at_ >= end_) return false;
        if (mark < 0x80) {
            value = mark;
            ++at_;
            return true;
        }
        if (mark < 0xcc || mark > 0xcf) return false;
        const unsigned bytes = 1u << (mark - 0xcc);
        value = load_big(at_ + 1) >> (64 - 8 * bytes);
        at_ += 1 + bytes;
        return at_ <= end_;
    }
    bool wide(i128& value);  // any integer that MessagePack has
    // Any integer; beyond the largest one stands the largest, which no rule accepts either.
    bool integer(i64& value) {
        u64 found;
        if (*at_ < 0x80 || (*at_ & 0xfc) == 0xcc) [[likely]] {
            if (!natural(found)) return false;
            value = found > INT64_MAX ? INT64_MAX : static_cast<i64>(found);
            return true;
        }
        i128 other;
        if (!wide(other)) return false;
        value = static_cast<i64>(other);
        return true;
    }
    bool exact(i64& value) {  // one that fits
        i128 found;
        if (!wide(found) || found > INT64_MAX) return false;
        value = static_cast<i64>(found);
        return true;
    }
    bool choice(u8& value, unsigned first, unsigned last) {  // of an enumeration
        const u8 mark = *at_;
        if (at_ >= end_ || mark < first || mark > last) return false;
        value = mark;
        ++at_;
        return true;
    }
    bool boolean(bool& value) {
        const u8 mark = *at_;
        if (at_ >= end_ || (mark & 0xfe) != 0xc2) return false;
        value = mark & 1;
        ++at_;
        return true;
    }
    bool array(u64& length) { return head(length, 0x90, 0x0f, 0xdc); }
    bool array_of(u64 length) {
        u64 found;
        return array(found) && found == length;
    }
    bool text(Text& value);  // sound UTF-8
    bool binary(std::string_view& value);

private:
    bool head(u64& length, unsigned fixed, unsigned mask, unsigned mark) {
        const u8 found = *at_;
        if (at_ >= end_) return false;
        if ((found & ~mask) == fixed) {
            length = found & mask;
            ++at_;
            return true;
        }
        if (found != mark && found != mark + 1) return false;
        const unsigned bytes = found == mark ? 2 : 4;
        length = load_big(at_ + 1) >> (64 - 8 * bytes);
        at_ += 1 + bytes;
        return at_ <= end_;
    }
    bool span(u64 bytes) {
        if (at_ > end_ || bytes > left()) return false;
        at_ += bytes;
        return true;
    }

    const u8* at_;
    const u8* end_;
};

// Characters in sound UTF-8; `NONE` where it is not.
u32 count_characters(const u8* data, std::size_t bytes);

}  // namespace coinport
