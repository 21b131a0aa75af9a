"""The named addresses of an environment."""

from collections.abc import Mapping

from connectors.contracts.errors import UsageError


def endpoint(endpoints: Mapping[str, str], name: str) -> str:
    """Raises `UsageError` where the environment has none of that name."""
    url = endpoints.get(name)
    if not url:
        raise UsageError(f"this environment of Binance names no address for '{name}'")
    return url
