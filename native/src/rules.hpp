// The numbers of the rules: bounds, tags and reasons, as model/ and docs/rulebook have them.
//
// Theory of operation. Nothing here is decided anew: each name is that of its twin in
// src/coinport/model, and the tests that compare the two engines notice where one differs.
#pragma once

#include "wire.hpp"

namespace coinport {

inline constexpr i64 AMOUNT_MAX = i64{1} << 62;
inline constexpr i64 PPM = 1'000'000;
inline constexpr i64 ACCOUNT_FIRST = 1'000'000'001;
inline constexpr u64 ORDER_FIRST = 10'000'000'001;
inline constexpr u64 TRADE_FIRST = 1'000'000'000'001;
inline constexpr u64 TRANSFER_FIRST = 1'000'000'000'001;
inline constexpr u32 OPEN_ORDERS_MAX = 10'000;
inline constexpr u32 STOP_ORDERS_MAX = 100;
inline constexpr u32 TRADES_MAX = 1'000;
inline constexpr u32 CLIENT_ORDER_ID_LENGTH_MAX = 36;
inline constexpr u32 TEXT_LENGTH_MAX = 200;
inline constexpr u32 SYMBOL_LENGTH_MAX = 10;
inline constexpr i64 DECIMALS_MAX = 9;
inline constexpr i64 CLIENT_ORDER_ID_KEPT_MS = i64{24} * 60 * 60 * 1000;
inline constexpr i64 DEPOSIT_KEPT_MS = i64{30} * 24 * 60 * 60 * 1000;

// Accounts are counted from their first number; the first few counts are those of the house.
using Owner = u32;
inline constexpr Owner FEES = 1, CUSTODY = 2, SUSPENSE = 3, OWNER_FIRST = 4;

inline u64 account_number(Owner owner) {
    return owner < OWNER_FIRST ? owner : static_cast<u64>(ACCOUNT_FIRST) + owner - OWNER_FIRST;
}

enum Bucket : u8 { AVAILABLE, FROZEN, PENDING, HELD };
enum Side : u8 { BUY = 1, SELL = 2 };
enum OrderType : u8 { LIMIT = 1, MARKET = 2 };
enum TimeInForce : u8 { GTC = 1, IOC = 2, FOK = 3 };
enum SelfTradePrevention : u8 { STP_NONE, EXPIRE_TAKER, EXPIRE_MAKER, EXPIRE_BOTH };
enum MarketState : u8 { OPEN = 1, CANCEL_ONLY = 2, HALTED = 3 };
enum CurrencyKind : u8 { FIAT = 1, CHAIN = 2, OFF_CHAIN = 3 };
enum DepositStage : u8 { ANNOUNCED = 1, CREDITED = 2, STAGE_HELD = 3 };
enum WithdrawalStatus : u8 { STATUS_PENDING = 0, PROCESSING = 1, CONFIRMING = 2 };

namespace command {
enum Tag : u8 {
    PLACE_ORDER = 1, CANCEL_ORDER, CANCEL_ALL_ORDERS, OPEN_ACCOUNT, SUSPEND_ACCOUNT, RESUME_ACCOUNT,
    CREDIT, DEBIT, ADD_CURRENCY, ADD_MARKET, SET_MARKET_STATE, SET_MARKET_FEES, SET_PRICE_BAND,
    ANNOUNCE_DEPOSIT, CREDIT_DEPOSIT, DROP_DEPOSIT, HOLD_DEPOSIT, RELEASE_DEPOSIT,
    WRITE_OFF_DEPOSIT, ASSIGN_DEPOSIT, REQUEST_WITHDRAWAL, CANCEL_WITHDRAWAL, APPROVE_WITHDRAWAL,
    FAIL_WITHDRAWAL, SEND_WITHDRAWAL, SETTLE_WITHDRAWAL
};
}  // namespace command

namespace event {
enum Tag : u8 {
    ORDER_PLACED = 1, ORDER_BOOKED, TRADED, ORDER_CANCELED, STOP_TRIGGERED, ORDER_REPEATED, REFUSED,
    ACCOUNT_OPENED, ACCOUNT_SUSPENDED, ACCOUNT_RESUMED, CREDITED, DEBITED, CURRENCY_ADDED,
    MARKET_ADDED, MARKET_STATE_SET, MARKET_FEES_SET, PRICE_BAND_SET, DEPOSIT_ANNOUNCED,
    DEPOSIT_CREDITED, DEPOSIT_DROPPED, DEPOSIT_HELD, DEPOSIT_RELEASED, DEPOSIT_WRITTEN_OFF,
    DEPOSIT_ASSIGNED, WITHDRAWAL_REQUESTED, WITHDRAWAL_CANCELED, WITHDRAWAL_APPROVED,
    WITHDRAWAL_FAILED, WITHDRAWAL_SENT, WITHDRAWAL_SETTLED
};
}  // namespace event

enum class Reason : u8 {
    ACCEPTED = 0,  // none
    REQUESTED = 1, IMMEDIATE_OR_CANCEL, SELF_TRADE, SUSPENDED, TOO_MANY_TRADES,
    UNKNOWN_ACCOUNT = 10, ACCOUNT_SUSPENDED, UNKNOWN_CURRENCY, UNKNOWN_MARKET, UNKNOWN_ORDER,
    MARKET_CLOSED, INVALID_PRICE, INVALID_QUANTITY, INVALID_ORDER, TOO_LARGE, INSUFFICIENT_BALANCE,
    BELOW_MINIMUM_VALUE, OUTSIDE_PRICE_BAND, POST_ONLY_WOULD_MATCH, NOT_FILLABLE, NO_LIQUIDITY,
    CLIENT_ORDER_ID_REUSED, TOO_MANY_OPEN_ORDERS, DUPLICATE, INVALID_AMOUNT, INVALID_LISTING,
    INVALID_TEXT, UNCHANGED, SAME_ACTOR, UNKNOWN_TRANSFER, WRONG_STATUS
};

}  // namespace coinport
