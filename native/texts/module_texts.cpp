// What Python sees of order_text.hpp, feed.hpp, frame_text.hpp, request_text.hpp and signed_orders.hpp.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <unordered_map>

#include "feed.hpp"
#include "frame_text.hpp"
#include "order_text.hpp"
#include "request_text.hpp"
#include "signed_orders.hpp"

namespace nb = nanobind;

namespace coinport {
namespace {

std::string_view view(nb::handle bytes) {
    return {PyBytes_AS_STRING(bytes.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

// A copy with the room behind it that a reader needs.
class Padded {
public:
    Reader operator()(nb::handle bytes) {
        const auto text = view(bytes);
        buffer_.assign(text.begin(), text.end());
        buffer_.resize(text.size() + SLACK);
        return Reader(reinterpret_cast<const u8*>(buffer_.data()), text.size());
    }

private:
    std::vector<char> buffer_;
};

class Texts {
public:
    OrderTexts texts;

    nb::object read(nb::bytes body, i64 account, u8 prevention) {
        return read_view(view(body), account, prevention);
    }

    nb::object read_view(std::string_view body, i64 account, u8 prevention) {
        writer_.clear();
        ends_.clear();
        if (!texts.read(body, account, prevention, writer_, ends_)) return nb::none();
        return commands();
    }

    nb::object asked(nb::bytes text, i64 account, u8 prevention) {
        writer_.clear();
        ends_.clear();
        std::string_view id;
        if (!texts.read_asked(view(text), account, prevention, writer_, ends_, id))
            return nb::none();
        if (id.empty()) id = "null";
        return nb::make_tuple(nb::bytes(id.data(), id.size()), commands());
    }

    // Of `records` from `start` to `end`.
    nb::object write(nb::list records, std::size_t start, std::size_t end) {
        json_.clear();
        return written(records, start, end) ? bytes(json_) : nb::none();
    }

    // The same of several, `numbers` records each, in their envelope behind `heads`, which lack
    // their length and their end.
    nb::list answers(nb::list records, std::size_t start, nb::list numbers, nb::list heads,
                     i64 time) {
        envelope_.assign("{\"code\":0,\"time\":").append(std::to_string(time)).append(",\"data\":");
        if (heads.size() != numbers.size()) throw nb::index_error("a head for each answer");
        nb::list found;
        for (std::size_t at = 0; at < numbers.size(); ++at) {
            const auto end = start + nb::cast<std::size_t>(numbers[at]);
            json_ = envelope_;
            if (heads[at].is_none() || !written(records, start, end)) {
                found.append(nb::none());
            } else {
                json_.push_back('}');
                whole_.assign(view(heads[at])).append("content-length: ");
                whole_.append(std::to_string(json_.size())).append("\r\n\r\n").append(json_);
                found.append(bytes(whole_));
            }
            start = end;
        }
        return found;
    }

    // The same as a frame, to the request of this id.
    nb::object frame(nb::list records, std::size_t start, std::size_t end, nb::bytes id) {
        json_.assign("{\"id\":").append(view(id)).append(",\"code\":0,\"data\":");
        if (!written(records, start, end)) return nb::none();
        json_.push_back('}');
        whole_.clear();
        append_frame(json_, whole_);
        return bytes(whole_);
    }

private:
    static nb::object bytes(const std::string& text) { return nb::bytes(text.data(), text.size()); }

    nb::list commands() const {
        nb::list commands;
        std::size_t begin = 0;
        for (const std::size_t end : ends_) {
            commands.append(nb::bytes(writer_.data() + begin, end - begin));
            begin = end;
        }
        return commands;
    }

    bool written(nb::list records, std::size_t start, std::size_t end) {
        if (end > records.size()) throw nb::index_error("there are fewer records");
        json_.append("{\"results\":[");
        for (std::size_t at = start; at < end; ++at) {
            if (at > start) json_.push_back(',');
            if (!texts.write(padded_(records[at]), json_)) return false;
        }
        json_.append("]}");
        return true;
    }

    Writer writer_;
    std::vector<std::size_t> ends_;
    std::string envelope_, json_, whole_;
    Padded padded_;
};

// Of the levels of the books; Python only hands them on.
struct Changes {
    std::vector<LevelChange> all;
};

nb::tuple told(nb::list records) {
    Told told;
    Padded padded;
    u32 place = 0;
    for (nb::handle record : records)
        if (!told.add(padded(record), place++))
            throw nb::value_error("the feed told something that is no record");
    const auto counted = [](const u32* counts, std::size_t length) {
        nb::list found;
        for (std::size_t at = 0; at < length; ++at)
            if (counts[at]) found.append(nb::make_tuple(at, counts[at]));
        return found;
    };
    const auto places = [](const std::vector<u32>& all) {
        nb::list found;
        for (const u32 each : all) found.append(each);
        return found;
    };
    nb::list trades, runs;
    for (const Run& each : told.runs)
        runs.append(nb::make_tuple(each.market, each.time, each.last, each.high, each.low,
                                   each.volume));
    for (const PublicTrade& each : told.trades)
        trades.append(nb::make_tuple(each.id, each.time, each.market, each.taker_side, each.price,
                                     each.quantity, each.taker_order));
    return nb::make_tuple(counted(told.commands, 32), counted(told.refusals, 256),
                          places(told.notable), places(told.special), trades, runs, told.last,
                          told.time, Changes{std::move(told.changes)});
}

class Books {
public:
    LevelBooks books;

    void add(i64 market, u8 side, i64 price, i64 quantity) {
        books.book(market).levels[side == SELL][price] += quantity;
    }
    void set(i64 market, u64 sequence, u64 time) {
        auto& book = books.book(market);
        book.sequence = sequence;
        book.time = time;
    }
    void apply(const Changes& changes) {
        if (!books.apply(changes.all))
            throw nb::value_error("a record takes from a book what was never there");
    }
    i64 quantity(i64 market, u8 side, i64 price) {
        const auto& levels = books.book(market).levels[side == SELL];
        const auto level = levels.find(price);
        return level == levels.end() ? 0 : level->second;
    }
    u64 version(i64 market) { return books.book(market).sequence; }
    u64 time(i64 market) { return books.book(market).time; }
    nb::tuple best(i64 market) {
        const auto& [bids, asks] = books.book(market).levels;
        return nb::make_tuple(bids.empty() ? 0 : bids.rbegin()->first,
                              asks.empty() ? 0 : asks.begin()->first);
    }
    nb::tuple levels(i64 market, std::size_t limit) {
        const auto& [bids, asks] = books.book(market).levels;
        return nb::make_tuple(first(asks.begin(), asks.end(), limit),
                              first(bids.rbegin(), bids.rend(), limit));
    }

private:
    template <class Iterator>
    static nb::list first(Iterator at, Iterator end, std::size_t limit) {
        nb::list found;
        for (; at != end && limit; ++at, --limit)
            found.append(nb::make_tuple(at->first, at->second));
        return found;
    }
};

class Requests {
public:
    nb::object read(nb::bytes data) {
        if (!text_.read(view(data))) return nb::none();
        nb::dict headers;
        for (const auto& [name, value] : text_.headers) headers[bytes(name)] = bytes(value);
        return nb::make_tuple(text_.post ? "POST" : "GET", bytes(text_.path), bytes(text_.query),
                              headers, bytes(text_.body));
    }

private:
    static nb::bytes bytes(std::string_view text) { return nb::bytes(text.data(), text.size()); }

    RequestText text_;
};

// What a token that signs orders is to the entry.
struct Signer {
    nb::object token;  // so that no other takes its place in memory
    nb::object account;
    i64 number = 0;
    nb::object keyed;  // of its secret, to be copied for each signature
};

// From a request to the commands in it, where it is a usual one whose signature is right.
class Entry {
public:
    Entry(std::string path, nb::object texts, u8 prevention, nb::dict tokens, nb::object holder,
          nb::object equal, i64 window_ms, i64 window_max_ms, i64 ahead_max_ms, i64 oldest_ms)
        : path_(std::move(path)), texts_(std::move(texts)), prevention_(prevention),
          tokens_(std::move(tokens)), holder_(std::move(holder)), equal_(std::move(equal)),
          window_ms_(window_ms), window_max_ms_(window_max_ms), ahead_max_ms_(ahead_max_ms),
          oldest_ms_(oldest_ms) {}

    nb::object take(nb::bytes data, i64 now) {
        if (!request_.read(view(data)) || !orders_.read(request_, path_) || !timely(now))
            return nb::none();
        const Signer* signer = signer_of(orders_.key);
        if (!signer) return nb::none();
        nb::object commands =
            nb::inst_ptr<Texts>(texts_)->read_view(orders_.body, signer->number, prevention_);
        if (commands.is_none() || !is_signed(*signer)) return nb::none();
        const auto& signature = orders_.signature;
        return nb::make_tuple(signer->account, commands,
                              nb::bytes(signature.data(), signature.size()), orders_.sent_ms);
    }

private:
    static constexpr std::size_t SIGNERS_MAX = 20'000;

    bool timely(i64 now) const {
        const i64 window = orders_.window_ms ? static_cast<i64>(orders_.window_ms) : window_ms_;
        const i64 sent = static_cast<i64>(orders_.sent_ms);
        return window <= window_max_ms_ && sent >= std::max(now - window, oldest_ms_) &&
               sent <= now + ahead_max_ms_;
    }

    // None where the token is not remembered, or may not do this from wherever it is used.
    const Signer* signer_of(std::string_view key) {
        const nb::str name(key.data(), key.size());
        PyObject* token = PyDict_GetItemWithError(tokens_.ptr(), name.ptr());
        if (!token) return nullptr;
        const auto known = signers_.find(token);
        if (known != signers_.end()) return &known->second;
        nb::object held = holder_(nb::handle(token));
        if (held.is_none()) return nullptr;
        if (signers_.size() == SIGNERS_MAX) signers_.clear();
        Signer signer{nb::borrow(token), held[0], nb::cast<i64>(held[0]), held[1]};
        return &signers_.emplace(token, std::move(signer)).first->second;
    }

    bool is_signed(const Signer& signer) {
        text_.assign(orders_.timestamp).append("\nPOST\n").append(path_).push_back('\n');
        text_.append(orders_.body);
        nb::object keyed = signer.keyed.attr(copy_)();
        keyed.attr(update_)(nb::bytes(text_.data(), text_.size()));
        const auto& given = orders_.signature;
        return nb::cast<bool>(
            equal_(keyed.attr(finalize_)(), nb::bytes(given.data(), given.size())));
    }

    const std::string path_;
    nb::object texts_;
    u8 prevention_;
    nb::dict tokens_;
    nb::object holder_, equal_;
    i64 window_ms_, window_max_ms_, ahead_max_ms_, oldest_ms_;
    nb::str copy_{"copy"}, update_{"update"}, finalize_{"finalize"};
    std::unordered_map<PyObject*, Signer> signers_;
    RequestText request_;
    SignedOrders orders_;
    std::string text_;
};

// A text for each usual frame, for each other one a tuple of its bytes; and what is left.
nb::tuple frames(nb::bytes data, u64 most) {
    std::vector<FrameText> read;
    const auto left = read_frames(view(data), most, read);
    nb::list found;
    for (const FrameText& frame : read) {
        const nb::bytes text(frame.text.data(), frame.text.size());
        if (frame.usual) found.append(text);
        else found.append(nb::make_tuple(text));
    }
    return nb::make_tuple(found, nb::bytes(left.data(), left.size()));
}

}  // namespace

void bind_texts(nb::module_& module) {
    nb::class_<Texts>(module, "OrderTexts")
        .def(nb::init<>())
        .def("put_market",
             [](Texts& self, i64 market, i64 scale, unsigned price_decimals,
                unsigned amount_decimals, unsigned base_decimals, unsigned quote_decimals,
                std::string symbol, std::string base, std::string quote) {
                 self.texts.put_market({market, scale, price_decimals, amount_decimals,
                                        base_decimals, quote_decimals, std::move(symbol),
                                        std::move(base), std::move(quote)});
             })
        .def("put_name", [](Texts& self, std::string name,
                            i64 market) { self.texts.put_name(std::move(name), market); })
        .def("put_reason", [](Texts& self, unsigned number,
                              std::string name) { self.texts.put_reason(number, std::move(name)); })
        .def("read", &Texts::read)
        .def("write", &Texts::write)
        .def("answers", &Texts::answers)
        .def("asked", &Texts::asked)
        .def("frame", &Texts::frame);
    nb::class_<Changes>(module, "LevelChanges");
    nb::class_<Books>(module, "LevelBooks")
        .def(nb::init<>())
        .def("add", &Books::add)
        .def("set", &Books::set)
        .def("apply", &Books::apply)
        .def("version", &Books::version)
        .def("time", &Books::time)
        .def("best", &Books::best)
        .def("quantity", &Books::quantity)
        .def("levels", &Books::levels);
    nb::class_<Requests>(module, "RequestTexts").def(nb::init<>()).def("read", &Requests::read);
    nb::class_<Entry>(module, "OrderEntry")
        .def(nb::init<std::string, nb::object, u8, nb::dict, nb::object, nb::object, i64, i64, i64,
                      i64>())
        .def("take", &Entry::take);
    module.def("frames", &frames);
    module.def("told", &told);
}

}  // namespace coinport
