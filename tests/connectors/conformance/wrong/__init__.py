"""Connectors with one defect each, and the case that has to catch it.

`WRONG` in `registry` lists them all. Most vary the connector of Binance: what is not said to be wrong is right.
"""
