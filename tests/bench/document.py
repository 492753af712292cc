"""The tables of the documents, made of the figures, so that all say the same."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from tests.bench import aims, apply, commands, feature, fresh, growth, lean, synthesis
from tests.bench.installed import BenchError
from tests.bench.quantities import median, megabytes, ratio, slopes

PERFORMANCE = PROJECT_ROOT / "docs" / "performance.md"
CONSTRUCTS = PROJECT_ROOT / "docs" / "constructs.md"
LEAN = PROJECT_ROOT / "packages" / "cdktf-lean" / "README.md"
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
    return {
        PERFORMANCE: tables(found),
        CONSTRUCTS: _made(found, {"feature": ("feature", _feature)}),
        LEAN: _made(found, {"measured": ("synthesis", _beside_stock), "lean": ("lean", _lean)}),
    }


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
    makers: Mapping[str, tuple[str, Callable[[Any], str]]] = {
        "warm": ("synthesis", _warm),
        "cold": ("synthesis", _cold),
        "lean": ("lean", _lean),
        "growth": ("growth", _growth),
        "slopes": ("growth", _slopes),
        "commands": ("commands", _commands),
        "apply": ("apply", _apply),
        "times": ("times", _times),
        "set-up": ("set-up", _set_up),
        "first-plan": ("first-plan", _first_plan),
        "targets": ("suite", _targets),
        "folders": ("suite", _folders),
    }
    return {
        **_made(found, makers),
        "aims": _table(("", "aim", "seen"), aims.rows(found)),
        "measured": _measured(found),
        "versions": _versions(found),
    }


def _made(found: Mapping[str, Any], makers: Mapping[str, tuple[str, Callable[[Any], str]]]) -> dict[str, str]:
    return {name: make(found[part]["figures"]) for name, (part, make) in makers.items() if part in found}


def _feature(written: Mapping[str, Any]) -> str:
    ours = written[feature.OURS]
    rows = [
        (
            name,
            each["version"],
            str(each["lines"]),
            str(each["resources"]),
            f"{median(each, 'wall_seconds'):.2f}",
            f"{ratio(each, ours, 'wall_seconds'):.1f}",
            f"{median(each, 'cpu_seconds'):.2f}",
            f"{megabytes(each):.0f}",
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
            f"{median(runs, 'wall_seconds'):.2f}",
            f"{ratio(runs, floor, 'wall_seconds'):.2f}",
            f"{ratio(runs, ours, 'wall_seconds'):.2f}",
            f"{median(runs, 'cpu_seconds'):.2f}",
            f"{ratio(runs, ours, 'cpu_seconds'):.2f}",
            f"{median(runs, 'python_megabytes'):.0f} + {median(runs, 'node_megabytes'):.0f}",
            f"{megabytes(runs) / megabytes(ours):.2f}",
        )
        for name, runs in sorted(warm.items(), key=lambda item: median(item[1], "wall_seconds"))
    ]
    heads = ("", "runs", "s", "/ floor", "/ ours", "CPU s", "/ ours", "MB, Python + Node", "/ ours")
    return _table(heads, rows)


def _beside_stock(synthesized: Mapping[str, Any]) -> str:
    warm, cold = synthesized["warm"], synthesized["cold"]
    stock, ours, floor = (warm[name] for name in (synthesis.STOCK, synthesis.OURS, synthesis.FLOOR))
    rows = [
        ("memory of Python and Node, MB", f"{megabytes(stock):,.0f}", f"{megabytes(ours):,.0f}"),
        ("time, s", *(f"{median(runs, 'wall_seconds'):.2f}" for runs in (stock, ours))),
        (
            "time / that of `import cdktf; App().synth()` alone",
            *(f"{ratio(runs, floor, 'wall_seconds'):.1f}" for runs in (stock, ours)),
        ),
        (
            "the first time, when packages are unpacked, s",
            *(f"{median(cold[name], 'wall_seconds'):.1f}" for name in (synthesis.STOCK, synthesis.OURS)),
        ),
    ]
    return _table(("", "stock", "lean"), rows)


def _cold(synthesized: Mapping[str, Any]) -> str:
    cold = synthesized["cold"]
    ours = cold[synthesis.OURS]
    rows = [
        (
            name,
            f"{median(runs, 'wall_seconds'):.1f}",
            f"{ratio(runs, ours, 'wall_seconds'):.2f}",
            f"{median(runs, 'cpu_seconds'):.1f}",
            f"{megabytes(runs):.0f}",
        )
        for name, runs in sorted(cold.items(), key=lambda item: median(item[1], "wall_seconds"))
    ]
    return _table(("", "s", "/ ours", "CPU s", "MB"), rows)


def _lean(measured: Mapping[str, Any]) -> str:
    warm, cold = measured["warm"], measured["cold"]
    rows = [
        (
            name,
            f"{median(warm[name], 'wall_seconds'):.2f}",
            f"{ratio(warm[name], warm[stock], 'wall_seconds'):.2f}",
            f"{median(warm[name], 'cpu_seconds'):.2f}",
            f"{ratio(warm[name], warm[stock], 'cpu_seconds'):.2f}",
            f"{median(warm[name], 'python_megabytes'):.0f} + {median(warm[name], 'node_megabytes'):.0f}",
            f"{megabytes(warm[name]) / megabytes(warm[stock]):.2f}",
            f"{median(cold[name], 'wall_seconds'):.1f}",
            f"{ratio(cold[name], cold[stock], 'wall_seconds'):.2f}",
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
            f"{median(point, 'wall_seconds'):.1f}",
            f"{median(point, 'cpu_seconds'):.1f}",
            f"{megabytes(point):,.0f}",
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
                f"{median(runs, 'wall_seconds'):.2f}",
                f"{median(runs, 'cpu_seconds'):.2f}",
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
                    f"{median(runs, 'wall_seconds'):.1f}",
                    f"{ratio(runs, applied[apply.APART][what], 'wall_seconds'):.2f}",
                )
            ),
        )
        for name, took in applied.items()
    ]
    return _table(
        ("", *(head for what in (apply.CREATE, apply.DESTROY) for head in (f"{what}, s", f"/ {apply.APART}"))), rows
    )


def _times(times: Sequence[Mapping[str, Any]]) -> str:
    rows = [(f"make {each['command']}", each["help"], f"{each['seconds']:.1f}") for each in times]
    return _table(("", "`make help` says", "seen, s"), rows)


def _set_up(levels: Mapping[str, Any]) -> str:
    rows = [
        (
            f"make {level}",
            f"{took['wall_seconds']:.0f}",
            f"{took['cpu_seconds']:.0f}",
            *map(str, took["megabytes"].values()),
            str(sum(took["megabytes"].values())),
        )
        for level, took in levels.items()
    ]
    return _table(("", "s", "CPU s", *(f"{name}, MB" for name in (*fresh.FOLDERS, fresh.JSII, "together"))), rows)


def _first_plan(planned: Mapping[str, Any]) -> str:
    before, now = planned.values()
    pairs = zip(before["wall_seconds"], now["wall_seconds"], strict=True)
    rows = [
        *((f"pair {number}, s", *pair) for number, pair in enumerate(pairs, start=1)),
        *(
            (f"median, {unit}", median(before, quantity), median(now, quantity))
            for unit, quantity in (("s", "wall_seconds"), ("CPU s", "cpu_seconds"), ("MB", "megabytes"))
        ),
    ]
    shown = [(name, f"{first:,.0f}", f"{second:,.0f}", f"{second / first:.2f}") for name, first, second in rows]
    return _table(("", *planned, "ratio"), shown)


def _targets(tested: Mapping[str, Any]) -> str:
    rows = [
        (
            f"{target}: **failed**" if took["status"] else target,
            f"{took['wall_seconds']:.0f}",
            f"{took['cpu_seconds']:.0f}",
        )
        for target, took in tested["targets"].items()
    ]
    return _table(("", "s", "CPU s"), rows)


def _folders(tested: Mapping[str, Any]) -> str:
    folders = sorted(tested["folders"].items(), key=lambda item: -item[1]["seconds"])
    rows = [
        (name, f"{used['tests']:,.0f}", f"{used['seconds']:.0f}", f"{used['cpu_seconds']:.0f}")
        for name, used in folders
    ]
    return _table(("", "tests", "s of a worker", "CPU s"), rows)


def _measured(found: Mapping[str, Any]) -> str:
    rows = [(part, each["day"], *(f"{load:.1f}" for load in each["load"])) for part, each in sorted(found.items())]
    return _table(("", "day", "load average before", "after"), rows)


def _versions(found: Mapping[str, Any]) -> str:
    """Return the versions of what was measured; several, where parts were measured with different ones."""
    names = {name: None for each in found.values() for name in each["machine"]}
    rows = [
        (name, ", ".join(sorted({str(each["machine"][name]) for each in found.values() if name in each["machine"]})))
        for name in names
    ]
    return _table(("", "version"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
