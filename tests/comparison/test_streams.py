"""Two engines, one stream of every kind of command: the same records and the same state.

COINPORT_STREAM=1000000 compares that many commands instead (`make compare`).
"""

import hashlib
import os
from collections import Counter

import pytest

from coinport.app.bench.everything import everything
from coinport.engine.packed import pack, unpack
from coinport.engine.rulebook import Rulebook
from coinport.model import commands
from coinport.model.records import decode_record
from tests.engines import ENGINES, NewEngine

COMMANDS = int(os.environ.get("COINPORT_STREAM", "60000"))
RESTORED_EVERY = 50
others = pytest.mark.parametrize("new_engine", ENGINES[1:], ids=lambda new: new().name)


@others
@pytest.mark.timeout(60 + COMMANDS // 300)
def test_two_engines_decide_every_command_alike(new_engine: NewEngine) -> None:
    """Also where one goes on from the snapshot of the other, or has only replayed the records."""
    rulebook, other, replayed = Rulebook(), new_engine(), new_engine()
    kinds: Counter[str] = Counter()
    for number, (time, batch, records) in enumerate(everything(rulebook)):
        decided = unpack(other.execute_packed(time, pack(batch)))
        if decided != records:
            wrong = next(pair for pair in zip(records, decided, strict=True) if len(set(pair)) > 1)
            pytest.fail("\n".join(str(decode_record(record)) for record in wrong))
        replayed.replay_packed(pack(records))
        kinds.update(type(decode_record(record).command).__name__ for record in records)
        if rulebook.sequence >= COMMANDS:
            break
        if number % RESTORED_EVERY == 0:
            snapshot = rulebook.snapshot()
            assert digest(other.snapshot()) == digest(replayed.snapshot()) == digest(snapshot)
            other = new_engine()
            other.restore(snapshot)
    assert digest(other.snapshot()) == digest(replayed.snapshot()) == digest(rulebook.snapshot())
    restored = Rulebook()
    restored.restore(other.snapshot())
    assert restored.snapshot() == other.snapshot()
    assert set(kinds) == {each.__name__ for each in commands.Command.__args__}


def digest(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()
