// The wire: MessagePack as msgspec writes it, and as far as it occurs in commands and records.
//
// Theory of operation. Every integer is written in its shortest form. Which form that is depends on
// nothing but the width of the number in bits, so a table indexed by the width replaces the chain
// of comparisons: one store for the mark, one for eight bytes of which only some are kept. A writer
// therefore always keeps `SLACK` bytes free behind what it was asked to hold.
//
// A reader never reads outside its buffer because whoever makes the buffer leaves `SLACK` bytes
// behind its end: a row of numbers may be read first and found to be cut off afterwards. Where it
// is, and whether it still is within its bounds, is asked once a row (`items`). It accepts only
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

#define COINPORT_INLINE inline __attribute__((always_inline))
#define COINPORT_FLAT __attribute__((flatten))  // with all that it calls, but what is rare
#define COINPORT_RARE __attribute__((noinline, cold))  // not to be in the way of the rest

inline constexpr std::size_t SLACK = 144;  // more than any row without its texts
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

// What can be written: integers, texts, and these.
struct Id {  // a number that nearly always takes 64 bits
    u64 value;
};
struct Number {  // one that nearly always takes 32
    u64 value;
};
struct Small {  // one that nearly always takes a byte alone
    u64 value;
};
struct Array {  // the head of one
    u64 length;
};
struct Binary {
    std::string_view bytes;
};

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

    // An array of these fields, each written as its type says.
    template <class... Field>
    void row(Field... field) {
        items(Array{sizeof...(Field)}, field...);
    }
    // The fields alone. The place is kept in a register: as far as C++ knows, a byte that is
    // written may be part of this object.
    template <class... Field>
    COINPORT_INLINE void items(Field... field) {
        reserve((room(field) + ...));
        u8* at = at_;
        ((at = put(at, field)), ...);
        at_ = at;
    }
    void list(u64 length) { items(Array{length}); }
    // Short ones; `SLACK` bytes behind the end of `data` must be readable.
    void raw(const u8* data, std::size_t bytes) {
        reserve(bytes);
        u8* at = at_;
        std::memcpy(at, data, 32);
        for (std::size_t more = 32; more < bytes; more += 32) std::memcpy(at + more, data + more, 32);
        at_ = at + bytes;
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
    COINPORT_RARE void grow(std::size_t bytes);

    static std::size_t room(std::string_view text) { return text.size() + 5; }
    static std::size_t room(Binary data) { return data.bytes.size() + 5; }
    template <class Number>
    static constexpr std::size_t room(Number) { return 9; }

    static u8* put(u8* at, u8 value) {  // below 128
        *at = value;
        return at + 1;
    }
    static u8* put(u8* at, bool value) { return put(at, static_cast<u8>(value ? 0xc3 : 0xc2)); }
    COINPORT_INLINE static u8* put(u8* at, u64 value) {
        const Form form = FORMS.of[64 - std::countl_zero(value | 1)];
        *at = static_cast<u8>(form.mark | (value & form.low));
        store_big(at + 1, value << form.shift);
        return at + 1 + form.bytes;
    }
    COINPORT_INLINE static u8* put(u8* at, u32 value) { return put(at, u64{value}); }
    COINPORT_INLINE static u8* put(u8* at, i64 value) {
        return value >= 0 ? put(at, static_cast<u64>(value)) : put_negative(at, value);
    }
    COINPORT_INLINE static u8* put(u8* at, Id id) {
        if (id.value <= UINT32_MAX) [[unlikely]] return put_other(at, id.value);
        *at = 0xcf;
        store_big(at + 1, id.value);
        return at + 9;
    }
    COINPORT_INLINE static u8* put(u8* at, Number number) {
        if (number.value <= UINT16_MAX || number.value > UINT32_MAX) [[unlikely]]
            return put_other(at, number.value);
        *at = 0xce;
        store_big(at + 1, number.value << 32);
        return at + 5;
    }
    COINPORT_INLINE static u8* put(u8* at, Small number) {
        if (number.value >= 128) [[unlikely]] return put_other(at, number.value);
        *at = static_cast<u8>(number.value);
        return at + 1;
    }
    static u8* put(u8* at, Array array) { return put_head(at, array.length, 0x90, 16, 0xdc); }
    static u8* put(u8* at, std::string_view text) {
        if (text.size() >= 32 && text.size() < 256) at = put_short(at, 0xd9, text.size());
        else at = put_head(at, text.size(), 0xa0, 32, 0xda);
        return put_raw(at, text);
    }
    static u8* put(u8* at, Binary data) {
        if (data.bytes.size() < 256) at = put_short(at, 0xc4, data.bytes.size());
        else at = put_head(at, data.bytes.size(), 0, 0, 0xc5);
        return put_raw(at, data.bytes);
    }
    COINPORT_RARE static u8* put_other(u8* at, u64 value) { return put(at, value); }
    COINPORT_RARE static u8* put_negative(u8* at, i64 value);
    static u8* put_raw(u8* at, std::string_view bytes) {
        if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
        return at + bytes.size();
    }
    static u8* put_short(u8* at, unsigned mark, u64 length) {
        at[0] = static_cast<u8>(mark);
        at[1] = static_cast<u8>(length);
        return at + 2;
    }
    static u8* put_head(u8* at, u64 length, unsigned fixed, u64 below, unsigned mark) {
        if (length < below) return put(at, static_cast<u8>(fixed | length));
        const bool wide = length > UINT16_MAX;
        *at = static_cast<u8>(mark + wide);
        store_big(at + 1, length << (wide ? 32 : 48));
        return at + (wide ? 5 : 3);
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

// What can be read: integers, texts, and these.
struct Clamped {  // any integer; beyond the largest one stands the largest: no rule accepts either
    i64& of;
};
struct Least {  // one that is not below this
    u64& of;
    u64 least;
};
struct ArrayOf {  // the head of one
    u64& length;
};
struct Choice {  // of an enumeration
    u8& of;
    unsigned first, last;
};

class Reader {
public:
    Reader(const u8* data, std::size_t bytes) : at_(data), end_(data + bytes) {}

    const u8* position() const { return at_; }
    bool at_end() const { return at_ == end_; }
    // Goes on there; false where that is nowhere.
    bool go_on(const u8* position) { return (at_ = position); }

    // An array of exactly these fields, each read as its type says. Where something else stands
    // there the answer is false, and nothing can be read any more.
    template <class... Field>
    COINPORT_INLINE bool row(Field&&... field) {
        u64 length;
        return array(length) && length == sizeof...(Field) && items(field...);
    }
    // The fields alone.
    template <class... Field>
    COINPORT_INLINE bool items(Field&&... field) {
        return at_ < end_ && (take(field) && ...) && at_ <= end_;
    }
    template <class Field>
    COINPORT_INLINE bool read(Field&& field) {
        return items(field);
    }
    COINPORT_INLINE bool array(u64& length) { return items(ArrayOf{length}); }

private:
    COINPORT_INLINE bool take(u64& value) {
        const u8 mark = *at_;
        if (mark < 0x80) {
            value = mark;
            ++at_;
            return true;
        }
        if (mark < 0xcc || mark > 0xcf) return false;
        const unsigned bytes = 1u << (mark - 0xcc);
        value = load_big(at_ + 1) >> (64 - 8 * bytes);
        at_ += 1 + bytes;
        return true;
    }
    COINPORT_RARE bool take(i128& value);  // any integer that MessagePack has
    COINPORT_INLINE bool take(i64& value) {  // one that fits
        u64 natural;
        if (take(natural)) [[likely]] {
            value = static_cast<i64>(natural);
            return value >= 0;
        }
        i128 found;
        if (!take(found)) return false;
        value = static_cast<i64>(found);
        return true;
    }
    COINPORT_INLINE bool take(Clamped value) {
        u64 natural;
        if (take(natural)) [[likely]] {
            value.of = natural > INT64_MAX ? INT64_MAX : static_cast<i64>(natural);
            return true;
        }
        return take(value.of);
    }
    COINPORT_INLINE bool take(Least id) {
        return take(id.of) && id.of <= INT64_MAX && id.of >= id.least;
    }
    COINPORT_INLINE bool take(Choice choice) {
        choice.of = *at_++;
        return choice.of >= choice.first && choice.of <= choice.last;
    }
    COINPORT_INLINE bool take(bool& value) {
        if ((*at_ & 0xfe) != 0xc2) return false;
        value = *at_++ & 1;
        return true;
    }
    COINPORT_INLINE bool take(ArrayOf array) {
        const u8 mark = *at_;
        if ((mark & 0xf0) == 0x90) [[likely]] {
            array.length = mark & 0x0f;
            ++at_;
            return true;
        }
        return take_length(array.length, 0xdc);
    }
    COINPORT_INLINE bool take(Text& value) {  // sound UTF-8
        if (*at_ != 0xa0) return take_text(value);
        ++at_;
        value = {};
        return true;
    }
    bool take(Binary& value);
    bool take_text(Text& value);
    // Of an array or a text that is not short: 16 bits behind `mark`, 32 behind the next.
    bool take_length(u64& length, unsigned mark);
    bool span(u64 bytes, const u8*& start);

    const u8* at_;
    const u8* end_;
};

// Characters in sound UTF-8; `NONE` where it is not.
u32 count_characters(const u8* data, std::size_t bytes);

}  // namespace coinport
