"""What cannot be chosen, and that nothing is left where it is."""

from pathlib import Path

import pytest

from catalog.model import ExchangeSegment, MarketType
from connectors.scaffold import building
from connectors.scaffold.building import CannotWrite, build, check_place
from connectors.scaffold.choices import BadChoice, Feature, Keys, check_name
from tests.connectors.scaffold.made import choices


@pytest.mark.parametrize("name", ["acme", "a1", "my-venue", "my_venue", "x" * 40])
def test_good_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Acme",
        "1inch",
        "-a",
        "a-",
        "a--b",
        "a b",
        "a.b",
        "a/b",
        "../a",
        "café",
        "class",
        "match",
        "x" * 41,
        "a\n",
    ],
)
def test_bad_names(name: str) -> None:
    with pytest.raises(BadChoice):
        check_name(name)


def test_a_name_is_taken_in_either_spelling() -> None:
    with pytest.raises(BadChoice, match="'my_venue' already"):
        check_name("my-venue", {"my_venue"})


@pytest.mark.parametrize(
    "change",
    [
        {"features": frozenset({Feature.ORDERS, Feature.TRADES})},
        {
            "features": frozenset({Feature.ORDERS}),
            "keys": Keys.KEY_SECRET,
            "segment": ExchangeSegment.MARKET_DATA,
        },
        {"features": frozenset()},
        {"markets": ()},
        {"display_name": 'A "quoted" name'},
        {"display_name": "$type"},
        {"display_name": ""},
        {"display_name": "x" * 41},
        {"display_name": "\x1b[31mred"},
        {"display_name": "line\nbreak"},
        {"description": "too short"},
        {"description": "a description with `code` inside it"},
        {"website": "acme.example"},
        {"website": 'https://a.example/"'},
    ],
)
def test_what_does_not_go_together_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadChoice):
        choices(**change)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "barfinex-exchange-plain").mkdir()
    (tmp_path / "barfinex-exchange-plain" / "mine").touch()
    with pytest.raises(CannotWrite, match="there already"):
        build(choices(), tmp_path, "0.1.0")
    assert [file.name for file in tmp_path.rglob("*")] == ["barfinex-exchange-plain", "mine"]


def test_a_missing_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="no folder"):
        check_place(tmp_path / "nowhere", "barfinex-exchange-plain")


def test_an_error_of_the_system_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "record_local_venue", full)
    with pytest.raises(CannotWrite, match="No space left"):
        build(choices(), tmp_path, "0.1.0")
    assert not list(tmp_path.iterdir())


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "record_local_venue", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(choices(), tmp_path, "0.1.0")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(CannotWrite, match="Permission denied"):
        build(choices(), tmp_path, "0.1.0")


def test_the_package_is_named_for_python() -> None:
    assert choices("my-venue").package == "barfinex_exchange_my_venue"
    assert choices("my_venue").distribution == "barfinex-exchange-my-venue"
    assert choices(markets=(MarketType.MARGIN,)).markets == (MarketType.MARGIN,)
