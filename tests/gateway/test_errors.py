"""The table of codes is complete, in both languages."""

import pytest

from coinport.gateway.errors import REFUSALS, STATUS, TEXTS, ApiError, Code, Language, Text, message
from coinport.model.reasons import Reason


def test_every_code_is_described_in_both_languages() -> None:
    assert set(TEXTS) == set(Code)
    assert list(Code) == list(range(1001, 1023))
    for text in TEXTS.values():
        assert text.en.isascii()
        assert not text.zh.isascii()


def test_every_reason_of_a_refusal_becomes_a_code() -> None:
    assert set(REFUSALS) == {reason for reason in Reason if reason >= 10}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (Code.RATE_LIMITED, 429),
        (Code.INTERNAL_ERROR, 500),
        (Code.UNKNOWN_PATH, 404),
        (Code.NOT_AUTHENTICATED, 200),
        (Code.BAD_PARAMETER, 200),
    ],
)
def test_a_code_has_its_http_status(code: Code, status: int) -> None:
    assert STATUS.get(code, 200) == ApiError(code).status == status


def test_a_message_names_the_subject_and_says_what_is_wrong_with_it() -> None:
    detail = Text("too long", "过长")
    assert message(Code.BAD_PARAMETER, Language.EN, "name", detail) == (
        "Incorrect or superfluous parameter: name (too long)"
    )
    assert message(Code.BAD_PARAMETER, Language.ZH, "name", detail) == (
        "不正确或多余的参数：name（过长）"
    )
    assert message(Code.NOT_AUTHENTICATED, Language.EN) == "Authentication failed"
