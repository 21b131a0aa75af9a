"""How a session behaves. The defaults are the product's; tests shorten them. Times are in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    open_timeout: float = 10.0
    subscribe_timeout: float = 15.0
    """From the call to the acknowledgement, connecting included."""
    ack_timeout: float = 5.0
    """From the sent request to the venue's answer."""
    close_timeout: float = 1.0
    ping_interval: float = 5.0
    ping_timeout: float = 5.0
    watch_interval: float = 0.5
    """How often silence is looked for."""
    idle_timeout: float = 10.0
    """A connection nobody wants anything from is closed after this long."""
    backoff_base: float = 0.5
    backoff_cap: float = 30.0
    rotation_share: float = 0.95
    """At most this share of the venue's connection lifetime is used; up to a tenth less, by chance."""
    overlap: float = 5.0
    """How long a rotation keeps both connections to hand over every channel."""
    ban: float = 120.0
    """Wait after an HTTP 418 that names no time."""
    too_many: float = 16.0
    """Wait after an HTTP 429 that names no time."""
    bad_frames_resubscribe: int = 5
    """So many bad frames in a row on a channel subscribe it anew."""
    bad_frames_disable: int = 50
    """So many in a row give the channel up; so many in a row over all channels, the session."""
    max_frame: int = 8 * 1024 * 1024
    """Bytes."""
    max_unsent: int = 1024 * 1024
    """Bytes waiting for a peer that pings us but does not read."""
