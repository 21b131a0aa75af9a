"""The cases of orders on a connector that takes them."""

from tests.connectors.conformance.ordering import trading
from tests.connectors.conformance.subjects import binance_subject, claimed, live_cases, outcomes


async def test_a_trading_connector_passes():
    subject = binance_subject(make=trading(), order_execution=True)
    cases = [case for number, case in live_cases().items() if number[0] == "O" or number == "M24"]
    assert all(claimed(subject, case) for case in cases)
    found = await outcomes(cases, subject)
    assert {number: error for number, error in found.items() if error is not None} == {}
