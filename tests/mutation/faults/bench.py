"""Faults of the benchmark: what would put wrong figures into the documents."""

from tests.mutation.fault import Area, Fault

BENCH = Area(
    "bench",
    ("tests/bench/test_bench.py",),
    (
        Fault(
            "bench-children-uncounted",
            "tests.bench.usage:cpu_seconds",
            "for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)",
            "for who in (resource.RUSAGE_SELF,)",
            "Tests that run Terraform would seem to use no CPU.",
        ),
        Fault(
            "bench-missed-aim-unmarked",
            "tests.bench.aims:Aim.row",
            "shown if KEPT[word](seen, limit) else",
            "shown if seen <= limit else",
            "A peer that is faster than it may be would pass for an aim that is reached.",
        ),
    ),
    is_slow=True,
)
