"""Records: a command, what came of it, when and at which position. The journal is made of them."""

from collections.abc import Callable
from collections.abc import Sequence as SequenceOf

import msgspec
from msgspec import Raw, Struct

from coinport.model.commands import Command
from coinport.model.events import Event
from coinport.model.units import Sequence, TimeMs


class Record(Struct, frozen=True, array_like=True):
    sequence: Sequence
    time: TimeMs
    command: Command
    events: list[Event]
    """What the command did, in order. Empty only for a cancel-all that found nothing open."""


_encode = msgspec.msgpack.Encoder().encode
_decode_command: Callable[[bytes], Command] = msgspec.msgpack.Decoder(Command).decode
_decode_record: Callable[[bytes], Record] = msgspec.msgpack.Decoder(Record).decode


def encode_command(command: Command) -> bytes:
    return _encode(command)


def decode_command(data: bytes) -> Command:
    """Raises msgspec.DecodeError where `data` is not a command."""
    return _decode_command(data)


def encode_record(
    sequence: Sequence, time: TimeMs, command: bytes, events: SequenceOf[Event]
) -> bytes:
    """`command` is encoded already and goes in as it is: two engines cannot differ there."""
    return _encode((sequence, time, Raw(command), events))


def decode_record(data: bytes) -> Record:
    """Raises msgspec.DecodeError where `data` is not a record."""
    return _decode_record(data)
