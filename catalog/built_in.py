"""What the program itself brings, by connector type. No entry points: anybody's metadata can claim those."""

CONNECTORS = {"binance": "connectors.venues.binance:create_connector"}
"""The function that makes a connector's bundle."""

EMULATORS = {"binance": "connectors.emulator.binance"}
"""The module that serves a local venue."""
