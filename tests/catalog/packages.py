"""Builds small real packages on disk: what an installer would leave behind, without an installer."""

import importlib
from pathlib import Path

MANIFEST = """\
connector_type = "{name}"
display_name = "{title}"
segment = "CRYPTO_OTHER"
supported_markets = ["spot"]
website = "https://example.com"
description = "A venue for tests."
maturity = "beta"

[features]
trade_streaming = true

[[credentials]]
key = "apiKey"
label = "API Key"
type = "text"
required = true

[[credentials]]
key = "apiSecret"
label = "API Secret"
type = "password"
required = true

[environments.live.urls.all]
rest = "https://api.example.com"
"""

EXPLODES = "raise RuntimeError('the package was imported')\n"
"""The code of every package made here: importing any of it is an error."""


def manifest(name: str = "acme", title: str = "Acme") -> str:
    return MANIFEST.format(name=name, title=title)


def write_package(folder: Path, package: str, manifest_text: str | None) -> None:
    root = folder / package
    root.mkdir(parents=True)
    (root / "__init__.py").write_text(EXPLODES)
    (root / "connector.py").write_text(EXPLODES)
    if manifest_text is not None:
        (root / "manifest.toml").write_text(manifest_text)


def write_metadata(
    site: Path,
    distribution: str,
    entry_points: dict[str, str],
    *,
    version: str = "1.2.3",
    record: tuple[str, ...] | None = None,
) -> Path:
    """The `.dist-info` folder. `record` lists the installed files; `None` leaves RECORD out."""
    info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    lines = "".join(f"{name} = {value}\n" for name, value in entry_points.items())
    (info / "entry_points.txt").write_text(f"[barfinex.connectors]\n{lines}")
    if record is not None:
        (info / "RECORD").write_text("".join(f"{path},,\n" for path in record))
    importlib.invalidate_caches()
    return info


def install(site: Path, name: str = "acme", *, manifest_text: str | None = None, package: str = "") -> None:
    """A package as a wheel leaves it: its files and metadata side by side."""
    package = package or f"barfinex_{name}"
    write_package(site, package, manifest_text if manifest_text is not None else manifest(name))
    record = tuple(f"{package}/{file}" for file in ("__init__.py", "connector.py", "manifest.toml"))
    write_metadata(site, f"barfinex-{name}", {name: f"{package}.connector:create_connector"}, record=record)
