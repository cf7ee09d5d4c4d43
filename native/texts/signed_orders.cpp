#include "signed_orders.hpp"

namespace coinport {

namespace {

constexpr std::size_t MILLISECONDS_DIGITS_MAX = 15;

bool read_natural(std::string_view text, u64& value) {
    if (text.empty() || text.size() > MILLISECONDS_DIGITS_MAX) return false;
    value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + static_cast<u64>(c - '0');
    }
    return value > 0;
}

int hex(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

bool read_hex(std::string_view text, std::array<u8, 32>& bytes) {
    if (text.size() != 2 * bytes.size()) return false;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const int high = hex(text[2 * at]), low = hex(text[2 * at + 1]);
        if (high < 0 || low < 0) return false;
        bytes[at] = static_cast<u8>(high * 16 + low);
    }
    return true;
}

}  // namespace

bool SignedOrders::read(const RequestText& request, std::string_view path) {
    if (!request.post || request.path != path || !request.query.empty()) return false;
    constexpr std::string_view OURS = "x-coinport-";
    bool is_signed = false;
    key = timestamp = {};
    window_ms = 0;
    body = request.body;
    for (auto [name, value] : request.headers) {
        if (name == "authorization" || name == "x-number-format") return false;
        if (name.substr(0, OURS.size()) != OURS) continue;
        name.remove_prefix(OURS.size());
        if (name == "key") {
            key = value;
        } else if (name == "timestamp") {
            timestamp = value;
            if (!read_natural(value, sent_ms)) return false;
        } else if (name == "window") {
            if (!read_natural(value, window_ms)) return false;
        } else if (name == "signature") {
            if (!(is_signed = read_hex(value, signature))) return false;
        }
    }
    return is_signed && !key.empty() && !timestamp.empty();
}

}  // namespace coinport
