"""Where the emulated venue is reached."""

WS_API = "/ws-api/v3"


def endpoints(authority: str) -> dict[str, str]:
    """The base URLs by name, as a client is configured with them. `authority` is `host:port`."""
    return {
        "rest": f"http://{authority}",
        "ws": f"ws://{authority}",
        "ws_api": f"ws://{authority}{WS_API}",
    }
