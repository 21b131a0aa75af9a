"""A local exchange: one matching engine and a seeded market, spoken to in a venue's own protocol.

    python -m connectors.emulator binance --port 9100 --seed 7 --json

prints its URLs (`rest`, `ws`, `ws_api`: one loopback port) and serves until interrupted. The market moves by itself;
orders match against it. The same seed and first moment give the same market.

Keys that work on it, and on nothing else (`accounts`): `emulator-key` / `emulator-secret` may read and trade,
`emulator-readonly-key` / `emulator-readonly-secret` only read, `emulator-withdraw-key` / `emulator-withdraw-secret`
may also withdraw. All three open the same funded account.

It misbehaves on request (`faults`), by `--fault 'drop:target=*@depth*,probability=0.01'`, by `POST /_emulator/faults`
while it runs, or by `Emulator.inject`; `GET /_emulator/state` tells the truth to compare with. Its port is for programs
on this machine (`gate`): no page in a browser gets an answer, and those paths want the token that `--json` prints.

How it is laid out: `engine` matches, `market` simulates, `history` makes candles, `server` serves; a folder a venue
(`binance`) is that venue's dialect. `local` finds or starts an emulator, `testing` runs one inside a test.
"""
