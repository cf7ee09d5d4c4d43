"""What is compiled reads frames exactly as the WebSocket library does, or leaves them to it."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import SERVER, Protocol

from coinport.engine.compiled import compiled

pytestmark = pytest.mark.skipif(compiled is None, reason="nothing is compiled here")

MOST = 300
Heard = list[tuple[Opcode, bytes, bool]]


def frame(text: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    """As a client sends it, always with the same mask."""
    plain = Frame(opcode, text, fin).serialize(mask=False)
    head = plain[: len(plain) - len(text)]
    mask = b"\x01\x9f\x3c\xe0"
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text))
    return bytes((head[0], head[1] | 0x80)) + head[2:] + mask + masked


class Library:
    """By websockets: the frames it reads, until it refuses one."""

    def __init__(self) -> None:
        self.protocol = Protocol(SERVER, max_size=MOST)
        self.heard: Heard = []

    def receive(self, data: bytes) -> None:
        self.protocol.receive_data(data)
        self.heard += [
            (event.opcode, bytes(event.data), event.fin)
            for event in self.protocol.events_received()
            if isinstance(event, Frame)
        ]

    @property
    def refused(self) -> str:
        return repr(self.protocol.parser_exc)


class Compiled(Library):
    """Likewise, with what is compiled in front of it."""

    usual = 0
    left = b""

    def receive(self, data: bytes) -> None:
        assert compiled is not None
        frames, self.left = compiled.frames(self.left + data, MOST)
        for each in frames:
            if type(each) is tuple:
                super().receive(each[0])
            elif self.protocol.parser_exc is None and self.protocol.current_size is None:
                self.usual += 1
                self.heard.append((Opcode.TEXT, each, True))
            else:
                super().receive(frame(each))


def agree(data: bytes, pieces: Iterator[int]) -> Compiled:
    """Both read `data` alike, in whichever pieces it comes."""
    library, ours = Library(), Compiled()
    library.receive(data)
    while data:
        size = next(pieces, len(data))
        ours.receive(data[:size])
        data = data[size:]
    assert ours.heard == library.heard
    assert ours.refused == library.refused
    return ours


OTHER = {
    "ping": frame(b"", Opcode.PING),
    "pong": frame(b"x", Opcode.PONG),
    "in parts": frame(b"part", fin=False) + frame(b"s", Opcode.CONT),
    "binary": frame(b"\x00\x01", Opcode.BINARY),
    "not ASCII": frame("é".encode()),
}


def test_texts_one_behind_the_other_are_read_together() -> None:
    texts = [b"", b"a", b"x" * 125, b"y" * 126, b"z" * MOST]
    assert compiled is not None
    assert compiled.frames(b"".join(map(frame, texts)), MOST) == (texts, b"")


def test_the_beginning_of_a_frame_is_left() -> None:
    whole = frame(b"hello")
    assert compiled is not None
    for size in range(len(whole)):
        assert compiled.frames(frame(b"a") + whole[:size], MOST) == ([b"a"], whole[:size])


@pytest.mark.parametrize("between", OTHER.values(), ids=OTHER)
def test_other_frames_are_left_to_the_library_in_their_turn(between: bytes) -> None:
    ours = agree(frame(b"before") + between + frame(b"after"), iter(()))
    assert ours.usual == 2


BROKEN = {
    "too long": frame(b"x" * (MOST + 1)),
    "not masked": Frame(Opcode.TEXT, b"plain").serialize(mask=False),
    "a reserved bit": b"\xc1" + frame(b"x")[1:],
    "a kind of nobody": b"\x83" + frame(b"x")[1:],
    "a part of nothing": frame(b"x", Opcode.CONT),
    "a message in another": frame(b"part", fin=False) + frame(b"whole"),
    "longer than anything": b"\x81\xff" + b"\xff" * 8,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_refused_as_the_library_refuses_it(broken: bytes) -> None:
    ours = agree(frame(b"before") + broken, iter(()))
    assert ours.usual == 1
    assert ours.refused != "None"


_FRAMES = st.one_of(
    st.binary(max_size=MOST + 5).map(frame),
    st.text("abc", max_size=150).map(lambda text: frame(text.encode())),
    st.sampled_from(list(OTHER.values())),
    st.binary(max_size=12),
)


@given(st.lists(_FRAMES, max_size=8).map(b"".join), st.lists(st.integers(1, 400), max_size=20))
def test_whatever_comes_in_whichever_pieces_is_read_alike(data: bytes, pieces: list[int]) -> None:
    agree(data, iter(pieces))
