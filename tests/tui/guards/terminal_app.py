"""The app as the terminal tests run it: `plain`, with a `hostile` catalog, or made to `crash` or to be `stuck`."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from textual.binding import Binding

from tests.tui.guards.hostile import hostile_catalog
from tests.tui.guards.payloads import PAYLOADS
from tests.tui.scripted import Stage
from tui.app import BarfinexApp

STUCK = b"\x1b]0;stuck\x07"
SECRET = "s3cret-CANARY-7f3a"


class CrashingApp(BarfinexApp):
    BINDINGS = [Binding("f9", "crash", "Crash")]  # noqa: RUF012

    def action_crash(self) -> None:
        password = SECRET
        headers = {"X-Api-Key": password}
        raise ValueError(f"the header was {headers}")


class StuckApp(BarfinexApp):
    BINDINGS = [Binding("f9", "hang", "Hang")]  # noqa: RUF012

    def action_hang(self) -> None:
        os.write(1, STUCK)
        time.sleep(3600)


def main(home: str, mode: str = "plain", argument: str = "") -> int:
    stage = Stage(home=Path(home))
    if mode == "hostile":
        stage = Stage(home=Path(home), catalog=hostile_catalog("Binance" + PAYLOADS[argument]))
    kinds: dict[str, type[BarfinexApp]] = {"crash": CrashingApp, "stuck": StuckApp}
    kind = kinds.get(mode, BarfinexApp)
    options: dict[str, Any] = {"config_file": stage.config_file, "state_folder": stage.home / "state"}
    app = kind(load=stage.load, **options)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
