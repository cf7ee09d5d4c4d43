#include "request_text.hpp"

#include <algorithm>
#include <array>

namespace coinport {

namespace {

constexpr std::size_t HEADERS_MAX = 64;
constexpr std::size_t LENGTH_DIGITS_MAX = 9;

constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_visible(char c) { return c > ' ' && c < 0x7f; }

// Of a character in a header's name its lower case; 0 where it is not an ordinary one.
constexpr std::array<char, 256> LOWER = [] {
    std::array<char, 256> lower{};
    for (int c = 'a'; c <= 'z'; ++c) lower[static_cast<unsigned char>(c)] = static_cast<char>(c);
    for (int c = 'A'; c <= 'Z'; ++c)
        lower[static_cast<unsigned char>(c)] = static_cast<char>(c - 'A' + 'a');
    for (int c = '0'; c <= '9'; ++c) lower[static_cast<unsigned char>(c)] = static_cast<char>(c);
    lower['-'] = '-';
    return lower;
}();

char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view text, std::string_view in_lower_case) {
    if (text.size() != in_lower_case.size()) return false;
    for (std::size_t at = 0; at < text.size(); ++at)
        if (lower(text[at]) != in_lower_case[at]) return false;
    return true;
}

bool starts(std::string_view& rest, std::string_view wanted) {
    if (rest.substr(0, wanted.size()) != wanted) return false;
    rest.remove_prefix(wanted.size());
    return true;
}

}  // namespace

bool RequestText::read(std::string_view data) {
    headers.clear();
    names.clear();
    names.reserve(data.size());  // so that no view of it moves
    announced_ = 0;
    if (!read_line(data)) return false;
    while (!starts(data, "\r\n")) {
        const auto end = data.find("\r\n");
        if (end == data.npos || headers.size() == HEADERS_MAX) return false;
        if (!read_header(data.substr(0, end))) return false;
        data.remove_prefix(end + 2);
    }
    body = data;
    return body.size() == announced_ && (post || body.empty());
}

bool RequestText::read_line(std::string_view& rest) {
    post = starts(rest, "POST ");
    if (!post && !starts(rest, "GET ")) return false;
    std::size_t end = 0, question = rest.npos;
    for (; end < rest.size() && is_visible(rest[end]) && rest[end] != '#'; ++end)
        if (rest[end] == '?' && question == rest.npos) question = end;
    if (rest.empty() || rest[0] != '/') return false;
    path = rest.substr(0, std::min(question, end));
    query = question == rest.npos ? std::string_view() : rest.substr(question + 1, end - question - 1);
    rest.remove_prefix(end);
    return starts(rest, " HTTP/1.1\r\n");
}

bool RequestText::read_header(std::string_view line) {
    const std::size_t start = names.size();
    std::size_t at = 0;
    for (; at < line.size() && line[at] != ':'; ++at) {
        const char c = LOWER[static_cast<unsigned char>(line[at])];
        if (!c) return false;
        names.push_back(c);
    }
    const std::string_view name(names.data() + start, at);
    if (!at || at == line.size()) return false;
    std::string_view value = line.substr(at + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    if (value.empty() || value.back() == ' ') return false;
    for (const char c : value)
        if (!is_visible(c) && c != ' ') return false;
    for (const auto& [known, _] : headers)
        if (known == name) return false;
    headers.emplace_back(name, value);
    return keeps(name, value);
}

// Whether the header leaves message and connection as they are.
bool RequestText::keeps(std::string_view name, std::string_view value) {
    if (name == "connection") return same(value, "keep-alive");
    if (name == "content-length") {
        if (value.size() > LENGTH_DIGITS_MAX) return false;
        for (const char c : value) {
            if (c < '0' || c > '9') return false;
            announced_ = announced_ * 10 + static_cast<std::size_t>(c - '0');
        }
        return true;
    }
    return name != "transfer-encoding" && name != "upgrade" && name != "expect" &&
           name != "proxy-connection";
}

}  // namespace coinport
