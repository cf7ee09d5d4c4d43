#include "frame_text.hpp"

namespace coinport {

namespace {

constexpr u8 FINAL_TEXT = 0x81, MASKED = 0x80;
constexpr std::size_t MASK = 4;

}  // namespace

std::string_view read_frames(std::string_view data, u64 most, std::vector<FrameText>& frames) {
    while (data.size() >= 2) {
        const auto byte = [&](std::size_t at) { return static_cast<u8>(data[at]); };
        const u8 announced = byte(1) & 0x7f, kind = byte(0) & 0x0f;
        const bool sound = byte(1) & MASKED && (kind & 0x07) <= 2;  // 0 to 2, and 8 to 10
        if (!sound) {
            frames.push_back({false, std::string(data)});
            return {};
        }
        std::size_t begin = 2 + (announced == 126 ? 2 : announced == 127 ? 8 : 0);
        if (data.size() < begin) break;
        u64 size = announced;
        if (announced >= 126) {
            size = 0;
            for (std::size_t at = 2; at < begin; ++at) size = size << 8 | byte(at);
        }
        if (size > most) {
            frames.push_back({false, std::string(data)});
            return {};
        }
        begin += MASK;
        if (data.size() < begin + size) break;
        FrameText& frame = frames.emplace_back();
        if (byte(0) == FINAL_TEXT) {
            frame.usual = true;
            frame.text.assign(data.substr(begin, size));
            u8 all = 0;
            for (std::size_t at = 0; at < size; ++at) {
                const u8 plain = static_cast<u8>(byte(begin + at) ^ byte(begin - MASK + at % MASK));
                frame.text[at] = static_cast<char>(plain);
                all |= plain;
            }
            if (all & 0x80) frame.usual = false;
        }
        if (!frame.usual) frame.text.assign(data.substr(0, begin + size));
        data.remove_prefix(begin + size);
    }
    return data;
}

void append_frame(std::string_view text, std::string& out) {
    const u64 size = text.size();
    const unsigned length = size < 126 ? 0 : size < 65'536 ? 2 : 8;  // bytes of their own
    out.push_back(static_cast<char>(FINAL_TEXT));
    out.push_back(static_cast<char>(length == 0 ? size : length == 2 ? 126 : 127));
    for (unsigned byte = length; byte > 0; --byte)
        out.push_back(static_cast<char>(size >> 8 * (byte - 1)));
    out.append(text);
}

}  // namespace coinport
