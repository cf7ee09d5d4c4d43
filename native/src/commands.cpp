// Reading commands: see commands.hpp.
#include "commands.hpp"

namespace coinport {
namespace {

// i: an integer, b: yes or no, s: a text, k: a kind of currency, m: a state of a market.
constexpr const char* COMMAND_FIELDS[] = {
    nullptr, nullptr,      nullptr, nullptr, "",      "iss",         "iss",  "iiisss",  "iiisss",
    "sikss", "iiiiiiiimss", "imss", "iiiss", "iiss",  "iiissss",     "iss",  "iss",     "iss",
    "iss",   "iss",        "iiss",  "iiiiss", "ii",   "iss",         "ibss", "iss",     "isss",
};
constexpr u8 COMMAND_LAST = sizeof COMMAND_FIELDS / sizeof COMMAND_FIELDS[0] - 1;
static_assert(COMMAND_LAST == command::SETTLE_WITHDRAWAL);

// Fields that are left out at the end have these values.
COINPORT_INLINE bool read_terms(Reader& in, u64 fields, Terms& t) {
    if (fields < 7 || fields > 13) return false;
    if (!in.items(Clamped{t.account}, Clamped{t.market}, Choice{t.side, BUY, SELL},
                  Choice{t.type, LIMIT, MARKET}, Clamped{t.price}, Clamped{t.quantity}))
        return false;
    t.value = t.stop_price = 0;
    t.time_in_force = GTC;
    t.self_trade_prevention = STP_NONE;
    t.post_only = false;
    t.client_order_id = {};
    return fields == 7 ||
           (in.items(Clamped{t.value}) &&
            (fields <= 8 || in.items(Choice{t.time_in_force, GTC, FOK})) &&
            (fields <= 9 || in.items(t.post_only)) &&
            (fields <= 10 || in.items(Clamped{t.stop_price})) &&
            (fields <= 11 || in.items(Choice{t.self_trade_prevention, STP_NONE, EXPIRE_BOTH})) &&
            (fields <= 12 || in.items(t.client_order_id)));
}

// Where they end; nullptr where they are not these.
COINPORT_RARE const u8* read_by_table(Reader in, const char* kinds, Fields& fields) {
    i128* number = fields.number;
    Text* text = fields.text;
    for (; *kinds; ++kinds) {
        u8 choice;
        bool yes;
        if (*kinds == 's') {
            if (!in.items(*text++)) return nullptr;
        } else if (*kinds == 'i') {
            if (!in.items(*number++)) return nullptr;
        } else if (*kinds == 'b') {
            if (!in.items(yes)) return nullptr;
            *number++ = yes;
        } else {
            if (!in.items(Choice{choice, 1, 3})) return nullptr;
            *number++ = choice;
        }
    }
    return in.position();
}

}  // namespace

void Terms::write(Writer& out) const {
    out.row(u8{command::PLACE_ORDER}, account, market, side, type, price, quantity, value,
            time_in_force, post_only, stop_price, self_trade_prevention, client_order_id.view());
}

const u8* end_of_command(Reader in, Command& command) {
    u64 fields;
    command.tag = 0;
    command.raw = command.body = in.position();
    if (!in.items(ArrayOf{fields}, Choice{command.tag, 1, COMMAND_LAST})) return nullptr;
    Terms& terms = command.terms;
    switch (command.tag) {
        case command::PLACE_ORDER:
            if (!read_terms(in, fields, terms)) return nullptr;
            break;
        case command::CANCEL_ORDER:
            if (fields != 3 || !in.items(Clamped{terms.account}, Clamped{terms.value})) return nullptr;
            break;
        case command::CANCEL_ALL_ORDERS:
            if (fields != 3 || !in.items(Clamped{terms.account}, Clamped{terms.market})) return nullptr;
            break;
        default: {
            const char* kinds = COMMAND_FIELDS[command.tag];
            Fields unused;
            if (fields != std::strlen(kinds) + 1 || !in.go_on(read_by_table(in, kinds, unused)))
                return nullptr;
        }
    }
    command.raw_bytes = command.body_bytes = static_cast<u32>(in.position() - command.raw);
    return in.position();
}

bool read_command(const u8* data, std::size_t bytes, Command& command) {
    return bytes <= UINT32_MAX && end_of_command(Reader(data, bytes), command) == data + bytes;
}

bool read_fields(const Command& command, Fields& fields) {
    Reader in(command.body, command.body_bytes);
    u64 length;
    u8 tag;
    return in.items(ArrayOf{length}, Choice{tag, 1, COMMAND_LAST}) && COMMAND_FIELDS[tag] &&
           read_by_table(in, COMMAND_FIELDS[tag], fields) != nullptr;
}

}  // namespace coinport
