"""The markets of a target, with what is loaded of it."""

from catalog.model import MarketType
from connectors.conformance.subject import Subject, Target
from connectors.contracts.errors import BarfinexError
from connectors.emulator.dialect import VenueModule, load_module
from connectors.runtime.activation import IMPORT_TIMEOUT
from connectors.runtime.daemon_call import call_in_daemon_thread
from connectors.runtime.factory import ExchangeConnectorFactory


async def subjects_of(target: Target) -> dict[MarketType, Subject]:
    """One for each market; empty without a usable manifest. What is wrong with its emulator is told in them."""
    if target.entry is None:
        return {}
    factory = ExchangeConnectorFactory(target.catalog)
    venue, fault = await _venue(target)
    return {
        market: Subject(
            target=target,
            entry=target.entry,
            market_type=market,
            factory=factory,
            venue=venue,
            venue_fault=fault,
        )
        for market in target.entry.supported_markets
    }


async def _venue(target: Target) -> tuple[VenueModule | None, str | None]:
    module = target.emulator
    if module is None:
        return None, None
    try:
        # Off the loop: what a stranger's module does on import may take for ever.
        loaded = await call_in_daemon_thread(
            lambda: load_module(target.connector_type, module),
            timeout=IMPORT_TIMEOUT,
            name="conformance-emulator",
        )
    except BarfinexError as error:
        return None, str(error)
    except TimeoutError:
        return None, f"{module} took longer than {IMPORT_TIMEOUT:g} s to import"
    return loaded, None
