"""The loop of a peer process: it answers each line on stdin (a JSON command) with a line on stdout.

{"run": KIND, "repeat": N} -> {"cpu_ns": total, "frames": how many}
{"books": true}            -> {"BTCUSDT": [[bids], [asks]], ...}, the best 20 levels after all depth frames
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable
from typing import Protocol

from capture import Capture, load


class Peer(Protocol):
    async def run(self, frames: list[bytes]) -> None: ...

    async def close(self) -> None: ...

    def books(self) -> dict[str, list[list[list[float]]]]: ...


async def timed(make: Callable[[Capture], Peer], capture: Capture, kind: str, repeat: int) -> dict[str, int]:
    frames = capture.round_of(kind)
    total = 0
    for _ in range(repeat):
        peer = make(capture)
        gc.collect()
        start = time.process_time_ns()
        await peer.run(frames)
        total += time.process_time_ns() - start
        await peer.close()
    return {"cpu_ns": total, "frames": len(frames) * repeat}


async def final_books(
    make: Callable[[Capture], Peer], capture: Capture
) -> dict[str, list[list[list[float]]]]:
    peer = make(capture)
    await peer.run(capture.frames["depth"])
    await peer.close()
    return peer.books()


def serve(make: Callable[[Capture], Peer]) -> None:
    capture = load(sys.argv[1])
    make(capture)
    print(json.dumps({"ready": {kind: len(frames) for kind, frames in capture.frames.items()}}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if "run" in command:
            answer = asyncio.run(timed(make, capture, command["run"], command["repeat"]))
        else:
            answer = asyncio.run(final_books(make, capture))
        print(json.dumps(answer), flush=True)
