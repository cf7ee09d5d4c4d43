// An HTTP request as it arrives, where it is whole and nothing out of the ordinary.
//
// Theory of operation. Most requests come in one piece, and are short. Such a piece is read here in
// one pass; a parser that may be interrupted anywhere calls back for every line of it. Ordinary
// means: GET or POST of a path, HTTP/1.1, each header once and in visible ASCII, a body as long as
// announced, nothing behind it, and nothing said about the connection but that it stays. Whatever
// else stands there is not judged here: `read` answers false, and the server's own parser takes the
// same bytes. So what is read here must be exactly what that parser would have read
// (tests/app/test_request_texts.py).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coinport {

struct RequestText {
    bool post = false;
    std::string_view path, query, body;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string names;  // of the headers, in lower case, one behind the other

    // Views into `data`, and into `names`.
    bool read(std::string_view data);

private:
    bool read_line(std::string_view& rest);
    bool read_header(std::string_view line);
    bool keeps(std::string_view name, std::string_view value);

    std::size_t announced_ = 0;
};

}  // namespace coinport
