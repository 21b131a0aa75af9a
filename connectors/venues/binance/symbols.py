"""Binance's symbols in their normal form, as its frames name them."""

from connectors.streaming.symbols import SymbolTable

SYMBOLS = SymbolTable()
