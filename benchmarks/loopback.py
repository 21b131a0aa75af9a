"""A live feed over loopback: what is lost, how late it comes, and what receiving it costs.

    python benchmarks/loopback.py [--rates 1000 5000 20000 50000] [--seconds 5] [--rounds 3] [--batched]

A feeder process sends trades and depth updates (five levels a side) of ten symbols, one message a write, or with
`--batched` a millisecond's worth a write. `barfinex` is the real BinanceWsManager in a process of its own: session,
symbols, duplicate and gap checks, verified books, a handler. The floor is the library's own receive loop with one
typed decode a message and nothing else. Rounds are interleaved; figures are medians over the rounds, the counts sums.
Latency is from the moment the feeder wrote a trade to its handler; CPU is the receiver's, in percent of one core. After
each run the books must equal the feeder's own.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "feed"))
from processes import Child, check_books, machine

SYMBOLS = 10


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def one_run(kind: str, rate: int, seconds: float, *, batched: bool) -> dict[str, float]:
    feeder = Child("feeder.py", SYMBOLS)
    receiver = Child("receiver.py", kind, feeder.first["rest"], feeder.first["ws"], SYMBOLS)
    feeder.ask(pump=0.5, rate=rate, batched=batched)
    receiver.ask(begin=True)
    pumped = feeder.ask(pump=seconds, rate=rate, batched=batched)
    sent = sum(pumped["sent"].values())
    got = receiver.ask(end=sent)
    if kind == "barfinex":
        check_books(feeder, receiver)
    receiver.end()
    feeder.end()
    if got["losses"]:
        raise SystemExit(f"the receiver told of {got['losses']}")
    late = got["latencies"]
    return {
        "sent": sent,
        "lost": sent - got["trades"] - got["depths"],
        "rate": sent / pumped["seconds"],
        "cpu": 100 * got["cpu"] / pumped["seconds"],
        "us": 1e6 * got["cpu"] / sent,
        "p50": 1000 * percentile(late, 0.5),
        "p99": 1000 * percentile(late, 0.99),
        "max": 1000 * max(late),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", type=int, nargs="+", default=[1_000, 5_000, 20_000, 50_000])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batched", action="store_true")
    options = parser.parse_args()
    print(f"{machine()}; {options.rounds} rounds of {options.seconds:g} s\n")
    print(
        "| asked msg/s | receiver | sent msg/s | sent | lost | CPU % | CPU us/msg | ratio | p50 ms | p99 ms | max ms |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for rate in options.rates:
        runs: dict[str, list[dict[str, float]]] = {"floor": [], "barfinex": []}
        for _ in range(options.rounds):
            for kind, taken in runs.items():
                taken.append(one_run(kind, rate, options.seconds, batched=options.batched))
        ratio = statistics.median(
            ours["us"] / floor["us"] for ours, floor in zip(runs["barfinex"], runs["floor"], strict=True)
        )
        for kind, taken in runs.items():
            median = {key: statistics.median(run[key] for run in taken) for key in taken[0]}
            print(
                f"| {rate:,} | {kind} | {median['rate']:,.0f} | {sum(run['sent'] for run in taken):,.0f} "
                f"| {sum(run['lost'] for run in taken):,.0f} | {median['cpu']:.0f} | {median['us']:.1f} "
                f"| {ratio if kind == 'barfinex' else 1:.2f} | {median['p50']:.2f} | {median['p99']:.1f} "
                f"| {median['max']:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
