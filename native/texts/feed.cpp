// Following records: see feed.hpp.
#include "feed.hpp"

#include <algorithm>

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

bool change(std::map<i64, i64>& levels, i64 price, i64 lots) {
    if (lots > 0) {
        levels[price] += lots;
        return true;
    }
    const auto level = levels.find(price);
    if (level == levels.end() || level->second < -lots) return false;
    if (level->second == -lots) levels.erase(level);
    else level->second += lots;
    return true;
}

}  // namespace

bool Told::add(Reader in, u32 place) {
    Head head;
    if (!read(in, head)) return false;
    last = head.sequence;
    time = head.time;
    ++commands[head.command.tag % 32];
    bool is_special = head.command.tag > command::CANCEL_ALL_ORDERS, has_traded = false;
    const auto changed = [&](i64 market, i64 side, i64 price, i64 lots) {
        changes.push_back(
            {market, head.sequence, head.time, static_cast<u8>(side), price, lots});
    };
    for (u64 number = 0; number < head.events; ++number) {
        Event event;
        if (!read(in, event)) return false;
        const i64* field = event.field;
        if (number == 0 && event.tag == event::REFUSED) ++refusals[field[0] & 0xff];
        if (!about_an_order(event.tag)) is_special = true;
        if (event.tag == event::ORDER_BOOKED) {
            if (event.length != 6 || field[4] <= 0) return false;
            changed(field[1], field[2], field[3], field[4]);
        } else if (event.tag == event::ORDER_CANCELED && event.booked) {
            if (event.length != 11 || field[5] <= 0) return false;
            changed(field[2], field[3], field[4], -field[5]);
        } else if (event.tag == event::TRADED) {
            if (event.length != 13 || field[4] <= 0) return false;
            has_traded = true;
            traded({field[0], static_cast<i64>(head.time), field[1], field[2], field[3], field[4],
                    field[5]});
            changed(field[1], field[2] == BUY ? SELL : BUY, field[3], -field[4]);  // the maker's
        }
    }
    if (has_traded || is_special) notable.push_back(place);
    if (is_special) special.push_back(place);
    return true;
}

void Told::traded(const PublicTrade& trade) {
    trades.push_back(trade);
    const auto& [id, time, market, side, price, lots, order] = trade;
    Run* run = runs.empty() ? nullptr : &runs.back();
    i64 volume = 0;
    if (!run || run->market != market || run->time != time ||
        __builtin_add_overflow(run->volume, lots, &volume)) {
        runs.push_back({market, time, price, price, price, lots});
        return;
    }
    *run = {market, time, price, std::max(run->high, price), std::min(run->low, price), volume};
}

bool LevelBooks::apply(const std::vector<LevelChange>& changes) {
    for (const LevelChange& each : changes) {
        Book& book = books_[each.market];
        if (book.changed_by != each.sequence) {
            book.changed_by = each.sequence;
            book.time = each.time;
            ++book.sequence;
        }
        if (!change(book.levels[each.side == SELL], each.price, each.lots)) return false;
    }
    return true;
}

}  // namespace coinport
