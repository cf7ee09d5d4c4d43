"""Configuration: every key with its default, in one frozen tree that is passed on in pieces.

What a key means and in which unit stands in its declaration; `coinport.example.toml` is made from
here, and `config_sources` reads it.
"""

import ipaddress
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct, field

from coinport.app import config_currencies
from coinport.app.config_currencies import Currency
from coinport.app.config_keys import ConfigError, Count, Ppm, about, text_of
from coinport.gateway.streams.streams import UPDATES_PER_SECOND
from coinport.journal.log import SEGMENT_BYTES
from coinport.journal.sequencer import QUEUE_MAX
from coinport.journal.snapshotting import RECORDS_PER_SNAPSHOT

__all__ = ["Config", "ConfigError", "Currency"]

ENVIRONMENT_PREFIX = "COINPORT_"
CURRENCIES = "currencies."
"""Before the symbol in the name of a currency's section."""


class Server(Struct, frozen=True):
    """Where the exchange listens. Plain HTTP: on loopback, or to the proxies named here."""

    host: Annotated[str, about("Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65535), about("Port; 0 takes any free one and prints it.")
    ] = 8000
    tls_cert: Annotated[
        str | None, about("Certificate chain, a PEM file; with it and `tls_key`, HTTPS.")
    ] = None
    tls_key: Annotated[str | None, about("Private key of the certificate, a PEM file.")] = None
    trusted_proxies: Annotated[
        list[str],
        about("Addresses or networks of reverse proxies. Only their X-Forwarded-For is believed."),
    ] = field(default_factory=list)
    body_max_bytes: Annotated[Count, about("A longer request body is refused; bytes.")] = 65_536
    connections_max: Annotated[Count, about("Open connections; one more is closed.")] = 10_000
    stop_seconds: Annotated[
        Count, about("At SIGTERM, how long answers may still take; seconds.")
    ] = 10

    def __post_init__(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together: give both or neither")
        for proxy in self.trusted_proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError as error:
                raise ValueError(f"trusted_proxies: {error}") from None


class Limits(Struct, frozen=True):
    """Rate limits. A bucket holds a burst and fills up again steadily."""

    enabled: Annotated[bool, about("Off for measuring only.")] = True
    public_per_second: Annotated[Count, about("Public requests of one address; per second.")] = 20
    public_burst: Annotated[Count, about("Public requests of one address at once.")] = 100
    private_per_second: Annotated[Count, about("Private requests of one account; per second.")] = 50
    private_burst: Annotated[Count, about("Private requests of one account at once.")] = 200
    failures_per_second: Annotated[
        Count, about("Requests of one address with wrong credentials; per second.")
    ] = 2
    failures_burst: Annotated[
        Count, about("Requests of one address with wrong credentials at once.")
    ] = 200


class Streams(Struct, frozen=True):
    """What the WebSocket at /api/v2/ws tells."""

    updates_per_second: Annotated[
        Count,
        about("Of depth, tickers and candles to one client: changes between are put together."),
    ] = UPDATES_PER_SECOND


class Sessions(Struct, frozen=True):
    """Log-ins by cookie."""

    idle_minutes: Annotated[Count, about("A session unused for this long ends; minutes.")] = 60


class Passwords(Struct, frozen=True):
    """Password hashing (argon2id), and what happens when passwords are guessed."""

    argon2_time: Annotated[Count, about("Passes over the memory.")] = 2
    argon2_memory_kib: Annotated[Count, about("Memory of one hash; KiB.")] = 19_456
    argon2_threads: Annotated[Count, about("Hashes computed at the same time.")] = 2
    argon2_queue: Annotated[
        Count, about("Hashes that may wait; one more is refused as too busy.")
    ] = 20
    refuse_common: Annotated[
        bool, about("No registration with one of the most common passwords.")
    ] = True
    remember_seconds: Annotated[
        Count, about("A verified Basic header needs no new hash for this long; seconds.")
    ] = 300
    lockout_minutes: Annotated[
        Count, about("Failures are counted over this long, and a lock lasts as long; minutes.")
    ] = 15
    lockout_account_failures: Annotated[
        Count, about("Failures that lock one account for one address.")
    ] = 10
    lockout_address_failures: Annotated[
        Count, about("Failures over all accounts that lock an address.")
    ] = 100


class Journal(Struct, frozen=True):
    """The log of everything that happened, and the snapshots a start begins with."""

    segment_bytes: Annotated[int, Meta(ge=65_536), about("Size of a segment file; bytes.")] = (
        SEGMENT_BYTES
    )
    snapshot_records: Annotated[
        Count, about("Records between two snapshots: more make a start slower.")
    ] = RECORDS_PER_SNAPSHOT
    queue_max: Annotated[Count, about("Commands that may wait; one more is answered 503.")] = (
        QUEUE_MAX
    )


class Database(Struct, frozen=True):
    """SQL databases, as SQLAlchemy URLs. Left out: SQLite files in the data directory."""

    identity_url: Annotated[
        str | None, about("People, sessions, tokens: the only copy, back it up.")
    ] = None
    wallets_url: Annotated[
        str | None,
        about("Addresses, payments, signed transactions: the only copy, back it up."),
    ] = None
    readmodels_url: Annotated[
        str | None, about("Orders, trades, balances, candles: made from the journal.")
    ] = None


class Withdrawals(Struct, frozen=True):
    """What holds for withdrawals of every currency."""

    address_book_hours: Annotated[
        Count,
        about(
            "A new entry of an address book counts after this; so does giving up the book; hours."
        ),
    ] = 24


class Wallets(Struct, frozen=True):
    """How often nodes are asked."""

    poll_seconds: Annotated[
        float, Meta(gt=0), about("For deposits, and how far withdrawals are; seconds.")
    ] = 5
    keeping_seconds: Annotated[
        float, Meta(gt=0), about("Whether money should be moved to hot or cold addresses; seconds.")
    ] = 300


class Trading(Struct, frozen=True):
    """The rules, and what holds where an order or a new market does not say otherwise."""

    engine: Annotated[
        Literal["auto", "native", "python"],
        about("What decides. Both write the same bytes; auto: the native one where it was built."),
    ] = "auto"
    self_trade_prevention: Annotated[
        Literal["none", "expire_taker", "expire_maker", "expire_both"],
        about("When an order meets one of its own account."),
    ] = "none"
    maker_fee_ppm: Annotated[Ppm, about("Of a new market; parts per million.")] = 0
    taker_fee_ppm: Annotated[Ppm, about("Of a new market; parts per million.")] = 0
    minimum_cny: Annotated[
        str, about("Least value of an order in a new CNY market, and the equivalent in BTC; CNY.")
    ] = "1"
    minimum_btc: Annotated[
        str, about("Least value in a new BTC market while BTC-CNY never traded; BTC.")
    ] = "0.001"


class Published(Struct, frozen=True):
    """How the exchange shows itself."""

    reserves_seconds: Annotated[
        Count, about("How often it is looked what is there and what is owed; seconds.")
    ] = 60
    snapshot_hours: Annotated[
        Count, about("How often snapshots and transfers are published; hours.")
    ] = 24
    time_zone: Annotated[str, about("For times written out as text.")] = "Asia/Shanghai"

    def __post_init__(self) -> None:
        if self.time_zone not in zoneinfo.available_timezones():
            raise ValueError(f"time_zone: there is no {self.time_zone}")


class Log(Struct, frozen=True):
    """Log lines, on standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], about("The least level written.")
    ] = "info"
    format: Annotated[Literal["console", "json"], about("For eyes, or for a collector.")] = (
        "console"
    )


class Metrics(Struct, frozen=True):
    """Prometheus figures under /metrics."""

    host: Annotated[str, about("Address of the separate port.")] = "127.0.0.1"
    port: Annotated[
        int,
        Meta(ge=0, le=65535),
        about("Separate port; 0: on the exchange's own, for loopback clients only."),
    ] = 0


class Config(Struct, frozen=True):
    server: Server = Server()
    limits: Limits = Limits()
    streams: Streams = Streams()
    sessions: Sessions = Sessions()
    passwords: Passwords = Passwords()
    journal: Journal = Journal()
    database: Database = Database()
    withdrawals: Withdrawals = Withdrawals()
    wallets: Wallets = Wallets()
    trading: Trading = Trading()
    published: Published = Published()
    log: Log = Log()
    metrics: Metrics = Metrics()
    currencies: Mapping[str, Currency] = field(default_factory=dict)
    """By symbol."""


SECTIONS: dict[str, type[Struct]] = {
    name: kind for name, kind in get_type_hints(Config).items() if name != "currencies"
}
"""But those of currencies, each of which is a `Currency`."""


def example() -> str:
    """The text of `coinport.example.toml`."""
    lines = [
        "# Configuration of coinport: every key with its default. All of it may be left out.",
        f"# A variable {ENVIRONMENT_PREFIX}SECTION_KEY wins over this file, for instance",
        f"# {ENVIRONMENT_PREFIX}SERVER_PORT=8000; lists are separated by commas.",
    ]
    for section, kind in SECTIONS.items():
        lines += ["", f"# {kind.__doc__}", f"[{section}]"]
        for key, description, default in _keys(kind):
            lines.append(f"# {description}")
            shown = f"{key} = {msgspec.json.encode(default).decode()}"
            lines.append(f"# {key} =" if default is None else shown)
    lines += config_currencies.examples()
    return "\n".join(lines) + "\n"


def kind_of(section: str) -> type[Struct]:
    return Currency if section.startswith(CURRENCIES) else SECTIONS[section]


def hints(section: str) -> dict[str, Any]:
    return get_type_hints(kind_of(section), include_extras=True)


def _keys(kind: type[Struct]) -> Iterator[tuple[str, str, Any]]:
    """Key, description and default."""
    defaults = kind()
    for key, hint in get_type_hints(kind, include_extras=True).items():
        yield key, text_of(hint), getattr(defaults, key)
