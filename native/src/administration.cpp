// Accounts and listings: opening, suspending, money by hand; currencies and markets.
//
// Theory of operation. The fields of a command stand in `Fields`, numbers and texts each in the
// order of model/commands.py; numbers are as wide as MessagePack has them, and are compared with
// their bounds before they are made narrower.
#include "engine.hpp"

namespace coinport {
namespace {

bool symbol_valid(std::string_view symbol) {
    bool letter = false;
    for (const char c : symbol) {
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
        letter |= c >= 'A';
    }
    return letter && symbol.size() <= SYMBOL_LENGTH_MAX;
}

bool fees_valid(i128 maker, i128 taker) {
    return maker >= 0 && maker < PPM && taker >= 0 && taker < PPM;
}

i64 power_of_ten(i64 exponent) {
    i64 power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

}  // namespace

bool signed_by(const Text& actor, const Text& note) {
    return actor.characters > 0 && actor.characters <= TEXT_LENGTH_MAX && note.characters > 0 &&
           note.characters <= TEXT_LENGTH_MAX;
}

Reason Engine::open_account(const Fields&) {
    emit(event::ACCOUNT_OPENED, account(static_cast<Owner>(state_->accounts.size())));
    state_->accounts.emplace_back();
    return Reason::ACCEPTED;
}

Reason Engine::suspend(const Fields& f) { return set_suspended(f, true); }

Reason Engine::resume(const Fields& f) { return set_suspended(f, false); }

Reason Engine::set_suspended(const Fields& f, bool suspended) {
    if (!signed_by(f.text[0], f.text[1])) return Reason::INVALID_TEXT;
    const Owner owner = state_->find_account(f.number[0]);
    if (!owner) return Reason::UNKNOWN_ACCOUNT;
    if (state_->accounts[owner].suspended == suspended) return Reason::UNCHANGED;
    state_->accounts[owner].suspended = suspended;
    emit(suspended ? event::ACCOUNT_SUSPENDED : event::ACCOUNT_RESUMED, account(owner));
    if (suspended) cancel_suspended(owner);
    return Reason::ACCEPTED;
}

Reason Engine::refuse_moving(const Fields& f) const {
    const Text& key = f.text[0];
    if (!signed_by(f.text[1], f.text[2]) || key.characters > TEXT_LENGTH_MAX)
        return Reason::INVALID_TEXT;
    if (!state_->find_account(f.number[0])) return Reason::UNKNOWN_ACCOUNT;
    if (!state_->find_currency(f.number[1])) return Reason::UNKNOWN_CURRENCY;
    if (f.number[2] <= 0) return Reason::INVALID_AMOUNT;
    if (f.number[2] > AMOUNT_MAX) return Reason::TOO_LARGE;
    if (key.bytes && state_->keys.contains(std::string(key.view()))) return Reason::DUPLICATE;
    return Reason::ACCEPTED;
}

Reason Engine::credit(const Fields& f) { return move_by_hand(f, event::CREDITED); }

Reason Engine::debit(const Fields& f) { return move_by_hand(f, event::DEBITED); }

Reason Engine::move_by_hand(const Fields& f, event::Tag tag) {
    const Reason reason = refuse_moving(f);
    if (reason != Reason::ACCEPTED) return reason;
    const Owner owner = state_->find_account(f.number[0]);
    const u32 currency = static_cast<u32>(f.number[1]) - 1;
    const i64 amount = static_cast<i64>(f.number[2]);
    Ledger& ledger = state_->ledger;
    if (tag == event::CREDITED) {
        if (ledger.owed(currency) > AMOUNT_MAX - amount) return Reason::TOO_LARGE;
        check(ledger.move(currency, CUSTODY, AVAILABLE, owner, AVAILABLE, amount));
    } else {
        if (amount > ledger.available(currency, owner)) return Reason::INSUFFICIENT_BALANCE;
        check(ledger.move(currency, owner, AVAILABLE, CUSTODY, AVAILABLE, amount));
    }
    if (f.text[0].bytes) state_->keys.emplace(f.text[0].view());
    return emit(tag, account(owner), currency + 1, amount);
}

Reason Engine::add_currency(const Fields& f) {
    const std::string_view symbol = f.text[0].view();
    const i128 decimals = f.number[0];
    if (!signed_by(f.text[1], f.text[2])) return Reason::INVALID_TEXT;
    if (!symbol_valid(symbol) || decimals < 0 || decimals > DECIMALS_MAX)
        return Reason::INVALID_LISTING;
    for (const Currency& currency : state_->currencies)
        if (currency.symbol == symbol) return Reason::DUPLICATE;
    const u8 kind = static_cast<u8>(f.number[1]);
    state_->currencies.push_back({std::string(symbol), static_cast<i64>(decimals), kind});
    state_->ledger.add_currency();
    emit_listing(event::CURRENCY_ADDED);
    write_currency(out_, static_cast<u32>(state_->currencies.size()), state_->currencies.back());
    return Reason::ACCEPTED;
}

Reason Engine::refuse_market(const Fields& f) const {
    if (!signed_by(f.text[0], f.text[1])) return Reason::INVALID_TEXT;
    const Currency* base = state_->find_currency(f.number[0]);
    const Currency* quote = state_->find_currency(f.number[1]);
    if (!base || !quote) return Reason::UNKNOWN_CURRENCY;
    const i128 price = f.number[2], amount = f.number[3];
    if (base == quote || price < 0 || amount < 0 || amount > base->decimals ||
        price + amount > quote->decimals)
        return Reason::INVALID_LISTING;
    if (!fees_valid(f.number[6], f.number[7])) return Reason::INVALID_LISTING;
    if (f.number[4] < 0 || f.number[4] > AMOUNT_MAX) return Reason::INVALID_LISTING;
    if (f.number[5] != 0) {
        const Book* reference = state_->find_book(f.number[5]);
        if (!reference || reference->market.base != f.number[1]) return Reason::UNKNOWN_MARKET;
    }
    for (const auto& book : state_->books)
        if (book->market.base == f.number[0] && book->market.quote == f.number[1])
            return Reason::DUPLICATE;
    return Reason::ACCEPTED;
}

Reason Engine::add_market(const Fields& f) {
    const Reason reason = refuse_market(f);
    if (reason != Reason::ACCEPTED) return reason;
    const Currency& base = *state_->find_currency(f.number[0]);
    const Currency& quote = *state_->find_currency(f.number[1]);
    const i64 price_decimals = static_cast<i64>(f.number[2]);
    const i64 amount_decimals = static_cast<i64>(f.number[3]);
    const u32 number = static_cast<u32>(state_->books.size()) + 1;
    Market market{
        .symbol = base.symbol + "-" + quote.symbol,
        .base = static_cast<u32>(f.number[0]),
        .quote = static_cast<u32>(f.number[1]),
        .price_decimals = price_decimals,
        .amount_decimals = amount_decimals,
        .lot = power_of_ten(base.decimals - amount_decimals),
        .scale = power_of_ten(quote.decimals - price_decimals - amount_decimals),
        .minimum_value = static_cast<i64>(f.number[4]),
        .reference = static_cast<u32>(f.number[5]),
        .maker_fee_ppm = static_cast<i64>(f.number[6]),
        .taker_fee_ppm = static_cast<i64>(f.number[7]),
        .band_ppm = 0,
        .state = static_cast<u8>(f.number[8]),
    };
    emit_listing(event::MARKET_ADDED);
    write_market(out_, number, market);
    state_->books.push_back(std::make_unique<Book>(std::move(market), number));
    return Reason::ACCEPTED;
}

// Does it to the market that an administrator's command speaks of.
template <class Act>
Reason Engine::with_market(const Fields& f, Act act) {
    if (!signed_by(f.text[0], f.text[1])) return Reason::INVALID_TEXT;
    Book* book = state_->find_book(f.number[0]);
    return book ? act(book->number, book->market) : Reason::UNKNOWN_MARKET;
}

Reason Engine::set_state(const Fields& f) {
    return with_market(f, [&](u32 number, Market& market) {
        market.state = static_cast<u8>(f.number[1]);
        return emit(event::MARKET_STATE_SET, number, market.state);
    });
}

Reason Engine::set_fees(const Fields& f) {
    return with_market(f, [&](u32 number, Market& market) {
        if (!fees_valid(f.number[1], f.number[2])) return Reason::INVALID_LISTING;
        market.maker_fee_ppm = static_cast<i64>(f.number[1]);
        market.taker_fee_ppm = static_cast<i64>(f.number[2]);
        return emit(event::MARKET_FEES_SET, number, market.maker_fee_ppm, market.taker_fee_ppm);
    });
}

Reason Engine::set_band(const Fields& f) {
    return with_market(f, [&](u32 number, Market& market) {
        if (f.number[1] < 0 || f.number[1] > 1000 * PPM) return Reason::INVALID_LISTING;
        market.band_ppm = static_cast<i64>(f.number[1]);
        return emit(event::PRICE_BAND_SET, number, market.band_ppm);
    });
}

void write_currency(Writer& out, u32 number, const Currency& currency) {
    out.row(number, std::string_view(currency.symbol), currency.decimals, currency.kind);
}

void write_market(Writer& out, u32 number, const Market& m) {
    out.row(number, std::string_view(m.symbol), m.base, m.quote, m.price_decimals,
            m.amount_decimals, m.lot, m.scale, m.minimum_value, m.reference, m.maker_fee_ppm,
            m.taker_fee_ppm, m.band_ppm, m.state);
}

bool read_currency(Reader& in, i64& number, Currency& currency) {
    Text symbol;
    if (!in.row(number, symbol, currency.decimals, Choice{currency.kind, FIAT, OFF_CHAIN}))
        return false;
    currency.symbol = symbol.view();
    return true;
}

bool read_market(Reader& in, i64& number, Market& m) {
    Text symbol;
    i64 ids[3];
    if (!in.row(number, symbol, ids[0], ids[1], m.price_decimals, m.amount_decimals, m.lot, m.scale,
                m.minimum_value, ids[2], m.maker_fee_ppm, m.taker_fee_ppm, m.band_ppm,
                Choice{m.state, OPEN, HALTED}))
        return false;
    for (const i64 id : ids)
        if (id < 0 || id > UINT32_MAX) return false;
    m.symbol = symbol.view();
    m.base = static_cast<u32>(ids[0]);
    m.quote = static_cast<u32>(ids[1]);
    m.reference = static_cast<u32>(ids[2]);
    return true;
}

bool sound(const State& state, const Market& market) {
    constexpr i64 LARGEST = 1'000'000'000;
    return state.find_currency(market.base) && state.find_currency(market.quote) &&
           market.base != market.quote && market.lot > 0 && market.lot <= LARGEST &&
           market.scale > 0 && market.scale <= LARGEST && market.minimum_value >= 0 &&
           market.minimum_value <= AMOUNT_MAX &&
           fees_valid(market.maker_fee_ppm, market.taker_fee_ppm) && market.band_ppm >= 0 &&
           market.band_ppm <= 1000 * PPM &&
           (!market.reference || state.find_book(i64{market.reference}));
}

}  // namespace coinport
