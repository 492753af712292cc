"""Remnants of tokens: what cdktf and AWS CDK put where a value does not exist yet, whole, cut or mangled."""

import re

from naming_validator.model import Hole, Name

REMNANT = re.compile(
    r"""
    [$\#%]\{ [^}]* \}?          # an interpolation, whole or cut: ${TfToken[TOKEN.1]}, ${aws_sqs_queue.a.id}, ${toke
    | \$ $                      # cut after its first character
    | (?<![\w.]) [\w.]* \] \}   # cut before its last ones
    | [^{}\w] \{ | \} $         # a brace that was left over
    # [Tf]Token[TOKEN.1], in any spelling:
    | (?: tf_?-?token | (?<![a-z])token (?=[\W_]+token) ) (?:[\W_]*token)? (?:[\W_]*\d+)?
    | token \[ | \[ token       # ... or cut
    | (?<![a-z]) (tf_?-?)? toke? (?![a-z])  # ... or cut within the word
    | __aws_ | aws_[a-z0-9]+_   # a reference whose brackets became underscores
    | -?1\.888154589\d+e[+-]\d+ # a number that stands for a value
    | aws:: \w*                 # a pseudo parameter of CloudFormation
    | object[ ]at[ ]0x[0-9a-f]+ # an object printed in place of its value
    """,
    re.VERBOSE | re.IGNORECASE,
)

_FOREIGN = re.compile(
    r"""
    (?<![\w.]) tf_?token \b                # TfToken[TOKEN.1], in any spelling
    | (?<![\w.]) token \[ [\w.:]* \.\d+ \]  # Token[TOKEN.1], Token[AWS.Region.4]
    | (?-i:AWS::\w+)                       # a pseudo parameter of CloudFormation
    | -?1\.888154589\d+e[+-]?\d+          # a number that stands for a value
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Parts of tokens that no expression of Terraform's has."""

_ID = r"[a-z]\w*(?:\.[\w-]+|\[[\w\"]+\])*[._]id"


def remnant(text: str) -> str | None:
    """Return the remnant of a token in a name, or None."""
    found = REMNANT.search(text)
    return found[0] if found else None


def without_tokens(text: str) -> str:
    """Return the name without the remnants of tokens."""
    return REMNANT.sub(" ", text)


def foreign_expression(expression: str) -> str | None:
    """Return an interpolation that Terraform cannot evaluate because a token is in it, or None."""
    found = _FOREIGN.search(expression)
    return expression.strip() if found else None


def with_open_ids(name: Name) -> Name:
    """Return the name in which each whole reference to an id that AWS gives to a resource is a hole, and no token."""
    parts: list[str | Hole] = []
    for part in name:
        if isinstance(part, Hole):
            parts.append(Hole(part.expression) if re.fullmatch(_ID, part.expression) else part)
        else:
            known = re.split(rf"\$\{{({_ID})\}}", part)
            parts += [Hole(text) if index % 2 else text for index, text in enumerate(known) if text]
    return tuple(parts)
