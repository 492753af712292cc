"""Medians, ratios and slopes of the runs that are kept."""

import statistics
from collections.abc import Mapping
from typing import Any


def slopes(points: Mapping[str, Any]) -> dict[str, float]:
    """Return what one more pipeline and one more resource cost, by least squares over all counts."""
    counts = [int(count) for count in points]
    resources = [point["resources"] for point in points.values()]
    wall = [median(point, "wall_seconds") * 1000 for point in points.values()]
    cpu = [median(point, "cpu_seconds") * 1000 for point in points.values()]
    kilobytes = [megabytes(point) * 1024 for point in points.values()]
    return {
        "wall_ms_per_pipeline": statistics.linear_regression(counts, wall).slope,
        "wall_ms_per_resource": statistics.linear_regression(resources, wall).slope,
        "cpu_ms_per_resource": statistics.linear_regression(resources, cpu).slope,
        "kilobytes_per_resource": statistics.linear_regression(resources, kilobytes).slope,
    }


def median(runs: Mapping[str, Any], quantity: str) -> float:
    """Return the median of one quantity of the runs."""
    return statistics.median(runs[quantity])


def megabytes(runs: Mapping[str, Any]) -> float:
    """Return the median of the memory of Python and Node together."""
    return statistics.median(map(sum, zip(runs["python_megabytes"], runs["node_megabytes"], strict=True)))


def ratio(runs: Mapping[str, Any], others: Mapping[str, Any], quantity: str) -> float:
    """Return the ratio of both medians of one quantity."""
    return median(runs, quantity) / median(others, quantity)
