"""The tables of docs/performance.md and docs/constructs.md, made of the figures, so that all say the same."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from tests.bench import apply, commands, feature, growth, lean, synthesis
from tests.bench.installed import BenchError

PERFORMANCE = PROJECT_ROOT / "docs" / "performance.md"
CONSTRUCTS = PROJECT_ROOT / "docs" / "constructs.md"
FIGURES = PROJECT_ROOT / "docs" / "performance" / "figures.json"
ORDER = (
    commands.PLAN,
    commands.BY_HAND,
    commands.WITHOUT_REFRESH,
    commands.SHOW,
    commands.CDKTF_SYNTH,
    commands.SYNTH,
)


def write_documents() -> None:
    """Put the tables between their marks in the documents. Raises BenchError when one has not each mark once."""
    for path, made in documents(json.loads(FIGURES.read_text())).items():
        path.write_text(filled(path, made))


def documents(found: Mapping[str, Any]) -> dict[Path, dict[str, str]]:
    """Return the Markdown of each document's tables, by document and by the table's name."""
    return {PERFORMANCE: tables(found), CONSTRUCTS: _made(found, {"feature": ("feature", _feature)})}


def filled(path: Path, made: Mapping[str, str]) -> str:
    """Return a document with each table between `<!-- name -->` and `<!-- end of name -->`. Raises BenchError."""
    document = path.read_text()
    for name, table in made.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        if (document.count(begin), document.count(end)) != (1, 1):
            message = f"{path.name}: needs one line {begin.strip()} and, after it, one {end}"
            raise BenchError(message)
        before, _, rest = document.partition(begin)
        document = f"{before}{begin}\n{table}\n\n{end}{rest.partition(end)[2]}"
    return document


def tables(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the Markdown of the tables of docs/performance.md whose part was measured, by the table's name."""
    makers = {
        "warm": ("synthesis", _warm),
        "cold": ("synthesis", _cold),
        "lean": ("lean", _lean),
        "growth": ("growth", _growth),
        "slopes": ("growth", _slopes),
        "commands": ("commands", _commands),
        "apply": ("apply", _apply),
        "times": ("times", _times),
        "set-up": ("set-up", _set_up),
        "targets": ("suite", _targets),
        "folders": ("suite", _folders),
    }
    return {**_made(found, makers), "load": _load(found)}


def _made(
    found: Mapping[str, Any], makers: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]]
) -> dict[str, str]:
    return {name: make(found[part]["figures"]) for name, (part, make) in makers.items() if part in found}


def _feature(written: Mapping[str, Any]) -> str:
    ours = written[feature.OURS]
    rows = [
        (
            name,
            each["version"],
            str(each["lines"]),
            str(each["resources"]),
            f"{_median(each, 'wall_seconds'):.2f}",
            f"{_ratio(each, ours, 'wall_seconds'):.1f}",
            f"{_median(each, 'cpu_seconds'):.2f}",
            f"{_megabytes(each):.0f}",
        )
        for name, each in written.items()
    ]
    return _table(("", "version", "lines", "resources", "s", "/ ours", "CPU s", "MB"), rows)


def _warm(synthesized: Mapping[str, Any]) -> str:
    warm = synthesized["warm"]
    ours, floor = warm[synthesis.OURS], warm[synthesis.FLOOR]
    rows = [
        (
            name,
            str(len(runs["wall_seconds"])),
            f"{_median(runs, 'wall_seconds'):.2f}",
            f"{_ratio(runs, floor, 'wall_seconds'):.2f}",
            f"{_ratio(runs, ours, 'wall_seconds'):.2f}",
            f"{_median(runs, 'cpu_seconds'):.2f}",
            f"{_ratio(runs, ours, 'cpu_seconds'):.2f}",
            f"{_median(runs, 'python_megabytes'):.0f} + {_median(runs, 'node_megabytes'):.0f}",
            f"{_megabytes(runs) / _megabytes(ours):.2f}",
        )
        for name, runs in sorted(warm.items(), key=lambda item: _median(item[1], "wall_seconds"))
    ]
    heads = ("", "runs", "s", "/ floor", "/ ours", "CPU s", "/ ours", "MB, Python + Node", "/ ours")
    return _table(heads, rows)


def _cold(synthesized: Mapping[str, Any]) -> str:
    cold = synthesized["cold"]
    ours = cold[synthesis.OURS]
    rows = [
        (
            name,
            f"{_median(runs, 'wall_seconds'):.1f}",
            f"{_ratio(runs, ours, 'wall_seconds'):.2f}",
            f"{_median(runs, 'cpu_seconds'):.1f}",
            f"{_megabytes(runs):.0f}",
        )
        for name, runs in sorted(cold.items(), key=lambda item: _median(item[1], "wall_seconds"))
    ]
    return _table(("", "s", "/ ours", "CPU s", "MB"), rows)


def _lean(measured: Mapping[str, Any]) -> str:
    warm, cold = measured["warm"], measured["cold"]
    rows = [
        (
            name,
            f"{_median(warm[name], 'wall_seconds'):.2f}",
            f"{_ratio(warm[name], warm[stock], 'wall_seconds'):.2f}",
            f"{_median(warm[name], 'cpu_seconds'):.2f}",
            f"{_ratio(warm[name], warm[stock], 'cpu_seconds'):.2f}",
            f"{_median(warm[name], 'python_megabytes'):.0f} + {_median(warm[name], 'node_megabytes'):.0f}",
            f"{_megabytes(warm[name]) / _megabytes(warm[stock]):.2f}",
            f"{_median(cold[name], 'wall_seconds'):.1f}",
            f"{_ratio(cold[name], cold[stock], 'wall_seconds'):.2f}",
        )
        for stock in lean.SCRIPTS
        for name in (stock, stock + lean.LEAN)
    ]
    heads = ("", "s", "/ stock", "CPU s", "/ stock", "MB, Python + Node", "/ stock", "first run, s", "/ stock")
    return _table(heads, rows)


