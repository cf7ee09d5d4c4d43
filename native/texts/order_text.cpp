#include "order_text.hpp"

#include "feed.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace coinport {

namespace {

constexpr std::size_t ITEMS_MAX = 10;
constexpr std::size_t MARKET_NAME_MAX = 32;
constexpr std::size_t ID_LENGTH_MAX = 64;
constexpr std::ptrdiff_t ID_DIGITS_MAX = 15;
constexpr unsigned DIGITS_MAX = 18;  // so that no sum of digits overflows; more is not ordinary
constexpr std::array<i64, 19> POWERS = [] {
    std::array<i64, 19> powers{1};
    for (std::size_t at = 1; at < powers.size(); ++at) powers[at] = powers[at - 1] * 10;
    return powers;
}();

// A decimal as it stands: `count` of 10**-decimals.
struct Figure {
    i64 count = 0;
    unsigned decimals = 0;
    bool given = false;

    // As a count of 10**-`wanted`; 0 where it is none, or none that may be.
    i64 units(unsigned wanted) const {
        if (decimals > wanted) {
            const i64 power = POWERS[decimals - wanted];
            return count % power ? 0 : count / power;
        }
        if (wanted - decimals >= POWERS.size()) return 0;
        const i128 units = static_cast<i128>(count) * POWERS[wanted - decimals];
        return units <= AMOUNT_MAX ? static_cast<i64>(units) : 0;
    }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool in_client_order_id(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == ':' || c == '/' || c == '-';
}

void append(std::string& json, i64 number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    json.append(digits, end);
}

// As model/decimals.py writes it: no exponent, no needless zero.
void append_decimal(std::string& json, i64 units, unsigned decimals) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, units).ptr;
    const std::size_t length = static_cast<std::size_t>(end - digits);
    if (!decimals) {
        json.append(digits, end);
        return;
    }
    if (length > decimals) json.append(digits, end - decimals);
    else json.push_back('0');
    const char* fraction = length > decimals ? end - decimals : digits;
    while (end > fraction && end[-1] == '0') --end;
    if (end == fraction) return;
    json.push_back('.');
    if (length < decimals) json.append(decimals - length, '0');
    json.append(fraction, static_cast<const char*>(end));
}

template <std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, u8 number) {
    return number < N ? names[number] : std::string_view();
}

constexpr std::array<std::string_view, 3> SIDES{"", "buy", "sell"};
constexpr std::array<std::string_view, 3> TYPES{"", "limit", "market"};
constexpr std::array<std::string_view, 4> TIMES{"", "gtc", "ioc", "fok"};
constexpr std::array<std::string_view, 4> PREVENTIONS{"none", "expire_taker", "expire_maker",
                                                      "expire_both"};

template <std::size_t N>
u8 number_of(const std::array<std::string_view, N>& names, std::string_view name) {
    for (u8 number = 1; number < N; ++number)
        if (names[number] == name) return number;
    return 0;
}

}  // namespace

// Text that is being read. Every function answers false where something else stands there.
struct OrderTexts::Cursor {
    const char* at;
    const char* end;

    void space() {
        while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
    }
    bool is(char wanted) {
        space();
        if (at >= end || *at != wanted) return false;
        ++at;
        return true;
    }
    bool word(std::string_view wanted) {
        if (static_cast<std::size_t>(end - at) < wanted.size() ||
            std::string_view(at, wanted.size()) != wanted)
            return false;
        at += wanted.size();
        return true;
    }
    bool string(std::string_view& text) {
        if (!is('"')) return false;
        const char* start = at;
        for (; at < end && *at != '"'; ++at) {
            const u8 byte = static_cast<u8>(*at);
            if (byte < 0x20 || byte >= 0x80 || byte == '\\') return false;
        }
        if (at >= end) return false;
        text = {start, static_cast<std::size_t>(at++ - start)};
        return true;
    }
    bool figure(Figure& figure) {
        if (figure.given) return false;
        figure.given = true;
        space();
        const bool quoted = at < end && *at == '"';
        if (quoted) ++at;
        unsigned digits = 0;
        const char* first = at;
        for (; at < end && is_digit(*at); ++at, ++digits) add(figure, *at, digits);
        if (!digits || (digits > 1 && *first == '0')) return false;
        if (at < end && *at == '.') {
            const char* point = at++;
            for (; at < end && is_digit(*at); ++at, ++digits, ++figure.decimals)
                add(figure, *at, digits);
            if (at == point + 1) return false;
        }
        if (digits > DIGITS_MAX) return false;
        if (quoted && (at >= end || *at++ != '"')) return false;
        return true;
    }
    // Of a request: a whole number, or a string, as it stands there.
    bool id(std::string_view& id) {
        space();
        const char* start = at;
        if (at < end && *at == '"') {
            if (!string(id) || id.size() > ID_LENGTH_MAX) return false;
        } else {
            while (at < end && is_digit(*at)) ++at;
            const auto digits = at - start;
            if (!digits || digits > ID_DIGITS_MAX || (digits > 1 && *start == '0')) return false;
        }
        id = {start, static_cast<std::size_t>(at - start)};
        return true;
    }
    bool boolean(bool& value) {
        space();
        value = at < end && *at == 't';
        return word(value ? "true" : "false");
    }

private:
    static void add(Figure& figure, char digit, unsigned digits) {
        if (digits < DIGITS_MAX) figure.count = figure.count * 10 + (digit - '0');
    }
};

