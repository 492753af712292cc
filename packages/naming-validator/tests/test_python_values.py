"""The texts that Python's expressions can be: operators, methods, conditionals, loops and containers of literals."""

from pathlib import Path

import pytest

from naming_run import report, write

IMPORTS = """\
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket as B
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue as Q
"""
FOLDED = [
    # Formatting.
    ('Q(self, "A", name="acmecorp_%s_queue" % env)', ["acmecorp_{env}_queue"]),
    ('Q(self, "A", name="bad_%s_%s" % ("x", env))', ["bad_x_{env}"]),
    ('Q(self, "A", name="bad_%(kind)s_%(env)s" % {"kind": "x", "env": env})', ["bad_x_{env}"]),
    ('Q(self, "A", name="bad_%02d_100%%" % 7)', ["bad_07_100%"]),
    ('TEMPLATE = "bad_%s"\nQ(self, "A", name=TEMPLATE % "x")', ["bad_x"]),
    ('Q(self, "A", name="bad_{}_{}".format("x", env))', ["bad_x_{env}"]),
    ('Q(self, "A", name="bad_{1}_{0}".format(env, "x"))', ["bad_x_{env}"]),
    ('Q(self, "A", name="bad_{kind}".format(kind="x"))', ["bad_x"]),
    ('Q(self, "A", name="bad_{kind:>3}_{{}}".format(kind="x"))', ["bad_  x_{}"]),
    ('PATTERN = "bad_{0}"\nQ(self, "A", name=PATTERN.format("x"))', ["bad_x"]),
    ('Q(self, "A", name=f"bad_{7:03d}_{env!s}")', ["bad_007_{env}"]),
    ('Q(self, "A", name="bad_" + str(7))', ["bad_7"]),
    # Joining.
    ('Q(self, "A", name="_".join(["bad", "x", env]))', ["bad_x_{env}"]),
    ('Q(self, "A", name="_".join(("bad", "x")))', ["bad_x"]),
    ('PARTS = ["bad", "x"]\nQ(self, "A", name="_".join(PARTS + [env]))', ["bad_x_{env}"]),
    ('Q(self, "A", name="_".join(["bad", f"{kind}-x"]))', ["bad_{kind}-x"]),
    ('SEPARATOR = "_"\nQ(self, "A", name=SEPARATOR.join(["bad", "x"]))', ["bad_x"]),
    # Methods.
    ('Q(self, "A", name=f"BAD_{env}_Queue".lower())', ["bad_{env}_queue"]),
    ('Q(self, "A", name="bad_x".upper())', ["BAD_X"]),
    ('Q(self, "A", name="bad-x".replace("-", "_"))', ["bad_x"]),
    ('Q(self, "A", name=" bad_x ".strip())', ["bad_x"]),
    ('Q(self, "A", name="acmecorp-bad_x".removeprefix("acmecorp-"))', ["bad_x"]),
    ('Q(self, "A", name="bad_x_and_more"[:5])', ["bad_x"]),
    # Conditionals.
    (
        'Q(self, "A", name="bad_a" if env == "dev" else "bad_b")',
        ["bad_a", "bad_b"],
    ),
    ('Q(self, "A", name="bad_a" if x else ("bad_b" if y else "bad_c"))', ["bad_a", "bad_b", "bad_c"]),
    ('Q(self, "A", name="bad_" + ("a" if x else "b"))', ["bad_a", "bad_b"]),
    ("Q(self, \"A\", name=f\"bad_{'a' if x else 'b'}\")", ["bad_a", "bad_b"]),
    ('Q(self, "A", name=given or "bad_default")', ["bad_default"]),
    ('Q(self, "A", name="bad_a" if x else None)', ["bad_a"]),
    ('if x:\n name = "bad_a"\nelse:\n name = "bad_b"\nQ(self, "A", name=name)', ["bad_a", "bad_b"]),
    (
        'if x:\n name = "bad_a"\nelif y:\n name = "bad_b"\nelse:\n name = z()\nQ(self, "A", name=name)',
        ["bad_a", "bad_b"],
    ),
    ('name = "bad_a"\nif x:\n name = "bad_b"\nQ(self, "A", name=name)', ["bad_a", "bad_b"]),
    ('match x:\n case 1:\n  name = "bad_a"\n case _:\n  name = "bad_b"\nQ(self, "A", name=name)', ["bad_a", "bad_b"]),
    ('try:\n name = "bad_a"\nexcept KeyError:\n name = "bad_b"\nQ(self, "A", name=name)', ["bad_a", "bad_b"]),
    ('if (name := "bad_a"):\n Q(self, "A", name=name)', ["bad_a"]),
    ('name = "bad"\nname += "_x"\nQ(self, "A", name=name)', ["bad_x"]),
    ('name = "bad"\nname = f"{name}_x"\nQ(self, "A", name=name)', ["bad_x"]),
    ('name = "bad_a"\nQ(self, "A", name=name)\nname = "bad_b"\nQ(self, "B", name=name)', ["bad_a", "bad_b"]),
    # Loops.
    ('for n in ("bad_a", "bad_b"):\n Q(self, n, name=n)', ["bad_a", "bad_b"]),
    ('for n in ["a", "b"]:\n Q(self, n, name=f"bad_{n}_{env}")', ["bad_a_{env}", "bad_b_{env}"]),
    ('NAMES = {"bad_a", "bad_b"}\ndef f():\n for n in sorted(NAMES):\n  Q(self, n, name=n)', ["bad_a", "bad_b"]),
    ('for i, n in enumerate(["a", "b"], 1):\n Q(self, n, name=f"bad_{n}_{i}")', ["bad_a_1", "bad_b_2"]),
    ('for k, n in {"x": "bad_a", "y": "bad_b"}.items():\n Q(self, k, name=n)', ["bad_a", "bad_b"]),
    ('QUEUES = {"bad_a": 1, "bad_b": 2}\nfor n in QUEUES:\n Q(self, n, name=n)', ["bad_a", "bad_b"]),
    ('QUEUES = dict(x="bad_a")\nfor n in QUEUES.values():\n Q(self, n, name=n)', ["bad_a"]),
    ('for n, m in [("bad", "a"), ("bad", "b")]:\n Q(self, n, name=f"{n}_{m}")', ["bad_a", "bad_b"]),
    ('for n, m in zip(("a", "b"), ("c", "d")):\n Q(self, n, name=f"bad_{n}{m}")', ["bad_ac", "bad_bd"]),
    ('for i in range(2):\n Q(self, str(i), name=f"bad_{i}")', ["bad_0", "bad_1"]),
    ('[Q(self, n, name=n) for n in ("bad_a", "bad_b")]', ["bad_a", "bad_b"]),
    ('{n: Q(self, n, name=f"bad_{n}") for n in ("a", "b")}', ["bad_a", "bad_b"]),
    ('for a in ("x", "y"):\n for b in ("1",):\n  Q(self, a, name=f"bad_{a}{b}")', ["bad_x1", "bad_y1"]),
    ('for job in [{"name": "bad_a"}, {"name": "bad_b"}]:\n Q(self, "A", name=job["name"])', ["bad_a", "bad_b"]),
    # What belongs together stays so.
    ('for k, e in (("x", "dev"), ("y", "prod")):\n Q(self, k, name=f"bad_{k}_{e}")', ["bad_x_dev", "bad_y_prod"]),
    ('for n in ("a", "b"):\n Q(self, n, name=f"bad_{n}{n}")', ["bad_aa", "bad_bb"]),
    (
        'if x:\n a = "1"\n b = "2"\nelse:\n a = "3"\n b = "4"\nQ(self, "A", name=f"bad_{a}{b}")',
        ["bad_12", "bad_34"],
    ),
    ('a, b = "1", "2"\nif x:\n a = "3"\n b = "4"\nQ(self, "A", name=f"bad_{a}{b}")', ["bad_12", "bad_34"]),
    ('a = "1" if x else "2"\nb = "3" if x else "4"\nQ(self, "A", name=f"bad_{a}{b}")', ["bad_13", "bad_24"]),
    (
        'A = {"dev": "1", "prod": "2"}\nB = {"dev": "3", "prod": "4"}\nQ(self, "A", name=f"bad_{A[env]}{B[env]}")',
        ["bad_13", "bad_24"],
    ),
    ('if x:\n a = "1"\n Q(self, "A", name=f"bad_{a}")\nelse:\n a = "2"', ["bad_1"]),
    ('for a in "xy", "z":\n b = f"{a}1"\n Q(self, a, name=f"bad_{a}{b}")', ["bad_xyxy1", "bad_zz1"]),
    # Containers.
    ('names = {"jobs": "bad_a", "mail": "acmecorp-rpt-mail-queue-dev"}\nQ(self, "A", name=names["jobs"])', ["bad_a"]),
    ('NAMES = {"dev": "bad_a", "prod": "bad_b"}\nQ(self, "A", name=NAMES[env])', ["bad_a", "bad_b"]),
    ('NAMES = {"dev": "bad_a"}\nQ(self, "A", name=NAMES.get(env, "bad_b"))', ["bad_a", "bad_b"]),
    ('NAMES = {"a": {"b": "bad_a"}}\nQ(self, "A", name=NAMES["a"]["b"])', ["bad_a"]),
    ('NAMES = ["acmecorp-rpt-mail-queue-dev", "bad_a"]\nQ(self, "A", name=NAMES[-1])', ["bad_a"]),
    ('a, b = "acmecorp-rpt-mail-queue-dev", "bad_b"\nQ(self, "A", name=b)', ["bad_b"]),
    ('cfg = dict(name="bad_a")\nQ(self, "A", **cfg)', ["bad_a"]),
    ('Q(self, "A", **{"name": "bad_a", "tags": {}})', ["bad_a"]),
    ('BASE = {"name": "bad_a"}\nQ(self, "A", **{**BASE, "name": "bad_b"})', ["bad_b"]),
    ('BASE = {"name": "bad_a"}\nQ(self, "A", **(BASE | {"tags": {}}))', ["bad_a"]),
    # Attributes.
    ('class Names:\n QUEUE = "bad_a"\nQ(self, "A", name=Names.QUEUE)', ["bad_a"]),
    ('class S:\n NAME = "bad_a"\n def f(self):\n  Q(self, "A", name=self.NAME)', ["bad_a"]),
    (
        'class S:\n def __init__(self):\n  self.prefix = "bad"\n def f(self):\n  Q(self, "A", name=f"{self.prefix}_a")',
        ["bad_a"],
    ),
    ('class P:\n prefix = "bad"\nclass S(P):\n def f(self):\n  Q(self, "A", name=self.prefix + "_a")', ["bad_a"]),
    (
        (
            "class S:\n def __init__(self, env):\n  if env:\n   self.name = 'bad_a'\n  else:\n   self.name = 'bad_b'\n"
            '  Q(self, "A", name=self.name)'
        ),
        ["bad_a", "bad_b"],
    ),
    ('class E(Enum):\n DEV = "bad_a"\nQ(self, "A", name=E.DEV.value)', ["bad_a"]),
    (
        (
            "@dataclass\nclass J:\n name: str\n days: int = 1\n"
            'for j in [J("bad_a"), J(name="bad_b")]:\n Q(self, "A", name=j.name)'
        ),
        ["bad_a", "bad_b"],
    ),
    (
        (
            'class J(NamedTuple):\n kind: str\n env: str\nJOBS = (J("x", "dev"), J("y", "prod"))\n'
            'for j in JOBS:\n Q(self, "A", name=f"bad_{j.kind}_{j.env}")'
        ),
        ["bad_x_dev", "bad_y_prod"],
    ),
    ('class A:\n x = "bad_a"\nclass S:\n x = "bad_b"\n def f(self):\n  Q(self, "A", name=self.x)', ["bad_b"]),
]


