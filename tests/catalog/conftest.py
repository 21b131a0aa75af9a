from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from tests.catalog.packages import write_metadata


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python searches first, where packages can be laid; the project itself is installed in it."""
    folder = tmp_path / "site"
    write_metadata(folder, "barfinex", {}, version="0.0.1")
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """The catalog as a plain installation has it."""
    folder = tmp_path_factory.mktemp("site")
    write_metadata(folder, "barfinex", {}, version="0.0.1")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield Catalog.load()
