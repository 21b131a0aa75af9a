"""Decode + normalise + book, side by side: ours, cryptofeed, ccxt.pro and the floor of a typed decode alone.

    python benchmarks/decode/run.py CAPTURES [--rounds N] [--environments DIR]

CAPTURES is a folder with `binance-spot-2021.jsonl.gz` and `binance-futures-2021.jsonl.gz`. Each peer runs in a
process of its own, the foreign ones in virtual environments made once from the package index. Rounds are interleaved;
the figures are medians of CPU time a frame. The final books of all must agree.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KINDS = ("aggTrade", "depth", "kline", "bookTicker")
PEERS = {"floor": (), "barfinex": (), "cryptofeed": ("cryptofeed",), "ccxt": ("ccxt", "orjson")}
REPEAT = 3


def interpreter(name: str, folder: Path) -> Path:
    """The Python of a peer's own environment, made where it is missing; ours for our own."""
    packages = PEERS[name]
    if not packages:
        return Path(sys.executable)
    home = folder / name
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        print(f"making the environment of {name} in {home}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return python


def version(python: Path, name: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({PEERS[name][0]!r}))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


class PeerProcess:
    def __init__(self, name: str, python: Path, capture: Path) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [python, f"peer_{name}.py", capture],
            cwd=HERE,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.ready = self._answer()["ready"]

    def ask(self, **command: object) -> dict:
        print(json.dumps(command), file=self.process.stdin, flush=True)
        return self._answer()

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended before it answered")
        return json.loads(line)


def agree(books: dict[str, dict]) -> None:
    ours = books["barfinex"]
    for name, theirs in books.items():
        if theirs and theirs != ours:
            raise SystemExit(f"the books of {name} differ from ours: the figures would mean nothing")


def measure(market: str, capture: Path, pythons: dict[str, Path], rounds: int) -> None:
    peers = [PeerProcess(name, python, capture) for name, python in pythons.items()]
    agree({peer.name: peer.ask(books=True) for peer in peers})
    figures: dict[tuple[str, str], list[float]] = {}
    for round_number in range(rounds + 1):
        for kind in KINDS:
            for peer in peers:
                answer = peer.ask(run=kind, repeat=REPEAT)
                if round_number:  # the first warms up
                    figures.setdefault((peer.name, kind), []).append(
                        answer["cpu_ns"] / answer["frames"] / 1000
                    )
    counts = peers[0].ready
    for peer in peers:
        peer.end()
    medians = {key: statistics.median(values) for key, values in figures.items()}
    print(f"\n**Binance {market}**, µs of CPU a frame (in brackets: ours as a share of it)\n")
    print("| frame | frames | floor | barfinex | cryptofeed | ccxt.pro |\n|---|---:|---:|---:|---:|---:|")
    for kind in KINDS:
        print(row(kind, counts[kind], {name: medians[name, kind] for name in pythons}))
    total = {name: sum(medians[name, kind] * counts[kind] for kind in KINDS) for name in pythons}
    frames = sum(counts.values())
    print(row("all, as captured", frames, {name: value / frames for name, value in total.items()}))


def row(label: str, count: int, values: dict[str, float]) -> str:
    ours = values["barfinex"]
    cells = [f"{values['floor']:.2f} ({ours / values['floor']:.1f}x)", f"{ours:.2f}"]
    cells += [f"{values[name]:.2f} ({ours / values[name]:.2f})" for name in ("cryptofeed", "ccxt")]
    return f"| {label} | {count} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("captures", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--environments", type=Path, default=ROOT / ".peers")
    options = parser.parse_args()
    pythons = {name: interpreter(name, options.environments) for name in PEERS}
    versions = ", ".join(f"{name} {version(python, name)}" for name, python in pythons.items() if PEERS[name])
    print(f"Python {sys.version.split()[0]}, {versions}; {options.rounds} interleaved rounds")
    for market in ("spot", "futures"):
        measure(
            market, options.captures.resolve() / f"binance-{market}-2021.jsonl.gz", pythons, options.rounds
        )


if __name__ == "__main__":
    main()
