"""Many instruments at once: what each costs in CPU and memory.

    python benchmarks/instruments.py [--counts 10 100 1000] [--rate 2000] [--seconds 5] [--rounds 3]

A feeder process sends trades and depth updates of so many instruments, always at the same total rate, to a process
that runs the real BinanceWsManager with the trades and the book of every one of them; each book starts from the
snapshot that the connector asks for. The floor is the library's receive loop with a typed decode, which keeps
nothing. Memory is the receiving process's resident set after the run, Python and all libraries included. Rounds are
interleaved, figures are medians.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "feed"))
from processes import Child, check_books, machine


def one_run(kind: str, count: int, rate: int, seconds: float) -> dict[str, float]:
    feeder = Child("feeder.py", count)
    start = time.monotonic()
    receiver = Child("receiver.py", kind, feeder.first["rest"], feeder.first["ws"], count)
    opened = time.monotonic() - start
    # Once through every stream before it counts.
    feeder.ask(pump=max(1.0, 3 * count / rate), rate=rate)
    receiver.ask(begin=True)
    pumped = feeder.ask(pump=seconds, rate=rate)
    sent = sum(pumped["sent"].values())
    got = receiver.ask(end=sent)
    if kind == "barfinex":
        check_books(feeder, receiver)
    receiver.end()
    feeder.end()
    if got["losses"] or got["trades"] + got["depths"] != sent:
        raise SystemExit(
            f"{count} instruments: {got['trades'] + got['depths']} of {sent}, told of {got['losses']}"
        )
    cpu = 100 * got["cpu"] / pumped["seconds"]
    return {
        "cpu": cpu,
        "us": 1e6 * got["cpu"] / sent,
        "mb": got["mb"],
        "bare": receiver.first["bare_mb"],
        "opened": opened,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", type=int, nargs="+", default=[10, 100, 1_000])
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        f"{machine()}; {options.rounds} rounds of {options.seconds:g} s at {options.rate:,} messages a second\n"
    )
    print(
        "| instruments | receiver | CPU % | CPU us/msg | ratio | memory MB | ratio | KB each | s to all books |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for count in options.counts:
        runs: dict[str, list[dict[str, float]]] = {"floor": [], "barfinex": []}
        for _ in range(options.rounds):
            for kind, taken in runs.items():
                taken.append(one_run(kind, count, options.rate, options.seconds))
        floor, ours = (
            {key: statistics.median(run[key] for run in taken) for key in taken[0]} for taken in runs.values()
        )
        for kind, figures in (("floor", floor), ("barfinex", ours)):
            each = 1024 * (figures["mb"] - floor["mb"]) / count
            extra = f"{each:.0f} | {figures['opened']:.1f}" if kind == "barfinex" else "- | -"
            print(
                f"| {count:,} | {kind} | {figures['cpu']:.1f} | {figures['us']:.1f} "
                f"| {figures['us'] / floor['us']:.2f} "
                f"| {figures['mb']:.0f} | {figures['mb'] / floor['mb']:.2f} "
                f"| {extra} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
