"""Decimal text: how a whole number of smallest units is written for people, exactly."""


def decimal_text(units: int, decimals: int) -> str:
    """`units` of 10**-decimals, not negative: decimal_text(1500, 3) is `1.5`, without an exponent
    or a needless zero."""
    assert units >= 0
    digits = str(units).zfill(decimals + 1)
    if not decimals:
        return digits
    return f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".")
