"""Project folders on disk: a connector package as its author has it, not installed."""

from pathlib import Path

from tests.catalog.packages import manifest

CONNECTOR = """
from connectors.contracts.errors import UnsupportedMarket


def create_connector(context):
    raise UnsupportedMarket("acme", context.market_type, ["none"])
"""


def project(
    folder: Path,
    *,
    source: str = "src",
    package: str = "barfinex_acme",
    manifest_text: str | None = None,
    extra: str = "",
    connectors: str = 'acme = "barfinex_acme.connector:create_connector"',
) -> Path:
    """A folder with a pyproject.toml; the package lies in `source`."""
    root = folder / source / package
    (root / "recordings").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "connector.py").write_text(CONNECTOR)
    (root / "recordings" / "spot.jsonl").write_text("{}\n")
    (root / "recordings" / "spot.2.jsonl").write_text("{}\n")
    (root / "manifest.toml").write_text(manifest() if manifest_text is None else manifest_text)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "barfinex-exchange-acme"\n\n[project.entry-points."barfinex.connectors"]\n{connectors}\n'
        f'\n[project.entry-points."barfinex.emulators"]\nacme = "barfinex_acme.emulator"\n\n{extra}'
    )
    return folder
