"""Remnants of tokens: what cdktf and AWS CDK put where a value does not exist yet, whole, cut or mangled."""

import re

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


def remnant(text: str) -> str | None:
    """Return what is left of a token in a name, or None."""
    found = REMNANT.search(text)
    return found[0] if found else None


def without_tokens(text: str) -> str:
    """Return the name without the remnants of tokens."""
    return REMNANT.sub(" ", text)
