// A request that submits orders and is signed by HMAC, where it is nothing out of the ordinary.
//
// Theory of operation. Of such a request few headers matter: who signed, when, for how long that
// holds, and the signature. They are read here. Whether the signature is right, and whether it
// may count, is judged elsewhere; what cannot be read here, or has anything that could change whose
// request it is or how its answer looks, is not judged at all: `read` answers false, and the gateway
// reads the same bytes (tests/gateway/test_order_entry.py).
#pragma once

#include <array>

#include "request_text.hpp"
#include "../src/wire.hpp"

namespace coinport {

struct SignedOrders {
    std::string_view key;
    u64 sent_ms = 0;
    u64 window_ms = 0;  // 0: not said
    std::array<u8, 32> signature;
    std::string_view timestamp, body;

    // Views into what `request` was read from.
    bool read(const RequestText& request, std::string_view path);
};

}  // namespace coinport
