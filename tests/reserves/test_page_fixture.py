"""The proof that the page's unit tests check in the browser's way is one that holds here too."""

from pathlib import Path

from msgspec import json

from coinport.reserves.proof import Proof, verify_proof

FIXTURE = Path(__file__).parents[2] / "web/src/public/proof.fixture.json"


def test_the_fixture_of_the_page_is_a_proof_that_holds() -> None:
    verify_proof(json.decode(FIXTURE.read_bytes(), type=Proof))
