"""Bitstamp's symbols in their normal form.

Streams and paths name a pair `btcusd` (`market_symbol`), tickers and candles name it `BTC/USD`; both are one symbol
here. `Instrument.venue_symbol` keeps the first, which is the way back.
"""

from connectors.toolkit import SymbolTable

SYMBOLS = SymbolTable()
