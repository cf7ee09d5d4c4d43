// Orders as the API has them: JSON text in, commands out; records in, JSON text out.
//
// Theory of operation. The text of an order that is nothing out of the ordinary is read in one pass,
// without a tree, straight into the command the journal will hold; and from the record that the
// engine made of it the answer is written in one pass too. Ordinary means: a limit order, keys known
// and given once, strings without escapes, decimals without exponents. Whatever else stands there is
// not judged here: `read` and `write` answer false, and the gateway's own reader, which knows every
// error by name, takes the same text. So there is one judge of what is wrong, and what is read here
// must be exactly what that judge would have read (tests/gateway/test_order_texts.py).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../src/commands.hpp"

namespace coinport {

// What is to be known of a market for its orders to be read and shown.
struct MarketText {
    i64 market = 0;
    i64 scale = 0;  // quote units of one tick times one lot
    unsigned price_decimals = 0, amount_decimals = 0, base_decimals = 0, quote_decimals = 0;
    std::string symbol, base, quote;
};

class OrderTexts {
public:
    void put_market(MarketText market);
    void put_name(std::string name, i64 market);  // in capitals
    void put_reason(unsigned number, std::string name);

    // The commands of a body, one after the other, and where each ends.
    bool read(std::string_view body, i64 account, u8 prevention, Writer& commands,
              std::vector<std::size_t>& ends) const;
    // Of a request over the socket, with its id as it stands there; empty: it has none.
    bool read_asked(std::string_view text, i64 account, u8 prevention, Writer& commands,
                    std::vector<std::size_t>& ends, std::string_view& id) const;
    // One more result, of the record of an order.
    bool write(Reader record, std::string& json) const;

private:
    struct Item;
    struct Shown;
    struct Cursor;

    bool read_orders(Cursor& in, i64 account, u8 prevention, Writer& commands,
                     std::vector<std::size_t>& ends) const;
    bool read_item(Cursor& in, i64 account, u8 prevention, Writer& commands) const;
    bool read_member(Cursor& in, Item& item) const;
    const MarketText* named(std::string_view name) const;
    const MarketText* market(i64 id) const;
    bool fold(Reader& events, Shown& order) const;
    void show(const Shown& order, std::string& json) const;

    std::vector<MarketText> markets_;
    std::vector<std::pair<std::string, i64>> names_;
    std::vector<std::string> reasons_;
};

}  // namespace coinport
