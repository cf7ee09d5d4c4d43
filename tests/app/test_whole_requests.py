"""What is compiled reads requests exactly as the server's parser does, or leaves them to it."""

from typing import NamedTuple

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coinport.engine.compiled import compiled

pytestmark = pytest.mark.skipif(compiled is None, reason="nothing is compiled here")

ORDINARY = (
    b"POST /api/v2/user/submit_orders?x=1 HTTP/1.1\r\nHost: localhost:8000\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\nX-Coinport-Key: k\r\n"
    b"Connection: keep-alive\r\n\r\n{}"
)


class Read(NamedTuple):
    method: str
    path: bytes
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes


class Parsed:
    """By httptools; `whole` where `data` was exactly one request, and the connection stays open."""

    def __init__(self, data: bytes) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.begun = self.ended = 0
        self.parser = httptools.HttpRequestParser(self)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.ended = 0
        self.whole = self.begun == self.ended == 1 and self.stays

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ended += 1
        self.stays = self.parser.should_keep_alive() and not self.parser.should_upgrade()

    def read(self) -> Read:
        path, _, query = self.url.partition(b"?")
        method = self.parser.get_method().decode()
        return Read(method, path, query, dict(self.headers), self.body)


def read(data: bytes) -> Read | None:
    assert compiled is not None
    text = compiled.RequestTexts().read(data)
    return None if text is None else Read(*text)


def agrees(data: bytes) -> bool:
    """Whether it was read; then it is what the parser reads."""
    found = read(data)
    if found is not None:
        parsed = Parsed(data)
        assert parsed.whole
        assert parsed.read() == found
        assert parsed.parser.get_http_version() == "1.1"
        assert len(parsed.headers) == len(found.headers)
    return found is not None


@pytest.mark.parametrize(
    "data",
    [
        ORDINARY,
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /btc-cny/depth?limit=50 HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n",
        b"POST /logout HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n",
        b"GET /?a=b?c HTTP/1.1\r\nhost:x\r\ncookie: a=b; c=d\r\n\r\n",
    ],
)
def test_the_usual_is_read(data: bytes) -> None:
    assert agrees(data)


@pytest.mark.parametrize(
    "data",
    [
        ORDINARY[:-1],
        ORDINARY + b"\r\n",
        ORDINARY + ORDINARY,
        b"GET / HTTP/1.0\r\nhost: x\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\nhost: x\n\n",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\n y\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\ncontent-length: +2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\ncontent-length: 2, 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nhost: \xff\r\n\r\n",
        b"",
    ],
)
def test_the_unusual_is_left_to_the_parser(data: bytes) -> None:
    assert not agrees(data)


WORDS = [b"GET ", b"POST ", b"HTTP/1.1", b"HTTP/1.0", b"{}", b"0", b"2"]
MARKS = [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"?", b"#", b"/", b"\x00", b"\xff"]
LINES = [
    b"content-length: 2\r\n",
    b"content-length: 0\r\n",
    b"transfer-encoding: chunked\r\n",
    b"connection: close\r\n",
    b"connection: keep-alive\r\n",
    b"expect: 100-continue\r\n",
    b"Upgrade: h2c\r\n",
    b"x: y\r\n",
    b"X: z\r\n",
]
PIECES = st.sampled_from(WORDS + MARKS + LINES)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An ordinary request of which a few places were replaced, left out or added to."""
    data = ORDINARY
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data = (
            data[:at] + draw(PIECES | st.binary(max_size=3)) + data[at + draw(st.integers(0, 9)) :]
        )
    return data


@given(mutated())
@example(b"GET /\x7f HTTP/1.1\r\n\r\n")
def test_what_is_read_is_what_the_parser_reads(data: bytes) -> None:
    agrees(data)


@given(
    st.lists(
        st.sampled_from([b"GET /a?b ", b"POST /a ", b"HTTP/1.1\r\n", b"host: x\r\n", b"\r\n"])
        | PIECES,
        max_size=12,
    ).map(b"".join)
)
def test_what_is_put_together_from_pieces_is_read_as_the_parser_does(data: bytes) -> None:
    agrees(data)
