"""The templates of the page: whatever they put in comes out printable and escaped."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from check_report.counts import plural
from check_report.printable import printable
from plan_review.forms.wording import shown

_FOLDER = Path(__file__).parent


def _printable(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


class _Compiled(FileSystemBytecodeCache):
    """Keeps the compiled templates where Python keeps its own compiled modules, if it may write there."""

    def __init__(self) -> None:
        super().__init__(str(_FOLDER / "__pycache__"), f"%s.{sys.implementation.cache_tag}.jinja")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER),
    bytecode_cache=_Compiled(),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_printable,
    trim_blocks=True,
    lstrip_blocks=True,
)
filters = cast("dict[str, Any]", TEMPLATES.filters)
filters.update(plural=plural, shown=shown)
