"""The templates of the page: whatever they put in comes out printable and escaped."""

from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from check_report.printable import printable
from plan_review.forms.wording import plural, shown


def _printable(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_printable,
    trim_blocks=True,
    lstrip_blocks=True,
)
filters = cast("dict[str, Any]", TEMPLATES.filters)
filters.update(plural=plural, shown=shown)
