"""People: their passwords, and what happens when those are guessed, as configured."""

from collections.abc import Callable

from coinport.app import config
from coinport.database import Database
from coinport.identity.lockout import Lockout
from coinport.identity.passwords import Passwords, argon2id
from coinport.identity.people import People

MINUTE_MS = 60_000


def passwords_of(settings: config.Passwords) -> Passwords:
    hasher = argon2id(passes=settings.argon2_time, memory_kib=settings.argon2_memory_kib)
    return Passwords(hasher, threads=settings.argon2_threads, queue_max=settings.argon2_queue)


def people_of(
    database: Database,
    passwords: Passwords,
    settings: config.Passwords,
    clock: Callable[[], int],
) -> People:
    window_ms = settings.lockout_minutes * MINUTE_MS
    return People(
        database,
        passwords,
        clock,
        pairs=Lockout(settings.lockout_account_failures, window_ms=window_ms, clock=clock),
        origins=Lockout(settings.lockout_address_failures, window_ms=window_ms, clock=clock),
        remember_ms=settings.remember_seconds * 1000,
        refuse_common=settings.refuse_common,
    )
