// Reading commands: see commands.hpp.
#include "commands.hpp"

namespace coinport {
namespace {

// i: an integer, s: a text, k: a kind of currency, m: a state of a market.
constexpr const char* FIELDS[] = {
    nullptr, nullptr,      nullptr, nullptr, "",      "iss",         "iss",  "iiisss",  "iiisss",
    "sikss", "iiiiiiiimss", "imss", "iiiss", "iiss",  "iiissss",     "iss",  "iss",     "iss",
    "iss",   "iss",        "iiss",  "iiiiss", "ii",   "iss",         "iss",  "iss",     "isss",
};
constexpr u8 TAG_LAST = sizeof FIELDS / sizeof FIELDS[0] - 1;
static_assert(TAG_LAST == command::SETTLE_WITHDRAWAL);

bool read_terms(Reader& in, u64 fields, Terms& terms) {
    if (fields < 7 || fields > 13) return false;
    if (!in.integer(terms.account) || !in.integer(terms.market)) return false;
    if (!in.choice(terms.side, BUY, SELL) || !in.choice(terms.type, LIMIT, MARKET)) return false;
    if (!in.integer(terms.price) || !in.integer(terms.quantity)) return false;
    if (fields > 7 && !in.integer(terms.value)) return false;
    if (fields > 8 && !in.choice(terms.time_in_force, GTC, FOK)) return false;
    if (fields > 9 && !in.boolean(terms.post_only)) return false;
    if (fields > 10 && !in.integer(terms.stop_price)) return false;
    if (fields > 11 && !in.choice(terms.self_trade_prevention, STP_NONE, EXPIRE_BOTH)) return false;
    return fields <= 12 || in.text(terms.client_order_id);
}

bool read_by_table(Reader& in, const char* kinds, Fields& fields) {
    unsigned numbers = 0, texts = 0;
    for (; *kinds; ++kinds) {
        if (*kinds == 's') {
            if (!in.text(fields.text[texts++])) return false;
        } else if (*kinds == 'i') {
            if (!in.wide(fields.number[numbers++])) return false;
        } else {
            u8 choice;
            if (!in.choice(choice, 1, 3)) return false;
            fields.number[numbers++] = choice;
        }
    }
    return true;
}

}  // namespace

void Terms::write(Writer& out) const {
    out.reserve(128);
    out.array(13);
    out.byte(command::PLACE_ORDER);
    out.integer(account);
    out.integer(market);
    out.byte(side);
    out.byte(type);
    out.integer(price);
    out.integer(quantity);
    out.integer(value);
    out.byte(time_in_force);
    out.boolean(post_only);
    out.integer(stop_price);
    out.byte(self_trade_prevention);
    out.text(client_order_id.view());
}

bool read_command(Reader& in, Command& command) {
    u64 fields;
    command = {};
    command.raw = command.body = in.position();
    if (!in.array(fields) || !in.choice(command.tag, 1, TAG_LAST)) return false;
    Terms& terms = command.terms;
    switch (command.tag) {
        case command::PLACE_ORDER:
            if (!read_terms(in, fields, terms)) return false;
            break;
        case command::CANCEL_ORDER:
            if (fields != 3 || !in.integer(terms.account) || !in.integer(terms.value)) return false;
            break;
        case command::CANCEL_ALL_ORDERS:
            if (fields != 3 || !in.integer(terms.account) || !in.integer(terms.market)) return false;
            break;
        default: {
            const char* kinds = FIELDS[command.tag];
            Fields unused;
            if (fields != std::strlen(kinds) + 1 || !read_by_table(in, kinds, unused)) return false;
        }
    }
    command.raw_bytes = command.body_bytes = static_cast<u32>(in.position() - command.raw);
    return true;
}

bool read_command(const u8* data, std::size_t bytes, Command& command) {
    Reader in(data, bytes);
    return bytes <= UINT32_MAX && read_command(in, command) && in.at_end();
}

bool read_fields(const Command& command, Fields& fields) {
    Reader in(command.body, command.body_bytes);
    u64 length;
    u8 tag;
    return in.array(length) && in.choice(tag, 1, TAG_LAST) && FIELDS[tag] &&
           read_by_table(in, FIELDS[tag], fields);
}

}  // namespace coinport
