"""A fault: what somebody tired could write, and what would come of it in production."""

from dataclasses import dataclass
from pathlib import Path

from tests.mutation.source import NotFoundError, Source, find


@dataclass(frozen=True)
class Fault:
    """One replacement in one definition of the source."""

    id: str
    where: str
    """The definition, by its qualified name; see `source`."""
    text: str
    """What is replaced; in the definition exactly once."""
    replacement: str
    consequence: str
    """What would go wrong, in one sentence."""

    @property
    def module(self) -> str:
        """The last part of its module's name, which the module's test file has as well."""
        return self.where.partition(":")[0].rpartition(".")[2]

    def find(self, root: Path) -> Source:
        """Return the definition's source in a checkout. Raises NotFoundError unless it has the text exactly once."""
        source = find(self.where, root)
        count = source.text.count(self.text)
        if count != 1:
            message = f"its text is there {count} times, not once: {self.text!r}"
            raise NotFoundError(message)
        return source


@dataclass(frozen=True)
class Area:
    """The faults of one part of the source, and the tests that are to catch them."""

    name: str
    suite: tuple[str, ...]
    """Test files, and folders of them, the quickest first."""
    faults: tuple[Fault, ...]
    is_slow: bool = False
    """True if the slow tests count as well, because the fast ones cannot run the code."""

    def files(self, root: Path, fault: Fault | None = None) -> list[str]:
        """Return the suite's test files in a checkout; those that mirror the fault's module come first."""
        paths = (root / path for path in self.suite)
        files = [file for path in paths for file in (sorted(path.rglob("test_*.py")) if path.is_dir() else [path])]
        mirrors = f"_{fault.module.strip('_')}" if fault else " "
        ordered = sorted(files, key=lambda file: not file.stem.endswith(mirrors))
        return list(dict.fromkeys(str(file.relative_to(root)) for file in ordered))
