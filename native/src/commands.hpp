// Commands as the engine reads them.
//
// Theory of operation. All commands of a batch are read before the first is decided, because bytes
// that are no command must be refused before anything has happened. The three kinds that make up
// nearly all of a busy day are taken apart at once, into a form of fixed size that the engine can
// look ahead in. Of the others it is only checked here that they can be taken apart; that is done,
// by a table of their fields, when their turn comes.
#pragma once

#include "rules.hpp"

namespace coinport {

// An order as it was placed. Numbers too large for their field stand there as the largest that fit
// one, which the rules refuse for the same reason.
struct Terms {
    i64 account = 0, market = 0, price = 0, quantity = 0, value = 0, stop_price = 0;
    u8 side = 0, type = 0, time_in_force = GTC, self_trade_prevention = STP_NONE;
    bool post_only = false;
    Text client_order_id;

    void write(Writer& out) const;  // as msgspec encodes it
};

struct Command {
    const u8* raw = nullptr;  // as it came: it goes into the record like this
    const u8* body = nullptr;  // the same in a form that can be read here
    u32 raw_bytes = 0;
    u32 body_bytes = 0;
    u8 tag = 0;
    Terms terms;  // of `PlaceOrder`; of the cancels `account`, and `market` or (as `value`) the order
};

// The fields of any other command, numbers and texts each in their order.
struct Fields {
    i128 number[9];
    Text text[4];
};

// False where this cannot be read here, whatever it is.
bool read_command(const u8* data, std::size_t bytes, Command& command);
// One that something else may follow: where it ends, nullptr where it is none.
const u8* end_of_command(Reader in, Command& command);
inline bool read_command(Reader& in, Command& command) {
    return in.go_on(end_of_command(in, command));
}
bool read_fields(const Command& command, Fields& fields);

}  // namespace coinport
