// What stands for what in the text of an order, whichever way it goes.
#pragma once

#include <array>
#include <string_view>

namespace coinport {

inline constexpr std::array<std::string_view, 3> SIDES{"", "buy", "sell"};
inline constexpr std::array<std::string_view, 3> TYPES{"", "limit", "market"};
inline constexpr std::array<std::string_view, 4> TIMES{"", "gtc", "ioc", "fok"};
inline constexpr std::array<std::string_view, 4> PREVENTIONS{
    "none", "expire_taker", "expire_maker", "expire_both"};

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool in_client_order_id(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == ':' || c == '/' || c == '-';
}

}  // namespace coinport
