// Reading commands: see commands.hpp.
#include "commands.hpp"

namespace coinport {
namespace {

// i: an integer, s: a text, k: a kind of currency, m: a state of a market.
constexpr const char* COMMAND_FIELDS[] = {
    nullptr, nullptr,      nullptr, nullptr, "",      "iss",         "iss",  "iiisss",  "iiisss",
    "sikss", "iiiiiiiimss", "imss", "iiiss", "iiss",  "iiissss",     "iss",  "iss",     "iss",
    "iss",   "iss",        "iiss",  "iiiiss", "ii",   "iss",         "iss",  "iss",     "isss",
};
constexpr u8 COMMAND_LAST = sizeof COMMAND_FIELDS / sizeof COMMAND_FIELDS[0] - 1;
static_assert(COMMAND_LAST == command::SETTLE_WITHDRAWAL);

COINPORT_INLINE bool read_terms(Reader& in, u64 fields, Terms& t) {
    if (fields < 7 || fields > 13) return false;
    if (fields < 13) t = {};
    return in.items(Clamped{t.account}, Clamped{t.market}, Choice{t.side, BUY, SELL},
                    Choice{t.type, LIMIT, MARKET}, Clamped{t.price}, Clamped{t.quantity}) &&
           (fields <= 7 || in.read(Clamped{t.value})) &&
           (fields <= 8 || in.read(Choice{t.time_in_force, GTC, FOK})) &&
           (fields <= 9 || in.read(t.post_only)) &&
           (fields <= 10 || in.read(Clamped{t.stop_price})) &&
           (fields <= 11 || in.read(Choice{t.self_trade_prevention, STP_NONE, EXPIRE_BOTH})) &&
           (fields <= 12 || in.read(t.client_order_id));
}

bool read_by_table(Reader& in, const char* kinds, Fields& fields) {
    unsigned numbers = 0, texts = 0;
    for (; *kinds; ++kinds) {
        if (*kinds == 's') {
            if (!in.read(fields.text[texts++])) return false;
        } else if (*kinds == 'i') {
            if (!in.read(fields.number[numbers++])) return false;
        } else {
            u8 choice;
            if (!in.read(Choice{choice, 1, 3})) return false;
            fields.number[numbers++] = choice;
        }
    }
    return true;
}

}  // namespace

void Terms::write(Writer& out) const {
    out.row(u8{command::PLACE_ORDER}, account, market, side, type, price, quantity, value,
            time_in_force, post_only, stop_price, self_trade_prevention, client_order_id.view());
}

bool read_command(Reader& reader, Command& command) {
    Reader in = reader;  // in registers
    u64 fields;
    command.tag = 0;
    command.raw = command.body = in.position();
    if (!in.array(fields) || !in.read(Choice{command.tag, 1, COMMAND_LAST})) return false;
    Terms& terms = command.terms;
    switch (command.tag) {
        case command::PLACE_ORDER:
            if (!read_terms(in, fields, terms)) return false;
            break;
        case command::CANCEL_ORDER:
            if (fields != 3 || !in.items(Clamped{terms.account}, Clamped{terms.value})) return false;
            break;
        case command::CANCEL_ALL_ORDERS:
            if (fields != 3 || !in.items(Clamped{terms.account}, Clamped{terms.market})) return false;
            break;
        default: {
            const char* kinds = COMMAND_FIELDS[command.tag];
            Fields unused;
            if (fields != std::strlen(kinds) + 1 || !read_by_table(in, kinds, unused)) return false;
        }
    }
    command.raw_bytes = command.body_bytes = static_cast<u32>(in.position() - command.raw);
    reader = in;
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
    return in.array(length) && in.read(Choice{tag, 1, COMMAND_LAST}) && COMMAND_FIELDS[tag] &&
           read_by_table(in, COMMAND_FIELDS[tag], fields);
}

}  // namespace coinport
