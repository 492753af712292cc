"""Lines of code of a program, counted alike for every library."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_NO_JAVASCRIPT = re.compile(
    r"^\s*/\*.*?\*/|^\s*//[^\n]*|^import\b[^;]*;|^const\s+[^;=]*=\s*require\([^;]*;", re.DOTALL | re.MULTILINE
)
"""Comments that begin a line, and imports of both kinds."""


def count_lines(*files: Path) -> int:
    """Return the lines of Python and JavaScript files without blank lines, imports, comments and docstrings."""
    return sum(
        count_javascript(file.read_text()) if file.suffix == ".js" else count_python(file.read_text()) for file in files
    )


def count_python(source: str) -> int:
    """Return the lines of Python code."""
    counted = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(counted.difference(*map(_lines, _left_out(ast.parse(source)))))


def count_javascript(source: str) -> int:
    """Return the lines of JavaScript code."""
    return sum(bool(line.strip()) for line in _NO_JAVASCRIPT.sub("", source).splitlines())


def _left_out(module: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            ast.get_docstring(node) is not None
        ):
            yield node.body[0]


def _lines(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
