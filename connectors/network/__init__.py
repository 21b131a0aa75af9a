"""The way out of this machine, one for REST and streams: proxies, who is trusted, what went wrong."""
