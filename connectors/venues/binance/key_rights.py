"""What an API key may do, as the venue's wallet service tells it: the same call for every market."""

from connectors.contracts.errors import BadResponse, VenueError
from connectors.rest.requests import RestRequest
from connectors.venues.binance import wire
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import FAULTS, decoder
from connectors.venues.binance.endpoints import KEY_RIGHTS

_restrictions = decoder(wire.ApiRestrictions)

_RIGHTS = {
    "enable_reading": "reading",
    "enable_spot_and_margin_trading": "spot and margin trading",
    "enable_margin": "margin loans",
    "enable_futures": "futures trading",
    "enable_withdrawals": "withdrawals",
    "enable_internal_transfer": "internal transfers",
    "permits_universal_transfer": "universal transfers",
}


async def key_rights(client: BinanceClientService) -> wire.ApiRestrictions | None:
    """The rights of the key in use; `None` where the environment has no such service or its answer says nothing.

    Raises the typed error of what may succeed later (a limit, a broken connection).
    """
    if client.wallet is None:
        return None
    try:
        # The wallet service has a request limit of its own, so wide that one call needs no count.
        return _restrictions(await client.wallet.call(RestRequest(path=KEY_RIGHTS.path, signed=True)))
    except VenueError as error:
        if error.retryable and not isinstance(error, BadResponse):
            raise
        return None
    except FAULTS:
        return None


def names_of(rights: wire.ApiRestrictions) -> tuple[str, ...]:
    """The rights in words."""
    return tuple(name for field, name in _RIGHTS.items() if getattr(rights, field))
