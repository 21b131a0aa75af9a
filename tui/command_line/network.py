"""What the configuration file says about the network, for a command."""

from connectors.network import settings
from tui import config
from tui.command_line.problems import say


def use_configured_network() -> None:
    """Take it over. What is wrong with it is told, for it may be why nothing is reached; the rest is the app's."""
    path = config.config_path()
    loaded = config.load(path)
    settings.use(loaded.settings.network)
    for problem in loaded.problems:
        if problem.startswith(f"{path.name}: network:") or problem.endswith("; defaults are used"):
            say(problem)
