"""The catalog lists what is in the directory, and finds nothing else."""

import hashlib
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from coinport.reserves.catalog import Catalog
from coinport.reserves.layout import Kind, published_in
from coinport.reserves.publishing import publish_snapshot
from tests.reserves.exchange import CNY, NOW, snapshot, snapshot_order, transfers


def ids(catalog: Catalog, limit: int, below: int | None = None) -> tuple[list[int], bool]:
    files, more = catalog.newest("BTC", Kind.SNAPSHOT, limit, below)
    return [file.id for file in files], more


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for id in (1, 2, 9, 10, 11):  # as text, 10 comes before 2
        snapshot(tmp_path, id, amounts={})
    transfers(tmp_path, 12, (0, 1), [])
    transfers(tmp_path, 3, (0, 1), [], currency=CNY)
    return tmp_path


def test_it_lists_the_newest_first_page_by_page(data: Path) -> None:
    catalog = Catalog(data)
    assert ids(catalog, 2) == ([11, 10], True)
    assert ids(catalog, 2, below=10) == ([9, 2], True)
    assert ids(catalog, 2, below=2) == ([1], False)
    assert ids(catalog, 3, below=10) == ([9, 2, 1], False)
    assert ids(catalog, 5) == ([11, 10, 9, 2, 1], False)
    assert ids(catalog, 5, below=1) == ([], False)
    assert catalog.newest("ZET", Kind.SNAPSHOT, 5) == ([], False)


def test_it_knows_time_size_and_digest(data: Path) -> None:
    catalog = Catalog(data)
    (file,), _ = catalog.newest("CNY", Kind.TRANSFER, 1)
    content = catalog.path(file).read_bytes()
    assert (file.name, file.timestamp, file.size_bytes) == ("transfer-3.json", NOW, len(content))
    assert catalog.digest(file) == catalog.digest(file) == hashlib.sha256(content).hexdigest()


def test_a_round_has_one_id_above_all_that_there_are(data: Path) -> None:
    assert Catalog(data).next_id() == 13
    assert Catalog(data / "elsewhere").next_id() == 1


def test_what_is_added_shows_at_once_and_after_a_restart(data: Path) -> None:
    catalog = Catalog(data)
    file = publish_snapshot(data, snapshot_order(20))
    assert ids(catalog, 1) == ([11], True)
    catalog.add(file)
    catalog.add(file)
    assert ids(catalog, 2) == ids(Catalog(data), 2) == ([20, 11], True)


def test_a_file_is_found_by_its_name(data: Path) -> None:
    catalog = Catalog(data)
    file = catalog.find("BTC", "snapshot-9.json")
    assert file is not None
    assert catalog.path(file) == published_in(data) / "BTC" / "snapshot-9.json"
    assert catalog.find("BTC", "transfer-12.json") is not None


@pytest.mark.parametrize(
    ("currency", "name"),
    [
        ("BTC", "snapshot-3.json"),
        ("BTC", "snapshot-09.json"),
        ("BTC", "snapshot-9.json.1.new"),
        ("BTC", "transfer-9.json"),
        ("CNY", "snapshot-9.json"),
        ("BTC", "../BTC/snapshot-9.json"),
        ("../published/BTC", "snapshot-9.json"),
        ("BTC", "../../publishing.key"),
        ("BTC", ""),
        ("", "snapshot-9.json"),
    ],
)
def test_nothing_else_is_found(data: Path, currency: str, name: str) -> None:
    assert Catalog(data).find(currency, name) is None


def test_what_is_no_published_file_is_passed_over_and_told(data: Path) -> None:
    (published_in(data) / "BTC" / "snapshot-30.json").write_text("{}")
    (published_in(data) / "BTC" / "notes.json").write_text("{}")
    with capture_logs() as logs:
        assert ids(Catalog(data), 1) == ([11], True)
    assert sorted(Path(line["path"]).name for line in logs) == ["notes.json", "snapshot-30.json"]
