"""What was aimed at: each aim with its limit, and with what was seen."""

import math
import operator
import statistics
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.bench import apply, commands, growth, suite, synthesis
from tests.bench.quantities import median, megabytes, ratio, slopes

Figures = Mapping[str, Any]
Seen = Callable[[Figures], float]
MOST, LEAST = "at most", "at least"
KEPT: Mapping[str, Callable[[float, float], bool]] = {MOST: operator.le, LEAST: operator.ge}


class Aim(NamedTuple):
    """One number, and the limit that it is to keep."""

    of: str
    limit: tuple[str, float]
    part: str
    """The part of the benchmark that measures it."""
    seen: Seen
    """Return the number, of that part's figures."""

    def row(self, figures: Figures) -> tuple[str, str, str]:
        """Return the aim, its limit, and what was seen."""
        word, limit = self.limit
        seen = self.seen(figures)
        shown = f"{seen:,.{2 if limit < 3 else 0 if limit > 20 else 1}f}"
        return self.of, f"{word} {limit:,}", shown if KEPT[word](seen, limit) else f"{shown}: **not reached**"


def rows(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return each aim whose part was measured."""
    return [aim.row(found[aim.part]["figures"]) for aim in AIMS if aim.part in found]


def _seconds(name: str, other: str) -> Seen:
    return lambda figures: ratio(figures["warm"][name], figures["warm"][other], "wall_seconds")


def _memory(name: str) -> Seen:
    return lambda figures: megabytes(figures["warm"][name]) / megabytes(figures["warm"][synthesis.OURS])


def _resource(name: str) -> Seen:
    return lambda figures: (
        slopes(figures[growth.OURS])["wall_ms_per_resource"] / slopes(figures[name])["wall_ms_per_resource"]
    )


def _target(name: str) -> Seen:
    """Return the seconds of a target; one that fails, however soon, reaches no aim."""

    def seen(figures: Figures) -> float:
        took = figures["targets"][name]
        return math.inf if took["status"] else took["wall_seconds"]

    return seen


def _first(figures: Figures) -> float:
    return median(figures["cold"][synthesis.OURS], "wall_seconds")


def _most_seconds(figures: Figures) -> float:
    return median(figures[growth.OURS]["1000"], "wall_seconds")


def _most_megabytes(figures: Figures) -> float:
    return megabytes(figures[growth.OURS]["1000"])


def _applied(figures: Figures) -> float:
    return ratio(figures[apply.OURS][apply.CREATE], figures[apply.APART][apply.CREATE], "wall_seconds")


def _beside_terraform(figures: Figures) -> float:
    return statistics.median(each["app"] + each["rest"] for each in figures[commands.PLAN]["at_work"])


AIMS = (
    Aim("our seconds for dev / the floor's", (MOST, 1.15), "synthesis", _seconds(synthesis.OURS, synthesis.FLOOR)),
    Aim("for all three / the floor's", (MOST, 1.15), "synthesis", _seconds(synthesis.OURS_ALL, synthesis.FLOOR)),
    Aim("AWS CDK's seconds for dev / ours", (LEAST, 4), "synthesis", _seconds(synthesis.CDK, synthesis.OURS)),
    Aim("CDK Terrain's", (LEAST, 4), "synthesis", _seconds(synthesis.CDKTN, synthesis.OURS)),
    Aim("the stock import's", (LEAST, 12), "synthesis", _seconds(synthesis.STOCK, synthesis.OURS)),
    Aim("AWS CDK's memory for dev / ours", (LEAST, 4), "synthesis", _memory(synthesis.CDK)),
    Aim("CDK Terrain's", (LEAST, 4), "synthesis", _memory(synthesis.CDKTN)),
    Aim("the stock import's", (LEAST, 4), "synthesis", _memory(synthesis.STOCK)),
    Aim("the first synthesis for dev, s", (MOST, 4), "synthesis", _first),
    Aim("our time for one more resource / AWS CDK's", (MOST, 0.4), "growth", _resource(growth.CDK)),
    Aim("/ CDK Terrain's", (MOST, 0.7), "growth", _resource(growth.CDKTN)),
    Aim("1,000 pipelines, s", (MOST, 15), "growth", _most_seconds),
    Aim("1,000 pipelines, MB", (MOST, 1000), "growth", _most_megabytes),
    Aim("our seconds of an apply / the module style's", (MOST, 0.6), "apply", _applied),
    Aim("`make plan` besides Terraform, s", (MOST, 1.5), "commands", _beside_terraform),
    Aim("`make check`, s", (MOST, 30), "suite", _target(suite.CHECK)),
    Aim("`make test`, s", (MOST, 480), "suite", _target(suite.TEST)),
)
