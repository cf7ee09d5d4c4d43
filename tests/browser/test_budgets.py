"""What the page may weigh."""

from pathlib import Path

from coinport.gateway import page_files

ASSETS = Path(page_files.__file__).with_name("page") / "assets"
SCRIPT_BYTES_MAX = 250_000


def test_all_script_of_the_page_compressed_is_within_its_budget() -> None:
    sizes = {path.name: path.stat().st_size for path in ASSETS.glob("*.js.gz")}
    assert sizes, "the page is not built: make setup"
    assert sum(sizes.values()) <= SCRIPT_BYTES_MAX, sizes
