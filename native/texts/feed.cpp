// Following records: see feed.hpp.
#include "feed.hpp"

namespace coinport {

bool read_natural(Reader& in, u64& value) {
    i64 found;
    if (!in.read(found) || found < 0) return false;
    value = static_cast<u64>(found);
    return true;
}

namespace {

constexpr u64 FIELDS_MAX = 13;

struct Event {
    u64 tag = 0;
    u64 length = 0;
    i64 field[FIELDS_MAX];  // after the tag
    bool booked = false;    // of a canceled order
};

// Over one value, whatever it is.
bool skip(Reader& in, unsigned depth = 4) {
    Reader probe = in;
    i128 number;
    bool truth;
    Text text;
    u64 length;
    if (probe.read(number) || (probe = in).read(truth) || (probe = in).read(text)) {
        in = probe;
        return true;
    }
    if (!depth || !in.array(length)) return false;
    for (; length; --length)
        if (!skip(in, depth - 1)) return false;
    return true;
}

bool about_an_order(u64 tag) { return tag <= event::REFUSED; }

// An event; of one that is not about an order only the tag is kept.
bool read(Reader& in, Event& found) {
    if (!in.array(found.length) || !found.length || !read_natural(in, found.tag)) return false;
    if (!about_an_order(found.tag)) {
        for (u64 at = 1; at < found.length; ++at)
            if (!skip(in)) return false;
        return true;
    }
    if (found.length > FIELDS_MAX) return false;
    for (u64 at = 0; at + 1 < found.length; ++at) {
        if (found.tag == event::ORDER_CANCELED && at == 6) {
            if (!in.read(found.booked)) return false;
        } else if (!in.read(found.field[at])) {
            return false;
        }
    }
    return true;
}

struct Head {
    u64 sequence, time, events;
    Command command;
};

bool read(Reader& in, Head& head) {
    u64 fields;
    return in.array(fields) && fields == 4 && read_natural(in, head.sequence) &&
           read_natural(in, head.time) && read_command(in, head.command) && in.array(head.events);
}

bool take(std::map<i64, i64>& levels, i64 price, i64 quantity) {
    const auto level = levels.find(price);
    if (level == levels.end() || level->second < quantity) return false;
    if (level->second == quantity) levels.erase(level);
    else level->second -= quantity;
    return true;
}

}  // namespace

bool Told::add(Reader in, u32 place) {
    Head head;
    if (!read(in, head)) return false;
    ++commands[head.command.tag % 32];
    bool is_special = head.command.tag > command::CANCEL_ALL_ORDERS, traded = false;
    for (u64 number = 0; number < head.events; ++number) {
        Event event;
        if (!read(in, event)) return false;
        if (number == 0 && event.tag == event::REFUSED) ++refusals[event.field[0] & 0xff];
        if (!about_an_order(event.tag)) is_special = true;
        if (event.tag != event::TRADED) continue;
        if (event.length != 13) return false;
        traded = true;
        const i64* field = event.field;
        trades.push_back({field[0], static_cast<i64>(head.time), field[1], field[2], field[3],
                          field[4], field[5]});
    }
    if (traded || is_special) notable.push_back(place);
    if (is_special) special.push_back(place);
    return true;
}

bool LevelBooks::apply(Reader in) {
    Head head;
    if (!read(in, head)) return false;
    for (u64 number = 0; number < head.events; ++number) {
        Event event;
        if (!read(in, event)) return false;
        const i64* field = event.field;
        const bool booked = event.tag == event::ORDER_BOOKED && event.length == 6;
        const bool traded = event.tag == event::TRADED && event.length == 13;
        const bool canceled =
            event.tag == event::ORDER_CANCELED && event.length == 11 && event.booked;
        if (!booked && !traded && !canceled) continue;
        Book& book = books_[booked ? field[1] : traded ? field[1] : field[2]];
        if (book.changed_by != head.sequence) {
            book.changed_by = head.sequence;
            book.time = head.time;
            ++book.sequence;
        }
        if (booked) {
            book.levels[field[2] == SELL][field[3]] += field[4];
        } else if (traded) {  // at the maker's side
            if (!take(book.levels[field[2] == BUY], field[3], field[4])) return false;
        } else if (!take(book.levels[field[3] == SELL], field[4], field[5])) {
            return false;
        }
    }
    return true;
}

}  // namespace coinport