def _growth(grown: Mapping[str, Any]) -> str:
    rows = [
        (
            name,
            count,
            f"{point['resources']:,}",
            f"{_median(point, 'wall_seconds'):.1f}",
            f"{_median(point, 'cpu_seconds'):.1f}",
            f"{_megabytes(point):,.0f}",
            f"{point['json_bytes'] / 1e6:.2f}",
        )
        for name in growth.PROGRAMS
        for count, point in grown[name].items()
    ]
    return _table(("", "pipelines", "resources", "s", "CPU s", "MB", "JSON, MB"), rows)


def _slopes(grown: Mapping[str, Any]) -> str:
    by_name = {name: slopes(grown[name]) for name in growth.PROGRAMS}
    ours = by_name[growth.OURS]
    quantities = ("wall_ms_per_pipeline", "wall_ms_per_resource", "cpu_ms_per_resource", "kilobytes_per_resource")
    rows = [
        (name, *(f"{each[quantity]:.2f} ({ours[quantity] / each[quantity]:.2f})" for quantity in quantities))
        for name, each in by_name.items()
    ]
    return _table(("", "ms a pipeline", "ms a resource", "CPU ms a resource", "kB of memory a resource"), rows)


def slopes(points: Mapping[str, Any]) -> dict[str, float]:
    """Return what one more pipeline and one more resource cost, by least squares over all counts."""
    counts = [int(count) for count in points]
    resources = [point["resources"] for point in points.values()]
    wall = [_median(point, "wall_seconds") * 1000 for point in points.values()]
    cpu = [_median(point, "cpu_seconds") * 1000 for point in points.values()]
    kilobytes = [_megabytes(point) * 1024 for point in points.values()]
    return {
        "wall_ms_per_pipeline": statistics.linear_regression(counts, wall).slope,
        "wall_ms_per_resource": statistics.linear_regression(resources, wall).slope,
        "cpu_ms_per_resource": statistics.linear_regression(resources, cpu).slope,
        "kilobytes_per_resource": statistics.linear_regression(resources, kilobytes).slope,
    }


def _commands(ran: Mapping[str, Any]) -> str:
    rows: list[Sequence[str]] = []
    for name in ORDER:
        runs = ran[name]
        work = runs.get("at_work")
        parts = ("terraform", "app", "rest") if work else ()
        shares = [f"{statistics.median(each[part] for each in work):.2f}" for part in parts]
        rows.append(
            (
                name,
                f"{_median(runs, 'wall_seconds'):.2f}",
                f"{_median(runs, 'cpu_seconds'):.2f}",
                *(shares or [""] * 3),
            )
        )
    return _table(("", "s", "CPU s", "Terraform at work, s", "the app, s", "the rest, s"), rows)


def _apply(applied: Mapping[str, Any]) -> str:
    rows = [
        (
            name,
            *(
                cell
                for what, runs in took.items()
                for cell in (
                    f"{_median(runs, 'wall_seconds'):.1f}",
                    f"{_ratio(runs, applied[apply.APART][what], 'wall_seconds'):.2f}",
                )
            ),
        )
        for name, took in applied.items()
    ]
    return _table(
        ("", *(head for what in (apply.CREATE, apply.DESTROY) for head in (f"{what}, s", f"/ {apply.APART}"))), rows
    )


def _times(times: Mapping[str, Any]) -> str:
    rows = [(f"make {name}", each["help"], f"{each['seconds']:.1f}") for name, each in times.items()]
    return _table(("", "`make help` says", "seen, s"), rows)


def _set_up(took: Mapping[str, Any]) -> str:
    rows = [(name, str(megabytes)) for name, megabytes in took["megabytes"].items()]
    total = str(sum(took["megabytes"].values()))
    return _table((f"`make setup`: {took['wall_seconds']:.0f} s", "MB"), [*rows, ("together", total)])


def _targets(tested: Mapping[str, Any]) -> str:
    rows = [
        (target, f"{took['wall_seconds']:.0f}", f"{took['cpu_seconds']:.0f}")
        for target, took in tested["targets"].items()
    ]
    return _table(("", "s", "CPU s"), rows)


def _folders(tested: Mapping[str, Any]) -> str:
    folders = sorted(tested["folders"].items(), key=lambda item: -item[1]["seconds"])
    rows = [(name, f"{found['tests']:,}", f"{found['seconds']:.0f}") for name, found in folders]
    return _table(("", "tests", "s of a worker"), rows)


def _load(found: Mapping[str, Any]) -> str:
    rows = [(part, f"{found[part]['load'][0]:.1f}", f"{found[part]['load'][1]:.1f}") for part in sorted(found)]
    return _table(("load average", "before", "after"), rows)


def _median(runs: Mapping[str, Any], quantity: str) -> float:
    return statistics.median(runs[quantity])


def _megabytes(runs: Mapping[str, Any]) -> float:
    """Return the median of the memory of Python and Node together."""
    return statistics.median(map(sum, zip(runs["python_megabytes"], runs["node_megabytes"], strict=True)))


def _ratio(runs: Mapping[str, Any], others: Mapping[str, Any], quantity: str) -> float:
    return _median(runs, quantity) / _median(others, quantity)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
