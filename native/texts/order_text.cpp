// Reading orders: see order_text.hpp.
#include "order_text.hpp"

#include <algorithm>

#include "order_names.hpp"

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

}  // namespace coinport
