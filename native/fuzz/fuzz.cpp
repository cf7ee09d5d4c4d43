// What libFuzzer feeds to the engine: commands, records and snapshots, sound ones and others; and to
// what reads the network: requests and orders as text.
//
// Theory of operation. The first byte of an input says what the rest is. Commands are decided by an
// engine that knows a market and funded accounts; whatever comes of them, a second engine that
// replays the records, and a third that is restored from the snapshot, must be in the same state.
// Records and snapshots are only taken in: what is in no order must be refused, without the
// sanitizers having a word to say. Text is copied to where a byte too far would be noticed; orders
// that are read must be commands that an engine can read. Seeds: `python -m tests.fuzz_seeds FOLDER`.
#include "../src/engine.hpp"
#include "../texts/frame_text.hpp"
#include "../texts/order_text.hpp"
#include "../texts/request_text.hpp"
#include "../texts/signed_orders.hpp"

using namespace coinport;

namespace {

struct Batch {
    std::vector<u8> data;
    std::vector<u32> lengths;
    Packed packed() const { return {data.data(), data.size(), lengths.data(), lengths.size()}; }
};

// Pieces with their lengths, of 16 bits, before them.
Batch pieces(const u8* data, std::size_t bytes) {
    Batch batch;
    while (bytes >= 2) {
        std::size_t length = data[0] | data[1] << 8;
        data += 2;
        bytes -= 2;
        length = std::min(length, bytes);
        batch.data.insert(batch.data.end(), data, data + length);
        batch.lengths.push_back(static_cast<u32>(length));
        data += length;
        bytes -= length;
    }
    return batch;
}

std::string snapshot_of(const Engine& engine) {
    Writer out;
    engine.snapshot(out);
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

void require(bool holds) {
    if (!holds) __builtin_trap();
}

bool restored(Engine& engine, const std::string& snapshot) {
    return engine.restore(reinterpret_cast<const u8*>(snapshot.data()), snapshot.size()) ==
           Status::DONE;
}

const std::string& opening() {
    static const std::string snapshot = [] {
        Batch batch;
        const auto add = [&](auto... field) {
            Writer out;
            out.row(field...);
            batch.data.insert(batch.data.end(), out.data(), out.data() + out.size());
            batch.lengths.push_back(static_cast<u32>(out.size()));
        };
        const std::string_view by = "a", key = "";
        const u8 chain = CHAIN, open = OPEN, none = 0, one = 1, two = 2, three = 3;
        for (const std::string_view symbol : {"USD", "BTC", "LTC"})
            add(u8{command::ADD_CURRENCY}, symbol, u8{8}, chain, by, by);
        for (const u8 base : {two, three})
            add(u8{command::ADD_MARKET}, base, one, two, u8{4}, none, none, u32{1000}, u32{2500},
                open, by, by);
        for (i64 account = ACCOUNT_FIRST; account < ACCOUNT_FIRST + 4; ++account) {
            add(u8{command::OPEN_ACCOUNT});
            for (const u8 currency : {one, two, three})
                add(u8{command::CREDIT}, account, currency, i64{1} << 50, key, by, by);
        }
        Engine engine;
        engine.read(batch.packed());
        require(engine.unreadable().empty() && engine.decide(1) == Status::DONE);
        return snapshot_of(engine);
    }();
    return snapshot;
}

void decide(const u8* data, std::size_t bytes) {
    Engine engine, replayed, again;
    require(restored(engine, opening()) && restored(replayed, opening()));
    engine.read(pieces(data, bytes).packed());
    if (!engine.unreadable().empty()) return;
    require(engine.decide(1'700'000'000'000) == Status::DONE);
    require(replayed.replay(engine.records()) == Status::DONE);
    const std::string snapshot = snapshot_of(engine);
    require(restored(again, snapshot));
    require(snapshot_of(again) == snapshot && snapshot_of(replayed) == snapshot);
}

bool within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void read_request(std::string_view data) {
    RequestText text;
    if (!text.read(data)) return;
    for (const auto part : {text.path, text.query, text.body}) require(within(part, data));
    for (const auto& [name, value] : text.headers)
        require(within(name, text.names) && within(value, data));
    SignedOrders orders;
    if (orders.read(text, "/api/v2/user/submit_orders"))
        for (const auto part : {orders.key, orders.timestamp, orders.body})
            require(within(part, data));
}

void read_frames_of(std::string_view data) {
    std::vector<FrameText> frames;
    const auto left = read_frames(data, 1 << 10, frames);
    std::size_t bytes = left.size();
    for (const FrameText& frame : frames) {
        bytes += frame.text.size();
        require(!frame.usual || frame.text.size() <= 1 << 10);
    }
    require(bytes <= data.size());
}

void read_orders(std::string_view data) {
    static const OrderTexts texts = [] {
        OrderTexts texts;
        texts.put_market({1, 10'000, 4, 4, 8, 8, "BTC-USD", "BTC", "USD"});
        texts.put_name("BTC-USD", 1);
        return texts;
    }();
    Writer out;
    std::vector<std::size_t> ends;
    std::string_view id;
    if (texts.read_asked(data, ACCOUNT_FIRST, 1, out, ends, id)) {
        require(within(id, data));
    } else {
        out.clear();
        ends.clear();
        if (!texts.read(data, ACCOUNT_FIRST, 1, out, ends)) return;
    }
    Batch batch;
    batch.data.assign(out.data(), out.data() + out.size());
    std::size_t start = 0;
    for (const std::size_t end : ends) {
        batch.lengths.push_back(static_cast<u32>(end - start));
        start = end;
    }
    Engine engine;
    require(restored(engine, opening()));
    engine.read(batch.packed());
    require(engine.unreadable().empty() && engine.decide(1'700'000'000'000) == Status::DONE);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t bytes) {
    if (bytes < 1) return 0;
    const u8 kind = *data++ % 6;
    --bytes;
    if (kind == 0) {
        decide(data, bytes);
    } else if (kind == 1) {
        Engine engine;
        require(restored(engine, opening()));
        engine.replay(pieces(data, bytes).packed());
    } else if (kind > 2) {
        const std::vector<char> text(data, data + bytes);
        const auto read = kind == 3 ? read_request : kind == 4 ? read_orders : read_frames_of;
        read({text.data(), text.size()});
    } else {
        Engine engine;
        if (engine.restore(data, bytes) == Status::DONE) snapshot_of(engine);
    }
    return 0;
}
