"""Inputs that have the shape of what a reader reads, and in it what nobody would write."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from hypothesis import strategies as st

from tests.fuzz.readers import PLAN

from plan_strategies import entries, sections
from review_sample import HOSTILE

CORPUS = Path(__file__).parent / "corpus"

NASTY = (
    HOSTILE,
    "",
    "\x00",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\x7f",
    "\u202eevil\u2066\u2069",
    "\u200b\ufeff\u2028\u2029",
    "a\nb\r\nc\td",
    "::error::pwned",
    "x ::stop-commands::pwned",
    "##[error]pwned",
    "##vso[task.setvariable variable=x]y",
    "[a](https://evil.example)",
    "![a](https://evil.example/x.png)",
    "[a]: https://evil.example",
    "<https://evil.example>",
    "www.evil.example",
    "@octocat",
    "#123",
    "octo/cat#1",
    "0123456789abcdef0123456789abcdef01234567",
    "```",
    "~~~\n# x",
    "|",
    "\\|",
    "$x$",
    ":bomb:",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></script><script>alert(1)</script>",
    "<!--",
    "-->",
    "]]>",
    "&#60;b&#62;",
    "javascript:alert(1)",
    '"]; click n0 "javascript:alert(1)"',
    "%%{init: {}}%%",
    "{{7*7}}",
    "{% raw %}",
    "{0}",
    "%s%n",
    "[bold red]x[/]",
    "${aws_sqs_queue.a.id}",
    "$${x}",
    "%{if x}a%{endif}",
    "${",
    "${TfToken[TOKEN.1]}",
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "-rf",
    "; rm -rf ~",
    "$(id)",
    "`id`",
    "9" * 5_000,
    "." * 2_000,
    "a-" * 300,
    "1e999",
    '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}',
    '{"a": "\\ud800"}',
    "[" * 2_000 + "]" * 2_000,
    "[" * 600 + "]" * 600,
    "日本語",
    "\U000e0001\U000e0100",
    "e\u0301" * 20,
)
WORDS = (
    *("name", "id", "bucket", "tags", "tags_all", "policy", "type", "mode", "address", "change", "actions", "before"),
    *("after", "after_unknown", "before_sensitive", "after_sensitive", "replace_paths", "resource_changes", "module"),
    *("planned_values", "root_module", "child_modules", "resources", "values", "configuration", "expressions", "index"),
    *("references", "constant_value", "module_calls", "provider_config", "aws", "resource", "provider", "alias", "//"),
    *("metadata", "stackName", "fifo_queue", "checks", "instances", "status", "problems", "message", "importing"),
    *(
        "identity",
        "before_identity",
        "after_identity",
        "generated_config",
        "applyable",
        "errored",
        "complete",
        "reason",
    ),
    *("action_invocations", "deferred_changes", "resource_change", "resource_drift", "previous_address", "unknown"),
    *("ID", "Who", "Operation", "Created", "stack", "environment", "plan", "endpoint", "account_id", "pid", "rule"),
)

_PARTS = st.sampled_from(NASTY) | st.sampled_from(WORDS) | st.text(max_size=12)


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Return one part, or two: as a strategy by name, because Hypothesis refuses to print one of so many words."""
    return "".join(draw(st.lists(_PARTS, min_size=1, max_size=2)))


texts = _texts()
scalars: st.SearchStrategy[Any] = (
    texts
    | st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 10**20, 2**63, 0.0, -0.0, 1e308, 5e-324])
)


def nested(depth: int) -> Any:
    """Return a list within a list, and so on."""
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


