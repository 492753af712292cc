"""An HTML page as a browser sees it, as far as the tests ask."""

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """What a browser would make of a page, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.raw: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element, and begin a heading."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """Hold the page against what HTML demands: what is open last is closed first."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if self.open and self.open[-1] in {"style", "script"}:
            self.raw[self.open[-1]] = data
        elif data.strip():
            self.words.append(data.strip())
            if self.open[-1] in {"h1", "h2", "h3"} or self.open[-2:] == ["h3", "a"]:
                level, before = self.headings[-1]
                self.headings[-1] = (level, before + data)

    @property
    def text(self) -> str:
        """All that is read, in order."""
        return " ".join(" ".join(self.words).split())

    def attributes(self, name: str) -> set[str]:
        """Return the values of all attributes of the name."""
        return {str(attributes[name]) for _, attributes in self.elements if name in attributes}