@pytest.mark.parametrize(("code", "names"), FOLDED)
def test_what_is_made_of_literals_is_read(
    code: str, names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each text that is wrong is a finding; what is not known of it is in braces."""
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n"})
    found = [each["name"] for each in report(tmp_path, capsys)["findings"] if each["rule"] != "name-reserved"]
    assert sorted(set(found)) == sorted(names)


UNKNOWN = [
    'Q(self, "A", name=name)',
    "def f(name):\n Q(self, 'A', name=name)",
    "def f(name='bad_default'):\n Q(self, 'A', name=name)",
    'name = "bad_a"\nname = make()\nQ(self, "A", name=name)',
    'name = make()\nQ(self, "A", name=name)\nname = "bad_a"',
    "def f(name):\n if x:\n  name = 'bad_a'\n else:\n  Q(self, 'A', name=name)",
    'NAME = "bad_a"\ndef f(NAME):\n Q(self, "A", name=NAME)',
    'NAMES = {**others, "a": "bad_a"}\nQ(self, "A", name=NAMES["b"])',
    "for n in names():\n Q(self, n, name=n)",
    'Q(self, "A", name="_".join(parts))',
    'Q(self, "A", name=pattern.format("x"))',
    'Q(self, "A", name=pattern % "x")',
    'Q(self, "A", name=os.environ["QUEUE"])',
    'Q(self, "A", name=names.of("bad_a"))',
    'Q(self, "A", name=[n for n in ("bad_a",)][0])',
    'n = "bad_a"\nwith n as n:\n Q(self, "A", name=n)',
    'for n in ("bad_a",):\n pass\ndef f(n):\n Q(self, "A", name=n)',
    '[n for n in ("bad_a",)]\nQ(self, "A", name=n)',
    'class A:\n x = "bad_a"\ndef f(a):\n Q(self, "A", name=a.x)',
    'class S:\n @property\n def x(self):\n  return make()\n def f(self):\n  Q(self, "A", name=self.x)',
    'class J:\n name: str\n def __init__(self, x):\n  self.name = make(x)\nQ(self, "A", name=J("bad_a").name)',
    '@dataclass\nclass J:\n name: str = "bad_default"\nQ(self, "A", name=J().name)',
    'Q(self, "A", name="%s" % (x, y))',
    'Q(self, "A", name="{} {".format(x))',
    'Q(self, "A", name="bad_a"[start:])',
    'Q(self, "A", name="bad_a".zfill("x"))',
]


@pytest.mark.parametrize("code", UNKNOWN)
def test_what_is_not_known_is_counted_and_no_finding(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = 'Q(self, "Sound", name="acmecorp-rpt-jobs-queue-dev")'
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n{sound}\n"})
    assert report(tmp_path, capsys)["summary"] == (
        "1 name in 1 file checked (1 more not readable in source): 0 errors, 0 warnings"
    )


SOUND = [
    'Q(self, "A", name="acmecorp-%s-queue-%s" % (kind, env))',
    'Q(self, "A", name="acmecorp-{}-queue-{}".format(kind, env))',
    'Q(self, "A", name="-".join(["acmecorp", kind, "queue", env]))',
    'Q(self, "A", name=f"Acmecorp-RPT-Jobs-Queue-{env}".lower())',
    'for k in ("jobs", "mail"):\n Q(self, k, name=f"acmecorp-{k}-queue-{env}")',
    'for k, e in (("jobs", "dev"), ("mail", "prod")):\n Q(self, k, name=f"acmecorp-{k}-queue-{e}")',
    "Q(self, \"A\", name=f\"acmecorp-{kind}-{'dlq' if dead else 'queue'}-{env}\")",
    'extra = f"-{kind}" if kind else ""\nQ(self, "A", name=f"acmecorp-rpt{extra}-queue-{env}")',
    'prefix = given or "acmecorp"\nQ(self, "A", name=f"{prefix}-rpt-queue-{env}")',
    'env = os.environ.get("ENV") or "dev"\nQ(self, "A", name=f"acmecorp-rpt-queue-{env}")',
    'NAMES = {"dev": "acmecorp-rpt-queue-dev", "prod": "acmecorp-rpt-queue-prod"}\nQ(self, "A", name=NAMES[env])',
    'B(self, "A", bucket="-".join(["acmecorp", env, "rpt", "results", region, suffix]))',
]


@pytest.mark.parametrize("code", SOUND)
def test_right_names_that_are_made_of_literals_are_clean(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n"})
    found = report(tmp_path, capsys)
    assert (found["findings"], found["unreadable"]) == ([], [])


@pytest.mark.parametrize(
    "code",
    [
        # Very many parts, alternatives, assignments or steps; and what refers to itself.
        "x = " + " + ".join(["'a'"] * 500) + '\nQ(self, "A", name=x)',
        "Q(self, 'A', name=" + "".join(f"('a' if x{n} else 'b') + " for n in range(10)) + "'')",
        "".join(f"x = 'bad_{n}'\n" for n in range(60)) + 'Q(self, "A", name=x)',
        "".join(f"x{n} = x{n + 1}\n" for n in range(20)) + 'x20 = "bad_a"\nQ(self, "A", name=x0)',
        'for n in range(1_000_000_000):\n Q(self, str(n), name=f"{n}")',
        "class S:\n def f(self):\n  self.a = self.b\n  self.b = self.a\n  Q(self, 'A', name=self.a)",
        "x = {**x}\nQ(self, 'A', **x)",
    ],
)
def test_what_would_take_long_is_not_followed(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound = 'Q(self, "Sound", name="acmecorp-rpt-jobs-queue-dev")'
    write(tmp_path, {"stack.py": f"{IMPORTS}{code}\n{sound}\n"})
    assert "(1 more not readable in source): 0 errors" in report(tmp_path, capsys)["summary"]


def test_variables_of_very_many_texts_are_holes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = "for {0} in ('a', 'b', 'c', 'd', 'e'):\n"
    loops = letters.format("x") + " " + letters.format("y") + "  " + letters.format("z")
    write(tmp_path, {"stack.py": f"{IMPORTS}{loops}   Q(self, x, name=f'bad {{x}}{{y}}{{z}}')\n"})
    assert [each["name"] for each in report(tmp_path, capsys)["findings"]] == ["bad {x}{y}{z}"]
