"""The stand-alone verifier, run as its users run it, but in this process: it is run thousands of
times."""

import sys
from pathlib import Path
from unittest.mock import patch

VERIFIER = Path(__file__).parents[2] / "verify" / "coinport_verify.py"
_CODE = compile(VERIFIER.read_text(), str(VERIFIER), "exec")


def complaint(*paths: Path, options: tuple[str, ...] = ()) -> str | None:
    """What it finds wrong; None where it finds nothing."""
    with patch.object(sys, "argv", [str(VERIFIER), *options, *map(str, paths)]):
        try:
            exec(_CODE, {"__name__": "__main__"})
        except SystemExit as end:
            assert isinstance(end.code, str), "one that says what is wrong"
            return end.code
    return None