values: st.SearchStrategy[Any] = st.recursive(
    scalars | st.sampled_from([45, 300, 900]).map(nested),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all parts of a JSON value, but for those that are very deep."""
    found = [path]
    if len(path) < 12:
        if isinstance(value, dict):
            found += [
                each for key, inner in cast("dict[str, Any]", value).items() for each in places(inner, (*path, key))
            ]
        elif isinstance(value, list):
            listed = cast("list[Any]", value)
            found += [each for at, inner in enumerate(listed) for each in places(inner, (*path, at))]
    return found


@st.composite
def twisted(draw: st.DrawFn, seeds: st.SearchStrategy[Any]) -> Any:
    """Return a value of which some parts are gone, renamed, or are something else."""
    document = json.loads(json.dumps(draw(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        found = places(document)
        path = found[draw(st.integers(0, len(found) - 1))]
        if not path:
            continue
        holder: Any = document
        for step in path[:-1]:
            holder = holder[step]
        change = draw(st.sampled_from(("value", "text", "key", "gone")))
        if change == "value":
            holder[path[-1]] = draw(values)
        elif change == "text":
            holder[path[-1]] = draw(texts)
        else:
            gone = holder.pop(path[-1])
            if change == "key" and isinstance(holder, dict):
                holder[draw(texts)] = gone
    return document


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _plan(changes: list[Any], more: dict[str, Any]) -> dict[str, Any]:
    return {"format_version": "1.2", "resource_changes": changes, **more}


LOCK = {
    "ID": "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
    "Operation": "OperationTypeApply",
    "Who": "me@here",
    "Created": "2026-01-31T12:00:00.123456789Z",
}
RECORD = {
    **dict.fromkeys(("stack", "environment", "target", "account", "region", "emulator", "terraform"), "x"),
    "configuration": {"cdk.tf.json": "0"},
    "plan": {"plan.json": "0", "tfplan": "0"},
}
EMULATOR = {"endpoint": "http://127.0.0.1:5001", "account_id": "111111111111", "pid": 4321}
SYNTHESIZED: dict[str, Any] = {
    "//": {"metadata": {"stackName": "vpr-async-dev"}},
    "provider": {"aws": [{"region": "us-east-1", "allowed_account_ids": ["111111111111"], "alias": "a"}]},
    "resource": {
        "aws_sqs_queue": {"Q": {"name": "careervp-vpr-jobs-queue-prod", "fifo_queue": True, "provider": "aws.a"}},
        "aws_s3_bucket": {"B": [{"bucket_prefix": "careervp"}]},
        "aws_dynamodb_table": {"T": {"name": "x_y", "global_secondary_index": [{"name": "i"}, {"name": "i"}]}},
        "aws_eks_cluster": {"E": {"name": "${toke"}},
    },
}
PLANNED: dict[str, Any] = {
    "format_version": "1.2",
    "planned_values": {
        "root_module": {
            "resources": [
                {"mode": "managed", "type": "aws_sqs_queue", "address": "aws_sqs_queue.a", "values": {"name": "x"}}
            ],
            "child_modules": [{"resources": []}],
        }
    },
    "configuration": {"provider_config": {"aws": {"expressions": {"region": {"constant_value": "us-east-1"}}}}},
}
plans = st.builds(_plan, st.lists(entries(), max_size=4), sections) | st.just(PLAN)

# --- TOML ---------------------------------------------------------------------------------------------------------

SETTINGS: dict[str, Any] = {
    "account_id": "111111111111",
    "region": "us-east-1",
    "state_bucket": "careervp-terraform-state-dev-111111111111",
    "data_protection": "destroy",
    "holds_customer_data": False,
    "serves_customers": False,
    "vpr_async": {
        "names": {"jobs_queue": "q", "jobs_dlq": "d", "jobs_table": "jobs"},
        "worker": {"timeout_seconds": 300, "function_name": "f"},
        "alarms": {"topic_arns": ["arn:aws:sns:us-east-1:111111111111:ops"]},
    },
    "tags": {"Owner": "careervp-platform"},
}
RULES: dict[str, Any] = {
    "rule": [
        {"name": "a", "why": "b", "kinds": ["loss", "security", "replacement"], "types": ["aws_s3_bucket"]},
        {"name": "c", "why": "d", "kinds": ["availability", "alarms", "cost"], "environments": ["dev", "retaining"]},
    ],
    "exception": [{"rule": "c", "address": "aws_sqs_queue.this", "reason": "r", "expires": "DATE"}],
}
DECISIONS: dict[str, Any] = {
    "decision": [
        {
            "resource": "aws_s3_bucket careervp-*-vpr-results-*",
            "property": "lifecycle rule DeleteOldResults.Expiration.Days",
            "value": 30,
            "reason": "r",
            "until": "DATE",
        },
        {
            "resource": "aws_sqs_queue careervp-vpr-jobs-queue-dev",
            "property": "VisibilityTimeout",
            "value": "900",
            "reason": "r",
            "until": "DATE",
        },
    ],
}
CONVENTION: dict[str, Any] = {
    "project": "shop",
    "form": "{project}-{feature}-{type}-{env}",
    "environment_files": "environments/*.toml",
    "environments": {"dev": ["devel"], "prod": []},
    "resources": {
        "aws_sqs_queue": {"types": ["queue", "dlq"], "misnomers": ["q"], "whole_names": ["orders.names.queue"]},
        "aws_s3_bucket": {"forms": ["{project}-{env}-{feature}-{region}-{suffix}", "{project}-{account}"]},
    },
}
ODD_TOML = (
    *(
        "2030-01-31",
        "2030-13-41",
        "9999-12-31",
        "0001-01-01",
        "07:32:00",
        "1979-05-27T07:32:00Z",
        "inf",
        "-nan",
        "1e400",
    ),
    *("0x" + "f" * 6_000, "9" * 5_000, "'''\n'''", '"""\\\n"""', "[1, [2, {a = 3}]]", "{}", "true", "1_0", "+0.0"),
)


@st.composite
def toml(draw: st.DrawFn, seed: Mapping[str, Any]) -> bytes:
    """Return a file of TOML, with odd values, keys and lines."""
    document = draw(twisted(st.just(seed)))
    text = _toml(document).replace('"DATE"', draw(st.sampled_from(("2030-01-31", "2020-01-31", *ODD_TOML))))
    lines = text.split("\n")
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(lines)))
        key = draw(
            st.sampled_from(("x", "tags.x", "a" + ".a" * 1_500, '"\\u202e"', "region", "[[rule]]\nname", "vpr_async"))
        )
        lines.insert(at, f"{key} = {draw(st.sampled_from(ODD_TOML) | texts.map(_string))}")
    return "\n".join(lines).encode(errors="replace")


def _string(text: str) -> str:
    return json.dumps(text).replace("\x7f", "\\u007f")


def _toml(document: Any) -> str:
    """Write a table, the tables within it in line."""
    found = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    return "\n".join(f"{_string(key)} = {_inline(value)}" for key, value in found.items())


def _inline(value: Any, depth: int = 0) -> str:
    if depth > 100:
        return "0"
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{_string(key)} = {_inline(each, depth + 1)}" for key, each in items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(each, depth + 1) for each in cast("list[Any]", value)) + "]"
    return '""' if value is None else _string(value) if isinstance(value, str) else json.dumps(value)


# --- source -------------------------------------------------------------------------------------------------------

HCL = (
    *('resource "aws_sqs_queue" "a" {\n', 'resource "aws_s3_bucket" "b" {\n', "resource a b {\n", "}\n", "locals {\n"),
    *("  name = ", "  bucket = ", "  fifo_queue = true\n", "  global_secondary_index {\n", '  dynamic "x" {\n'),
    *(
        '"careervp-${var.env}-queue"\n',
        '"x"\n',
        "var.a\n",
        'join("-", [a, b])\n',
        "<<EOT\nx\nEOT\n",
        "<<-EOT\n ${a}\n  EOT\n",
    ),
    *(
        "a ? b : c\n",
        "[for x in y : x]\n",
        "{ for k, v in m : k => v if v }\n",
        '"%{if a}b%{endif}"\n',
        "null\n",
        "-1.5e3\n",
    ),
    *(
        "# c\n",
        "/* c */",
        "// c\n",
        '"\\u0041\\n$${x}"\n',
        "a[0].b.*.c\n",
        "(1 + 2) * 3\n",
        '"${"${"a"}"}"\n',
        "({})\n",
        "!a\n",
    ),
)
PYTHON = (
    *(
        "from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue\n",
        "from aws_cdk import aws_sqs\n",
        "from imports.aws import *\n",
    ),
    *(
        "import aws_cdk.aws_s3 as s3\n",
        "env = 'dev'\n",
        "name = f'careervp-{env}'\n",
        "a = b = name\n",
        "self.x = name\n",
    ),
    *(
        "def f(env):\n",
        "class A:\n",
        "    ",
        "SqsQueue(self, 'q', name=",
        "aws_sqs.Queue(self, 'q', queue_name=",
        "s3.Bucket(x, **k)\n",
    ),
    *(
        "f'x-{env}-{a!r:>{b}}'",
        "name",
        "'a' + env + self.x",
        "Fn.join('-', [])",
        "q.arn",
        "'careervp-vpr-jobs-queue-dev'",
    ),
    *(
        ", fifo_queue=True",
        ")\n",
        "lambda x: ",
        "(y := name)",
        "[x for x in y]",
        "match a:\n case b:\n  pass\n",
        "async def g(): await x\n",
    ),
    *(
        "b'x'",
        "'\\ud800'",
        "u'\\x1b'",
        "0" * 5_000,
        "9" * 5_000,
        "-" * 300 + "1",
        "(" * 150 + ")" * 150,
        "not " * 200 + "x",
    ),
    *(
        "x.add_global_secondary_index(index_name='i')\n",
        "__import__('os').system('id')\n",
        "exec('1')\n",
        "# coding: utf-7\n",
    ),
)


def source(pieces: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Return files of these pieces and of whatever else."""
    return (
        st.lists(st.sampled_from(pieces) | texts, max_size=14)
        .map("".join)
        .map(lambda text: text.encode(errors="surrogatepass"))
    )


SHAPES: Mapping[str, st.SearchStrategy[bytes]] = {
    "settings": toml(SETTINGS),
    "rules": toml(RULES),
    "decisions": toml(DECISIONS),
    "plan": twisted(plans).map(_json),
    "convention": toml(CONVENTION),
    "names-json": twisted(st.sampled_from([SYNTHESIZED, PLANNED, PLAN]) | plans).map(_json),
    "names-hcl": source(HCL),
    "names-python": source(PYTHON),
    "lock": twisted(st.just(LOCK)).map(_json)
    | values.map(_json)
    | texts.map(lambda text: f"ID: {text}\n  Who: {text}".encode(errors="replace")),
    "saved-plan": twisted(st.just(RECORD)).map(_json),
    "emulator": twisted(st.just(EMULATOR)).map(_json),
    "drift": twisted(plans).map(_json),
    "verification": values.map(_json),
}
