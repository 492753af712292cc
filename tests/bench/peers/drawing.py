"""Draws what was measured: `drawing.py figures.json` leaves performance.png and performance.svg beside it."""

import json
import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

# The same figures give the same files: no date, no random ids, and text that stays text.
mpl.rcParams.update({"svg.hashsalt": "performance", "svg.fonttype": "none", "font.size": 10})
COLOURS = {
    "ours": "#0b6e4f",
    "stock import": "#8d99ae",
    "AWS CDK": "#d97706",
    "CDK Terrain": "#3b5ba5",
    "floor": "#444444",
}


def bars(axes: Any, warm: Mapping[str, Any]) -> None:
    """Draw the medians of the warm runs, fastest first, each with its fastest and slowest run."""
    medians = {name: statistics.median(runs["wall_seconds"]) for name, runs in warm.items()}
    names = sorted(medians, key=medians.get, reverse=True)
    axes.barh(names, [medians[name] for name in names], color=[COLOURS[name.split(",")[0]] for name in names])
    for place, name in enumerate(names):
        runs = warm[name]["wall_seconds"]
        axes.plot([min(runs), max(runs)], [place, place], color="black", linewidth=1)
        axes.text(max(runs) * 1.08, place, f"{medians[name]:.1f} s", va="center")
    axes.set_xscale("log")
    axes.set_xlim(0.3, max(max(runs["wall_seconds"]) for runs in warm.values()) * 2.2)
    axes.set_xlabel("seconds (median; line: fastest to slowest)")
    axes.set_title("One synthesis, warm")


def lines(axes: Any, growth: Mapping[str, Any], quantity: str, of: Callable[[Any], float]) -> None:
    """Draw one quantity of each program over the number of pipelines."""
    for name, points in growth.items():
        counts = sorted(map(int, points))
        values = [of(points[str(count)]) for count in counts]
        axes.plot(counts, values, marker="o", label=name, color=COLOURS[name])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("job pipelines in one app")
    axes.set_ylabel(quantity)
    axes.legend(frameon=False)


def main(file: Path) -> None:
    """Draw all parts that were measured."""
    found = json.loads(file.read_text())
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(16, 4.6), layout="constrained")
    bars(left, found["synthesis"]["figures"]["warm"])
    growth = found["growth"]["figures"]
    lines(middle, growth, "seconds", lambda point: statistics.median(point["wall_seconds"]))
    lines(
        right,
        growth,
        "megabytes, Python and Node",
        lambda point: statistics.median(map(sum, zip(point["python_megabytes"], point["node_megabytes"], strict=True))),
    )
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file.with_name("performance.png"), dpi=110, metadata={"Software": None})
    figure.savefig(file.with_name("performance.svg"), metadata={"Date": None})


main(Path(sys.argv[1]))
