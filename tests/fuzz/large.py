"""Inputs that are large where somebody could have thought that nothing is: each would take minutes, or all memory."""

import json
from collections.abc import Mapping
from typing import Any


def _change(type_: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    change = {"actions": ["update"], "before": before, "after": after}
    return {"address": f"{type_}.this", "type": type_, "mode": "managed", "change": change, **more}


def _plan(*changes: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"format_version": "1.2", "resource_changes": changes, **more}).encode()


def _names(**names: str) -> bytes:
    return json.dumps({"resource": {"aws_s3_bucket": {key: {"bucket": name} for key, name in names.items()}}}).encode()


def _python(*lines: str) -> bytes:
    return "\n".join(["from imports.aws import *", *lines, ""]).encode()


def _hcl(expression: str) -> bytes:
    return f'resource "aws_sqs_queue" "a" {{\n  name = {expression}\n}}\n'.encode()


_QUEUE = "aws_sqs_queue"
_RULE = '[[rule]]\nname = "{}"\nwhy = "w"\nkinds = ["loss"]\n'
_EXCEPTION = '[[exception]]\nrule = "{}"\naddress = "a"\nreason = "r"\nexpires = 2030-01-01\n'
_DEEP = "[" * 900 + "]" * 900

LARGE: Mapping[str, tuple[str, bytes]] = {
    "dots": ("plan", _plan(_change(_QUEUE, {"name": "careervp-1"}, {"name": "careervp-1", "x": "." * 200_000}))),
    "indexes": ("plan", _plan(_change(_QUEUE, {}, {"name": "a"}, address="a.b" + "[0]" * 20_000))),
    "quotes": ("plan", _plan(_change(_QUEUE, {}, {"name": "a"}, address='a.b["' + '\\"' * 100_000))),
    "brackets": ("plan", _plan(_change(_QUEUE, {}, {"name": "a"}, address="a.b" + "[" * 200_000))),
    "documents in documents": ("plan", _plan(_change("aws_iam_role", {"policy": _DEEP}, {"policy": f"[{_DEEP}]"}))),
    "alarm actions": (
        "plan",
        _plan(
            _change(
                "aws_cloudwatch_metric_alarm",
                {"alarm_actions": [f"a{number}" for number in range(20_000)]},
                {"alarm_actions": [f"b{number}" for number in range(20_000)]},
            )
        ),
    ),
    "statements": (
        "plan",
        _plan(
            _change(
                "aws_iam_role",
                {"policy": json.dumps({"Statement": [{"Effect": "Deny", "Action": f"a{n}*"} for n in range(3_000)]})},
                {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": f"b{n}*"} for n in range(3_000)]})},
            )
        ),
    ),
    "digits": ("plan", b'{"format_version": "1.2", "resource_changes": [' + b"9" * 100_000 + b"]}"),
    "unknown parts": (
        "names-python",
        _python(*(f"SqsQueue(s, 'a', name=f'{{a}}x{n}{{b}}-{{c}}')" for n in range(600))),
    ),
    "variables": (
        "names-python",
        _python(*(f"v{n} = v{n + 1} + x{n}" for n in range(1_000)), *["SqsQueue(s, 'a', name=f(v0))"] * 500),
    ),
    "sums": (
        "names-python",
        _python(*(f"{a} = {'+'.join(b * 200)}" for a, b in ("ab", "bc", "cd")), "d = 'x'", "SqsQueue(s, 'a', name=a)"),
    ),
    "attributes": ("names-python", _python("a" + ".b" * 5_000 + "(x)")),
    "tokens": ("names-json", _names(a="token" + "_" * 200_000, b="${" * 100_000, c="]" * 100_000, d="aws_" * 50_000)),
    "words": ("names-json", _names(a="aa-" * 50_000, b="a-" * 50_000 + "_", c="Ab" * 50_000)),
    "interpolations": ("names-hcl", _hcl('"' + "x${a}" * 2_000 + '"')),
    "parentheses": ("names-hcl", _hcl("(" * 500 + "x" + ")" * 500)),
    "open comment": ("names-hcl", b"/*" * 20_000),
    "dotted keys": ("settings", b"a" + b".a" * 5_000 + b" = 1\n"),
    "dotted names": ("convention", b"a" + b".a" * 5_000 + b" = 1\n"),
    "forms": ("convention", b'project = "a"\nform = "' + b"{feature}{type}-" * 4_000 + b'"\n'),
    "environments": ("convention", b"[environments]\n" + b"".join(b"a%d = []\n" % n for n in range(5_000))),
    "keys": ("settings", "".join(f"a{number} = 1\n" for number in range(5_000)).encode()),
    "hexadecimal": ("settings", b"account_id = 0x" + b"f" * 5_000 + b"\n"),
    "rules": ("rules", "".join(map(_RULE.format, range(4_000))).encode()),
    "exceptions": ("rules", (_RULE.format("n") + _EXCEPTION.format("n") * 2_500).encode()),
    "wrong exceptions": ("rules", "".join(map(_RULE.format, range(100))).encode() + _EXCEPTION.encode() * 2_500),
    "deep lock": ("lock", b"[" * 100_000 + b"]" * 100_000),
    "white lock": ("lock", b"ID: x" + b" \t" * 100_000 + b"y\n"),
    "deep drift": ("drift", _plan(_change("aws_iam_role", {"policy": _DEEP}, {"policy": f"[{_DEEP}]"}))),
}
"""The reader and the bytes, by what there is much of."""
