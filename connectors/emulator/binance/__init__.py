"""Binance spot's protocol over the common market.

Sources: the venue's rest-api.md, web-socket-streams.md, web-socket-api.md, user-data-stream.md, errors.md and
filters.md, as of July 2026.
"""
