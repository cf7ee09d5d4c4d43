// Showing orders: see order_text.hpp.
#include <algorithm>
#include <charconv>

#include "feed.hpp"
#include "order_names.hpp"
#include "order_text.hpp"

namespace coinport {

namespace {

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

}  // namespace

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
