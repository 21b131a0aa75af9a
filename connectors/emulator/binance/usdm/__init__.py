"""Binance USD-M futures' protocol, beside spot on the same port: market data, account reads and streams, no orders.

Under `/usdm`, which stands for the futures' own hosts: REST below `/fapi`, streams below `/public`, `/market` and
`/private`; the retired stream addresses without those are answered and stay silent.
Sources: the venue's USD-M documentation and its notice on the split of the stream addresses, as of 2026.
"""
