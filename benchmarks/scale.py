"""How much is measured."""

import msgspec


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one run; those of slow sides are small, so that all rounds take about as long."""

    rounds: int
    worked_rounds: int
    accepted: int
    worked: int
    peer_worked: int
    slow_worked: int
    nothing: int
    peer_nothing: int
    backlog: int
    requests: int
    paced_seconds: int


FULL = Scale(
    rounds=5,
    worked_rounds=3,
    accepted=6_000,
    worked=3_000,
    peer_worked=300,
    slow_worked=40,
    nothing=8_000,
    peer_nothing=600,
    backlog=500_000,
    requests=3_000,
    paced_seconds=10,
)

QUICK = Scale(
    rounds=1,
    worked_rounds=1,
    accepted=3_000,
    worked=1_500,
    peer_worked=150,
    slow_worked=20,
    nothing=3_000,
    peer_nothing=200,
    backlog=20_000,
    requests=1_000,
    paced_seconds=3,
)
