"""How fast Tallyman is, against the usual ways of building the same thing.

`python -m benchmarks` measures every figure in one run, prints the table of the README, writes
`results.json` beside this file, and ends with 1 where a bar is not met. `peers` holds the other
sides, one file each; each plays the same notifications against the same Valkey, which is on disk
before it answers (`appendonly yes`, `appendfsync always`).
"""
