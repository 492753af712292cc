"""Numbers in words."""


def plural(number: int, one: str, more: str = "") -> str:
    """Return the number and the thing: 1 finding, 2 findings, 5,000 resources.

    one, more: the thing in the singular and in the plural, which has an s more unless given.
    """
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"
