// WebSocket frames as they arrive, where they are whole.
//
// Theory of operation. Most messages are short texts, each in one frame. What came is cut into
// frames, and of those that are nothing out of the ordinary the text is read: final, text, masked,
// no reserved bit, in ASCII. Any other frame is handed on as it came once it is whole, to the
// library that knows all of RFC 6455, and so is whatever can never become a frame within bounds. So
// that library always begins at the beginning of a frame, and what is read here must be what it
// would have read (tests/app/test_frame_texts.py).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../src/wire.hpp"

namespace coinport {

struct FrameText {
    bool usual = false;
    std::string text;  // where it is usual, else the frame as it came
};

// The frames of `data`, whose first byte begins one; what is left is the beginning of another.
// Payloads are at most `most` bytes.
std::string_view read_frames(std::string_view data, u64 most, std::vector<FrameText>& frames);

// `text` in a frame of a server's.
void append_frame(std::string_view text, std::string& out);

}  // namespace coinport
