"""The two signature schemes and the `Authorization` header, against the published vectors."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from coinport.gateway.signatures import (
    AUTHORIZATION_LENGTH_MAX,
    Basic,
    RepeatedParameter,
    Token,
    hmac_signs,
    md5_signs_body,
    md5_signs_query,
    read_authorization,
)

VECTORS = json.loads((Path(__file__).parent / "signature_vectors.json").read_text())
SECRET = VECTORS["secret"].encode()
THREE, POSTED, NOTHING, ORDERS = VECTORS["cases"]
SUFFIX = f"&secret={VECTORS['secret']}"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def signed_part(case: dict[str, str]) -> str:
    return case["signed"].removesuffix(SUFFIX)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["what"])
def test_the_published_digests_are_those_of_the_published_texts(case: dict[str, str]) -> None:
    assert md5(case["signed"]) == case["md5"]


@pytest.mark.parametrize("case", [THREE, NOTHING, ORDERS], ids=lambda case: case["what"])
def test_a_get_signed_as_published_is_accepted(case: dict[str, str]) -> None:
    assert md5_signs_query(SECRET, signed_part(case).encode(), case["md5"])


@pytest.mark.parametrize("case", [POSTED, NOTHING], ids=lambda case: case["what"])
def test_a_post_signed_as_published_is_accepted(case: dict[str, str]) -> None:
    assert md5_signs_body(SECRET, signed_part(case).encode(), case["md5"])


def test_the_digests_printed_without_the_secret_are_refused() -> None:
    forged = THREE["printed_in_the_text_without_the_secret"]
    assert forged == md5(signed_part(THREE))
    assert not md5_signs_query(SECRET, signed_part(THREE).encode(), forged)
    assert not md5_signs_body(
        SECRET, signed_part(POSTED).encode(), POSTED["printed_in_the_text_without_the_secret"]
    )


def test_parameters_are_sorted_by_name_before_they_are_signed() -> None:
    query = b"param_c=value1&param_b=value2&param_a=value3"
    assert md5_signs_query(SECRET, query, THREE["md5"])


@pytest.mark.parametrize(
    "signed",
    ["a=x+y&ids=1,2", "a=x%2By&ids=1%2C2", "ids=1%2C2&a=x%2By"],
    ids=["decoded and sorted", "encoded and sorted", "just as sent"],
)
def test_a_signature_over_the_decoded_or_the_raw_query_is_accepted(signed: str) -> None:
    assert md5_signs_query(SECRET, b"ids=1%2C2&a=x%2By", md5(signed + SUFFIX))


def test_a_plus_sign_in_a_query_is_a_blank() -> None:
    assert md5_signs_query(SECRET, b"a=x+y", md5(f"a=x y{SUFFIX}"))


def test_names_beyond_ascii_are_signed_as_utf8() -> None:
    query = urlencode({"a": "币丰港"}).encode()
    assert md5_signs_query(SECRET, query, md5(f"a=币丰港{SUFFIX}"))


@pytest.mark.parametrize("query", [b"a=1&a=1", b"a=1&b=2&%61=3", b"a&a"])
def test_a_repeated_parameter_is_named_and_refused(query: bytes) -> None:
    with pytest.raises(RepeatedParameter) as caught:
        md5_signs_query(SECRET, query, md5(""))
    assert caught.value.name == "a"


def test_one_value_cannot_be_made_to_read_like_two_signed_parameters() -> None:
    signature = md5(f"ids=1&limit=2{SUFFIX}")
    assert md5_signs_query(SECRET, b"ids=1&limit=2", signature)
    assert not md5_signs_query(SECRET, b"ids=1%26limit%3D2", signature)


def test_a_value_cannot_bring_its_own_secret() -> None:
    signature = md5("a=1&secret=known")
    assert not md5_signs_query(SECRET, b"a=1&secret=known", signature)
    assert not md5_signs_query(SECRET, b"a=1%26secret%3Dknown", signature)


def test_every_changed_byte_of_a_body_spoils_its_signature() -> None:
    body = b'{"orders":[]}'
    signature = md5(body.decode() + SUFFIX)
    assert md5_signs_body(SECRET, body, signature)
    for at in range(len(body)):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert not md5_signs_body(SECRET, changed, signature)


@pytest.mark.parametrize("signature", ["", "0" * 32, "签名", NOTHING["md5"].upper()])
def test_what_is_no_lower_case_digest_of_the_rule_is_no_signature(signature: str) -> None:
    assert not md5_signs_body(SECRET, b"", signature)


def test_an_hmac_binds_time_method_target_and_body() -> None:
    parts = {
        "timestamp": b"1421560886000",
        "method": b"POST",
        "target": b"/api/v2/user/submit_orders",
        "body": b"{}",
    }
    message = b"1421560886000\nPOST\n/api/v2/user/submit_orders\n{}"
    signature = hmac.new(SECRET, message, hashlib.sha256).hexdigest()
    assert hmac_signs(SECRET, signature=signature, **parts)
    assert not hmac_signs(SECRET + b"0", signature=signature, **parts)
    assert not hmac_signs(SECRET, signature=signature.upper(), **parts)
    for name, value in parts.items():
        changed = {**parts, name: value + b"0"}
        assert not hmac_signs(SECRET, signature=signature, **changed)


def encoded(scheme: str, text: str) -> bytes:
    return f"{scheme} ".encode() + base64.b64encode(text.encode())


def test_the_published_base64_headers_are_read() -> None:
    (basic, basic64), (token, token64) = VECTORS["base64"]
    assert read_authorization(f"Basic {basic64}".encode()) == Basic(*basic.split(":"))
    assert read_authorization(f"Token {token64}".encode()) == Token(*token.split(":"))


def test_the_scheme_is_read_in_any_case_and_a_password_may_contain_colons() -> None:
    assert read_authorization(encoded("bAsIc", "a@b.c:p:w:币")) == Basic("a@b.c", "p:w:币")


@pytest.mark.parametrize(
    "header",
    [
        b"Basic",
        b"Basic ",
        b"Bearer YTpi",
        b"YTpi",
        b"Basic YTpi!",
        b"Basic YTp",
        b"Basic YT pi",
        b"Basic \xff\xff",
        b"Basic " + base64.b64encode(b"\xff:\xff"),
        encoded("Basic", "no colon"),
        encoded("Basic", ":password"),
        encoded("Basic", "user:"),
        encoded("Token", "token:"),
        encoded("Basic", "user:" + "p" * AUTHORIZATION_LENGTH_MAX),
    ],
)
def test_a_header_that_cannot_be_read_says_nothing(header: bytes) -> None:
    assert read_authorization(header) is None
