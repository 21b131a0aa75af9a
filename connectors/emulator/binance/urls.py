"""Where the emulated venue is reached."""

WS_API = "/ws-api/v3"
USD_M = "/usdm"
"""Stands for the futures' own hosts: what the venue serves there lies under it."""


def endpoints(authority: str) -> dict[str, str]:
    """The base URLs by name, as a client is configured with them; those of one market alone bear its name.

    `authority` is `host:port`.
    """
    return {
        "rest": f"http://{authority}",
        "ws": f"ws://{authority}",
        "ws_api": f"ws://{authority}{WS_API}",
        "futures_rest": f"http://{authority}{USD_M}",
        "futures_ws": f"ws://{authority}{USD_M}",
        "futures_sapi": f"http://{authority}",
    }
