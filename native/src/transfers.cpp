// Deposits and withdrawals.
//
// Theory of operation. As in engine/deposits.py and engine/withdrawals.py: each decision finds what
// the command speaks of, at the stage at which this can be done to it, or says why not.
#include "engine.hpp"

namespace coinport {
namespace {

// As an id of a transfer; 0, which is none, where it cannot be one.
u64 within(i128 number) { return number >= 0 && number <= INT64_MAX ? static_cast<u64>(number) : 0; }

bool short_text(const Text& text) { return text.characters <= TEXT_LENGTH_MAX; }

}  // namespace

Reason Engine::announce(const Fields& f) {
    const Text &key = f.text[0], &address = f.text[1], &actor = f.text[2], &note = f.text[3];
    if (!signed_by(actor, note) || !key.bytes || !short_text(key)) return Reason::INVALID_TEXT;
    if (!short_text(address)) return Reason::INVALID_TEXT;
    const Owner owner = f.number[0] == SUSPENSE ? SUSPENSE : state_->find_account(f.number[0]);
    if (!owner) return Reason::UNKNOWN_ACCOUNT;
    if (!state_->find_currency(f.number[1])) return Reason::UNKNOWN_CURRENCY;
    if (f.number[2] <= 0) return Reason::INVALID_AMOUNT;
    if (f.number[2] > AMOUNT_MAX) return Reason::TOO_LARGE;
    if (!state_->keys.emplace(key.view()).second) return Reason::DUPLICATE;
    const u64 transfer = state_->next_transfer++;
    const Deposit deposit{.owner = owner,
                          .currency = static_cast<u32>(f.number[1]) - 1,
                          .amount = static_cast<i64>(f.number[2]),
                          .key = std::string(key.view()),
                          .actor = std::string(actor.view())};
    emit_transfer(event::DEPOSIT_ANNOUNCED, transfer, owner, deposit.currency, deposit.amount);
    state_->deposits.emplace(transfer, deposit);
    return Reason::ACCEPTED;
}

// Does it to the deposit that a command speaks of, which must be at `stage`.
template <class Act>
Reason Engine::with_deposit(const Fields& f, u8 stage, Act act) {
    if (!signed_by(f.text[0], f.text[1])) return Reason::INVALID_TEXT;
    const auto found = state_->deposits.find(within(f.number[0]));
    if (found == state_->deposits.end()) return Reason::UNKNOWN_TRANSFER;
    const auto& [transfer, deposit] = *found;
    // It is still there, but only until the next one is credited.
    if (deposit.kept && deposit.since <= state_->time - DEPOSIT_KEPT_MS)
        return Reason::UNKNOWN_TRANSFER;
    return deposit.stage == stage ? act(transfer, deposit) : Reason::WRONG_STATUS;
}

Reason Engine::credit_deposit(const Fields& f) {
    return with_deposit(f, ANNOUNCED, [&](u64 transfer, const Deposit& deposit) {
        const bool on_chain = state_->currencies[deposit.currency].kind == CHAIN;
        if (!on_chain && f.text[0].view() == deposit.actor) return Reason::SAME_ACTOR;
        if (state_->ledger.owed(deposit.currency) > AMOUNT_MAX - deposit.amount)
            return Reason::TOO_LARGE;
        emit_deposit(event::DEPOSIT_CREDITED, transfer, deposit, deposit.amount);
        return done(state_->deposit_credited(transfer));
    });
}

Reason Engine::drop_deposit(const Fields& f) {
    return with_deposit(f, ANNOUNCED, [&](u64 transfer, const Deposit& deposit) {
        emit_deposit(event::DEPOSIT_DROPPED, transfer, deposit, deposit.amount);
        state_->deposit_dropped(transfer);
        return Reason::ACCEPTED;
    });
}

Reason Engine::hold_deposit(const Fields& f) {
    return with_deposit(f, CREDITED, [&](u64 transfer, const Deposit& deposit) {
        const i64 available = state_->ledger.available(deposit.currency, deposit.owner);
        const i64 held = std::min(deposit.amount, available);
        emit_deposit(event::DEPOSIT_HELD, transfer, deposit, held);
        return done(state_->deposit_held(transfer, held));
    });
}

Reason Engine::release_deposit(const Fields& f) {
    return with_deposit(f, STAGE_HELD, [&](u64 transfer, const Deposit& deposit) {
        emit_deposit(event::DEPOSIT_RELEASED, transfer, deposit, deposit.held);
        return done(state_->deposit_released(transfer));
    });
}

Reason Engine::write_off_deposit(const Fields& f) {
    return with_deposit(f, STAGE_HELD, [&](u64 transfer, const Deposit& deposit) {
        emit_deposit(event::DEPOSIT_WRITTEN_OFF, transfer, deposit, deposit.held);
        return done(state_->deposit_written_off(transfer));
    });
}

Reason Engine::assign_deposit(const Fields& f) {
    return with_deposit(f, CREDITED, [&](u64 transfer, const Deposit& deposit) {
        if (deposit.owner != SUSPENSE) return Reason::WRONG_STATUS;
        const Owner owner = state_->find_account(f.number[1]);
        if (!owner) return Reason::UNKNOWN_ACCOUNT;
        emit_transfer(event::DEPOSIT_ASSIGNED, transfer, owner, deposit.currency, deposit.amount);
        return done(state_->deposit_assigned(transfer, owner));
    });
}

Reason Engine::request(const Fields& f) {
    const Owner owner = state_->find_account(f.number[0]);
    if (!owner) return Reason::UNKNOWN_ACCOUNT;
    if (state_->accounts[owner].suspended) return Reason::ACCOUNT_SUSPENDED;
    if (!state_->find_currency(f.number[1])) return Reason::UNKNOWN_CURRENCY;
    const Text &address = f.text[0], &memo = f.text[1];
    if (!address.bytes || !short_text(address) || !short_text(memo)) return Reason::INVALID_TEXT;
    const i128 amount = f.number[2], fee = f.number[3];
    if (fee < 0 || fee >= amount) return Reason::INVALID_AMOUNT;
    const u32 currency = static_cast<u32>(f.number[1]) - 1;
    if (amount > state_->ledger.available(currency, owner)) return Reason::INSUFFICIENT_BALANCE;
    const Withdrawal asked{owner, currency, static_cast<i64>(amount), static_cast<i64>(fee)};
    emit_transfer(event::WITHDRAWAL_REQUESTED, state_->next_transfer, owner, currency,
                   asked.amount);
    return done(state_->withdrawal_requested(asked));
}

// Does it to the withdrawal of this number.
template <class Act>
Reason Engine::with_withdrawal(i128 number, Act act) {
    const auto found = state_->withdrawals.find(within(number));
    if (found == state_->withdrawals.end()) return Reason::UNKNOWN_TRANSFER;
    return act(found->first, found->second);
}

Reason Engine::cancel_withdrawal(const Fields& f) {
    return with_withdrawal(f.number[1], [&](u64 transfer, const Withdrawal& of) {
        if (account_number(of.owner) != f.number[0]) return Reason::UNKNOWN_TRANSFER;
        if (of.status != STATUS_PENDING) return Reason::WRONG_STATUS;
        emit_withdrawal(event::WITHDRAWAL_CANCELED, transfer, of);
        return done(state_->withdrawal_returned(transfer));
    });
}

Reason Engine::approve(const Fields& f) {
    if (!signed_by(f.text[0], f.text[1])) return Reason::INVALID_TEXT;
    return with_withdrawal(f.number[0], [&](u64 transfer, Withdrawal& of) {
        if (of.status != STATUS_PENDING) return Reason::WRONG_STATUS;
        emit_withdrawal(event::WITHDRAWAL_APPROVED, transfer, of);
        of.status = PROCESSING;
        return Reason::ACCEPTED;
    });
}

Reason Engine::fail(const Fields& f) {
    if (!signed_by(f.text[0], f.text[1])) return Reason::INVALID_TEXT;
    return with_withdrawal(f.number[0], [&](u64 transfer, const Withdrawal& of) {
        const bool never_arrives = f.number[1] != 0;
        if (of.status == CONFIRMING && !never_arrives) return Reason::WRONG_STATUS;
        emit_withdrawal(event::WITHDRAWAL_FAILED, transfer, of);
        return done(state_->withdrawal_returned(transfer));
    });
}

// The same to one that is approved, and paid by what has a name.
template <class Act>
Reason Engine::with_approved(const Fields& f, Act act) {
    return with_withdrawal(f.number[0], [&](u64 transfer, Withdrawal& of) {
        if (of.status == STATUS_PENDING) return Reason::WRONG_STATUS;
        const Text& txid = f.text[0];
        const bool on_chain = state_->currencies[of.currency].kind == CHAIN;
        if (!short_text(txid) || (on_chain && !txid.bytes)) return Reason::INVALID_TEXT;
        return act(transfer, of);
    });
}

Reason Engine::send(const Fields& f) {
    if (!f.text[1].bytes || !short_text(f.text[1])) return Reason::INVALID_TEXT;
    return with_approved(f, [&](u64 transfer, Withdrawal& of) {
        emit_withdrawal(event::WITHDRAWAL_SENT, transfer, of);
        of.status = CONFIRMING;
        return Reason::ACCEPTED;
    });
}

Reason Engine::settle(const Fields& f) {
    if (!signed_by(f.text[1], f.text[2])) return Reason::INVALID_TEXT;
    return with_approved(f, [&](u64 transfer, const Withdrawal& of) {
        emit(event::WITHDRAWAL_SETTLED, Id{transfer}, account(of.owner), of.currency + 1, of.amount,
             of.fee);
        return done(state_->withdrawal_settled(transfer));
    });
}

}  // namespace coinport
