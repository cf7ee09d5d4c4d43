// What Python sees of order_text.hpp, feed.hpp and request_text.hpp.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "feed.hpp"
#include "order_text.hpp"
#include "request_text.hpp"

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
        writer_.clear();
        ends_.clear();
        if (!texts.read(view(body), account, prevention, writer_, ends_)) return nb::none();
        nb::list commands;
        std::size_t start = 0;
        for (const std::size_t end : ends_) {
            commands.append(nb::bytes(writer_.data() + start, end - start));
            start = end;
        }
        return commands;
    }

    nb::object write(nb::list records) {
        json_.assign("{\"results\":[");
        for (nb::handle record : records) {
            if (json_.back() != '[') json_.push_back(',');
            if (!texts.write(padded_(record), json_)) return nb::none();
        }
        json_.append("]}");
        return nb::bytes(json_.data(), json_.size());
    }

private:
    Writer writer_;
    std::vector<std::size_t> ends_;
    std::string json_;
    Padded padded_;
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
    nb::list notable;
    for (const u32 each : told.notable) notable.append(each);
    return nb::make_tuple(counted(told.commands, 32), counted(told.refusals, 256), notable);
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
    void apply(nb::list records) {
        for (nb::handle record : records)
            if (!books.apply(padded_(record)))
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

    Padded padded_;
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
        .def("write", &Texts::write);
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
    module.def("told", &told);
}

}  // namespace coinport