struct OrderTexts::Item {
    const MarketText* market = nullptr;
    Figure price, amount;
    Terms terms;
    bool sided = false, typed = false, timed = false, posted = false, named = false;
};

void OrderTexts::put_market(MarketText market) {
    const auto same = [&](const MarketText& each) { return each.market == market.market; };
    std::erase_if(markets_, same);
    markets_.push_back(std::move(market));
}

void OrderTexts::put_name(std::string name, i64 market) {
    std::erase_if(names_, [&](const auto& each) { return each.first == name; });
    names_.emplace_back(std::move(name), market);
}

void OrderTexts::put_reason(unsigned number, std::string name) {
    if (reasons_.size() <= number) reasons_.resize(number + 1);
    reasons_[number] = std::move(name);
}

const MarketText* OrderTexts::named(std::string_view name) const {
    if (name.size() > MARKET_NAME_MAX) return nullptr;
    char capitals[MARKET_NAME_MAX];
    std::transform(name.begin(), name.end(), capitals,
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const std::string_view wanted(capitals, name.size());
    for (const auto& [known, id] : names_)
        if (known == wanted) return market(id);
    return nullptr;
}

const MarketText* OrderTexts::market(i64 id) const {
    for (const auto& each : markets_)
        if (each.market == id) return &each;
    return nullptr;
}

bool OrderTexts::read(std::string_view body, i64 account, u8 prevention, Writer& commands,
                      std::vector<std::size_t>& ends) const {
    Cursor in{body.data(), body.data() + body.size()};
    std::string_view key;
    return in.is('{') && in.string(key) && key == "orders" && in.is(':') &&
           read_orders(in, account, prevention, commands, ends);
}

bool OrderTexts::read_asked(std::string_view text, i64 account, u8 prevention, Writer& commands,
                            std::vector<std::size_t>& ends, std::string_view& id) const {
    Cursor in{text.data(), text.data() + text.size()};
    std::string_view key, op;
    if (!in.is('{')) return false;
    do {
        if (!in.string(key) || !in.is(':')) return false;
        if (key == "orders") return !op.empty() && read_orders(in, account, prevention, commands, ends);
        if (key == "id" && id.empty()) {
            if (!in.id(id)) return false;
        } else if (key != "op" || !op.empty() || !in.string(op) || op != "submit_orders") {
            return false;
        }
    } while (in.is(','));
    return false;
}

bool OrderTexts::read_orders(Cursor& in, i64 account, u8 prevention, Writer& commands,
                             std::vector<std::size_t>& ends) const {
    if (!in.is('[')) return false;
    do {
        if (ends.size() == ITEMS_MAX || !read_item(in, account, prevention, commands)) return false;
        ends.push_back(commands.size());
    } while (in.is(','));
    if (!in.is(']') || !in.is('}')) return false;
    in.space();
    return in.at == in.end;
}

bool OrderTexts::read_item(Cursor& in, i64 account, u8 prevention, Writer& commands) const {
    Item item;
    if (!in.is('{')) return false;
    do {
        if (!read_member(in, item)) return false;
    } while (in.is(','));
    if (!in.is('}') || !item.market || !item.sided || !item.price.given || !item.amount.given)
        return false;
    Terms& terms = item.terms;
    terms.account = account;
    terms.market = item.market->market;
    terms.type = LIMIT;
    terms.self_trade_prevention = prevention;
    terms.price = item.price.units(item.market->price_decimals);
    terms.quantity = item.amount.units(item.market->amount_decimals);
    if (!terms.price || !terms.quantity) return false;
    terms.write(commands);
    return true;
}

bool OrderTexts::read_member(Cursor& in, Item& item) const {
    std::string_view key, text;
    if (!in.string(key) || !in.is(':')) return false;
    if (key == "price") return in.figure(item.price);
    if (key == "amount") return in.figure(item.amount);
    if (key == "post_only") {
        if (item.posted) return false;
        item.posted = true;
        return in.boolean(item.terms.post_only);
    }
    if (!in.string(text)) return false;
    if (key == "market") {
        if (item.market) return false;
        item.market = named(text);
        return item.market != nullptr;
    }
    if (key == "type" || key == "operation") {
        if (item.sided) return false;
        item.sided = true;
        return (item.terms.side = number_of(SIDES, text)) != 0;
    }
    if (key == "time_in_force") {
        if (item.timed) return false;
        item.timed = true;
        return (item.terms.time_in_force = number_of(TIMES, text)) != 0;
    }
    if (key == "order_type") {
        if (item.typed) return false;
        item.typed = true;
        return text == "limit";
    }
    if (key == "client_order_id") {
        if (item.named || text.empty() || text.size() > CLIENT_ORDER_ID_LENGTH_MAX) return false;
        item.named = true;
        const u32 length = static_cast<u32>(text.size());
        item.terms.client_order_id = {reinterpret_cast<const u8*>(text.data()), length, length};
        return std::all_of(text.begin(), text.end(), in_client_order_id);
    }
    return false;
}

// An order right after its record.
struct OrderTexts::Shown {
    const MarketText* market = nullptr;
    Terms terms;
    i64 id = 0, time = 0, quantity = 0, executed = 0, value = 0, fee = 0;
    u8 reason = 0;
};

bool OrderTexts::write(Reader in, std::string& json) const {
    Shown order;
    Command command;
    u64 fields, sequence, time;
    if (!in.array(fields) || fields != 4 || !read_natural(in, sequence) || !read_natural(in, time) ||
        !read_command(in, command) || command.tag != command::PLACE_ORDER)
        return false;
    order.terms = command.terms;
    order.time = static_cast<i64>(time);
    order.market = market(order.terms.market);
    if (!order.market || !fold(in, order)) return false;
    const auto name = order.terms.client_order_id.view();
    if (!std::all_of(name.begin(), name.end(), in_client_order_id)) return false;
    show(order, json);
    return true;
}

bool OrderTexts::fold(Reader& in, Shown& order) const {
    u64 events;
    if (!in.array(events) || !events) return false;
    for (u64 number = 0; number < events; ++number) {
        u64 length, tag, field[12];
        bool booked;
        if (!in.array(length) || length > 13 || !length || !read_natural(in, tag)) return false;
        if ((tag == event::ORDER_PLACED) != (number == 0)) return false;
        for (u64 at = 0; at + 1 < length; ++at) {
            const bool truth = tag == event::ORDER_CANCELED && at == 6;
            if (!(truth ? in.read(booked) : read_natural(in, field[at]))) return false;
        }
        const auto whole = [&](u64 at) { return static_cast<i64>(field[at]); };
        if (tag == event::ORDER_PLACED && length == 6) {
            order.id = whole(0);
            order.quantity = whole(4);
        } else if (tag == event::TRADED && length == 13) {
            const bool takes = whole(5) == order.id, makes = whole(8) == order.id;
            if (takes == makes) {
                if (takes) return false;
                continue;
            }
            const i128 value = static_cast<i128>(whole(3)) * whole(4) * order.market->scale;
            order.executed += whole(4);
            order.value += static_cast<i64>(value);
            order.fee += whole(takes ? 7 : 10);
        } else if (tag == event::ORDER_CANCELED && length == 11) {
            if (whole(0) == order.id) order.reason = static_cast<u8>(field[9]);
        } else if (!(tag == event::ORDER_BOOKED && length == 6) && !(tag == event::STOP_TRIGGERED && length == 2)) {
            return false;
        }
    }
    return order.reason == 0 || order.reason < reasons_.size();
}

void OrderTexts::show(const Shown& order, std::string& json) const {
    const MarketText& market = *order.market;
    const Terms& terms = order.terms;
    const bool buys = terms.side == BUY;
    const int status = order.executed == order.quantity ? 1
                       : order.reason                   ? 3
                       : order.executed                 ? 2
                                                        : 0;
    const auto decimal = [&](std::string_view key, i64 units, unsigned decimals) {
        json.append(",\"").append(key).append("\":");
        append_decimal(json, units, decimals);
    };
    const auto integer = [&](std::string_view key, i64 number) {
        json.append(",\"").append(key).append("\":");
        append(json, number);
    };
    const auto text = [&](std::string_view key, std::string_view value) {
        json.append(",\"").append(key).append("\":\"").append(value).push_back('"');
    };
    json.append("{\"order_id\":");
    append(json, order.id);
    json.append(",\"order\":{\"order_id\":\"");
    append(json, order.id);
    json.push_back('"');
    text("type", name_of(SIDES, terms.side));
    integer("status", status);
    text("market", market.symbol);
    decimal("price", terms.price, market.price_decimals);
    decimal("amount", order.quantity, market.amount_decimals);
    decimal("value", order.executed, market.amount_decimals);
    integer("created", order.time / 1000);
    integer("last_updated", order.time / 1000);
    integer("created_ms", order.time);
    integer("last_updated_ms", order.time);
    decimal("executed_value", order.value, market.quote_decimals);
    decimal("fee", order.fee, buys ? market.base_decimals : market.quote_decimals);
    text("fee_currency", buys ? market.base : market.quote);
    text("client_order_id", terms.client_order_id.view());
    text("order_type", name_of(TYPES, terms.type));
    text("time_in_force", name_of(TIMES, terms.time_in_force));
    json.append(terms.post_only ? ",\"post_only\":true" : ",\"post_only\":false");
    decimal("stop_price", terms.stop_price, market.price_decimals);
    text("self_trade_prevention", name_of(PREVENTIONS, terms.self_trade_prevention));
    text("reason", order.reason ? std::string_view(reasons_[order.reason]) : std::string_view());
    json.append("}}");
}

}  // namespace coinport
