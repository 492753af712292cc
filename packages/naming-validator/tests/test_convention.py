"""The convention's file: found, read, applied, and every error of it reported in one pass."""

import json
from pathlib import Path

import pytest

from check_report.errors import InvalidInputError
from naming_validator.command import main
from naming_validator.convention import EXAMPLE, load_convention

from naming_run import CONVENTION, write

QUEUE = {"resource": {"aws_sqs_queue": {"q": {"name": "shop-orders-queue-dev"}}}}
SHOP = """\
project = "the-shop"
form = "{env}.{project}.{feature}.{type}"
[environments]
test = ["testing"]
[resources.aws_dynamodb_table]
types = ["table"]
[resources.aws_s3_bucket]
types = ["store"]
"""


def test_another_projects_convention_is_its_file_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other environments, and the environment first."""
    names = ("test.the-shop.orders.table", "the-shop.test.orders.table", "testing.the-shop.orders.table", "orders")
    tables = {f"T{index}": {"name": name} for index, name in enumerate(names)}
    buckets = {"B": {"bucket": "test.the-shop.orders.store"}}
    topics = {"T": {"name": "AnyName"}}
    resources = {"aws_dynamodb_table": tables, "aws_s3_bucket": buckets, "aws_sns_topic": topics}
    write(tmp_path, {"naming.toml": SHOP, "shop-test/cdk.tf.json": {"resource": resources}})
    assert main(["--path", str(tmp_path / "shop-test"), "--strict", "--format", "json"]) == 1
    right = "test.the-shop.orders.table"
    form = "the form is {env}.the-shop.{feature}.{type}"
    assert [
        (each["name"], each["rule"], each["message"], each["suggestion"])
        for each in json.loads(capsys.readouterr().out)["findings"]
    ] == [
        (names[1], "name-convention", f"has its pieces in another order, or too few of them; {form}", right),
        (names[2], "name-environment", 'says "testing", which is no environment; allowed: test', right),
        (
            "orders",
            "name-convention",
            f'does not say the project "the-shop"; says no environment (test); says no type (table); {form}',
            right,
        ),
    ]


def test_each_file_of_a_folder_can_be_an_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new environment is then a file; `[environments]` has wrong spellings, and others without a file."""
    text = 'project = "shop"\nenvironment_files = "settings/*.toml"\n[environments]\ndev = ["devel"]\nlive = []\n'
    stacks = {f"{name}/cdk.tf.json": QUEUE for name in ("a-dev", "a-qa", "a-live")}
    write(tmp_path, {"naming.toml": f'{text}[resources.aws_sqs_queue]\ntypes = ["queue"]\n', **stacks})
    write(tmp_path, {"settings/dev.toml": "", "settings/qa.toml": "", "settings/notes.md": ""})
    assert main(["--path", str(tmp_path), "--strict", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(each["message"], each["suggestion"]) for each in found if each["rule"] == "name-environment"] == [
        ('says "dev", but its stack "a-live" is live', "shop-orders-queue-live"),
        ('says "dev", but its stack "a-qa" is qa', "shop-orders-queue-qa"),
    ]


WHOLE = """\
project = "shop"
environment_files = "settings/*.toml"
[resources.aws_sqs_queue]
types = ["queue"]
whole_names = ["orders.names.queue", "orders.names.dlq", "orders"]
[resources.aws_sns_topic]
"""
LEGACY = {"resource": {"aws_sqs_queue": {"q": {"name": "LegacyOrders"}}}}
LEGACY_TOPIC = {"resource": {"aws_sns_topic": {"t": {"name": "LegacyOrders"}}}}


def test_a_name_that_its_environments_file_states_whole_needs_no_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the stacks of that environment alone, and of the type that the key is for; a note says so."""
    write(tmp_path, {"naming.toml": WHOLE, "settings/qa.toml": "x = [", "settings/prod.toml": "orders = 1"})
    write(tmp_path, {"settings/dev.toml": '[orders.names]\nqueue = "LegacyOrders"\ndlq = 5\n'})
    write(tmp_path, {f"a-{name}/cdk.tf.json": LEGACY for name in ("dev", "qa", "prod")})
    write(tmp_path, {"b-dev/cdk.tf.json": LEGACY_TOPIC})
    assert main(["--path", str(tmp_path), "--strict", "--format", "json"]) == 1
    shown = capsys.readouterr()
    assert [(Path(each["file"]).parent.name, each["rule"]) for each in json.loads(shown.out)["findings"]] == [
        ("a-prod", "name-convention"),
        ("a-qa", "name-convention"),
        ("b-dev", "name-convention"),
    ]
    assert shown.err == (
        'note: aws_sqs_queue.q: "LegacyOrders" breaks the convention, and is accepted because the settings file of dev '
        "states it whole\n"
    )


def test_aws_rules_apply_to_a_name_that_is_stated_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As that it is there once, and a name that has the form anyway is no news."""
    queues = {"q": {"name": "legacy.orders"}, "r": {"name": "shop-a-queue-dev"}, "s": {"name": "shop-a-queue-dev"}}
    write(tmp_path, {"naming.toml": WHOLE, "a-dev/cdk.tf.json": {"resource": {"aws_sqs_queue": queues}}})
    write(tmp_path, {"settings/dev.toml": 'orders.names = {queue = "legacy.orders", dlq = "shop-a-queue-dev"}\n'})
    assert main(["--path", str(tmp_path), "--strict", "--format", "json"]) == 1
    found = [(each["rule"], each["name"]) for each in json.loads(capsys.readouterr().out)["findings"]]
    assert found == [("name-alphabet", "legacy.orders"), ("name-duplicate", "shop-a-queue-dev")]


def test_the_nearest_convention_above_the_path_is_in_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"naming.toml": SHOP, "a/naming.toml": EXAMPLE, "a/b/c/cdk.tf.json": QUEUE})
    for path in ("a", "a/b", "a/b/c/cdk.tf.json"):
        assert main(["--path", str(tmp_path / path), "--strict"]) == 0
        assert capsys.readouterr().out == "1 name in 1 file checked: 0 errors, 0 warnings\n"


def test_a_convention_that_is_named_comes_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"naming.toml": EXAMPLE, "cdk.tf.json": QUEUE})
    assert main(["--path", str(tmp_path), "--strict", "--convention", str(CONVENTION)]) == 1
    assert 'does not say the project "acmecorp"' in capsys.readouterr().out


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a name to check, below which and above which there is no convention."""
    monkeypatch.setattr("naming_validator.convention.FILE_NAME", "no-convention-anywhere.toml")
    write(tmp_path, {"cdk.tf.json": QUEUE})
    return tmp_path


def test_without_a_convention_a_message_shows_how_to_write_one(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example in it is a convention."""
    assert main(["--path", str(bare)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        f"no naming convention: there is no no-convention-anywhere.toml in {bare} or a folder above it. "
        "Write one, like the one below, or name one with --convention FILE.\n\n"
        'project = "shop"\n\n'
        '[environments]\ndev = []\nprod = ["production", "prd"]\n\n'
        '[resources.aws_sqs_queue]\ntypes = ["queue", "dlq"]\n\n'
        '[resources.aws_dynamodb_table]\ntypes = ["table"]\n\n'
    )
    example = bare / "example.toml"
    example.write_text(shown.err.partition("\n\n")[2])
    assert main(["--path", str(bare), "--strict", "--convention", str(example)]) == 0


def test_two_conventions_for_one_run_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"a/naming.toml": SHOP, "b/naming.toml": EXAMPLE})
    assert main(["--path", str(tmp_path / "a"), "--path", str(tmp_path / "b")]) == 2
    assert capsys.readouterr().err == (
        f"{tmp_path}/a/naming.toml and {tmp_path}/b/naming.toml are both in force: "
        "check one path at a time, or name one with --convention\n"
    )


PIECES = "{project}, {env}, {feature}, {type}, {region}, {suffix}, {account}"
FORM = f"text with pieces in braces, each once: {PIECES}"
WORDS = "a list of words of lower-case letters and digits"


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        (
            "",
            [
                'project: "" is not allowed; allowed: a word like "shop", or several with hyphens',
                'environments: there is none; write at least one, like dev = ["development"]',
            ],
        ),
        (
            'project = "Shop"\nenvironments = 1\nresources = []\nenvironment_files = "../*.toml"\n',
            [
                'project: "Shop" is not allowed; allowed: a word like "shop", or several with hyphens',
                'environment_files: "../*.toml" is not allowed; allowed: a folder with a *, like "environments/*.toml"',
                "environments: 1 is not allowed; allowed: a table",
                'environments: there is none; write at least one, like dev = ["development"]',
                "resources: [] is not allowed; allowed: a table",
            ],
        ),
        (
            (
                'project = "a"\nfoo = 1\n"b\\u001b\\n" = 1\n[environments]\ndev = "development"\nd-e = []\n'
                'one = ["same"]\ntwo = ["same", "one"]\n'
            ),
            [
                "foo: unknown key; allowed: project, form, environment_files, environments, resources",
                r'"b\u001b\n": unknown key; allowed: project, form, environment_files, environments, resources',
                f'environments.dev: "development" is not allowed; allowed: {WORDS}',
                'environments: "d-e" is not allowed; allowed: names of lower-case letters and digits',
                'environments: "same" stands for both one and two',
                'environments: "one" stands for both one and two',
            ],
        ),
        (
            (
                'project = "a"\nform = "{project}-{who}"\n[environments]\ndev = []\n'
                '[resources.aws_sqs_queue]\nform = "x"\ntypes = ["a-b"]\nmisnomers = ["q"]\n'
                'forms = ["{env}-{env}", "plain", 1, "{env} {type}", "{feature}"]\n'
                '[resources.aws_s3_bucket]\nforms = []\nwhole_names = ["a..b"]\n'
                '[resources.aws_sns_topic]\nwhole_names = ["a.b"]\n'
            ),
            [
                f'form: "{{project}}-{{who}}" is not allowed; allowed: {FORM}',
                "resources.aws_sqs_queue.form: unknown key; allowed: types, misnomers, forms, whole_names",
                f'resources.aws_sqs_queue.types: ["a-b"] is not allowed; allowed: {WORDS}',
                "resources.aws_sqs_queue.misnomers: they stand for the first of types, which is empty",
                f'resources.aws_sqs_queue.forms[0]: "{{env}}-{{env}}" is not allowed; allowed: {FORM}',
                f'resources.aws_sqs_queue.forms[1]: "plain" is not allowed; allowed: {FORM}',
                f"resources.aws_sqs_queue.forms[2]: 1 is not allowed; allowed: {FORM}",
                f'resources.aws_sqs_queue.forms[3]: "{{env}} {{type}}" is not allowed; allowed: {FORM}',
                "resources.aws_s3_bucket.forms: [] is not allowed; allowed: a list of at least one form",
                (
                    'resources.aws_s3_bucket.whole_names: ["a..b"] is not allowed; '
                    'allowed: a list of keys of the environments\' files, like "orders.names.queue"'
                ),
                (
                    "resources.aws_sns_topic.whole_names: they are keys of the environments' files; "
                    "set environment_files as well"
                ),
            ],
        ),
    ],
)
def test_every_error_is_reported_in_one_pass(
    text: str, errors: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(text)
    assert main(["--path", str(tmp_path), "--convention", str(file)]) == 2
    assert capsys.readouterr().err.splitlines() == [f"{file}: {error}" for error in errors]


def test_an_unknown_resource_type_is_an_error_that_lists_the_known(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(f"{EXAMPLE}[resources.aws_sqs_queues]\n")
    with pytest.raises(InvalidInputError) as raised:
        load_convention(tmp_path / "a.toml")
    assert str(raised.value).startswith(
        f"{tmp_path}/a.toml: resources.aws_sqs_queues: not a resource type whose names are checked; "
        "allowed: aws_sqs_queue, aws_dynamodb_table, "
    )


def test_of_very_many_errors_the_first_twenty_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("".join(f"key{number} = 1\n" for number in range(30)) + EXAMPLE)
    with pytest.raises(InvalidInputError) as raised:
        load_convention(tmp_path / "a.toml")
    lines = str(raised.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == f"{tmp_path}/a.toml: ... and 10 more"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file; --convention FILE names another one"),
        (b"project = ", "not valid TOML: Invalid value (at end of document)"),
        (b"\xff", "not UTF-8 text, which every TOML file is"),
        (b"a" + b".a" * 200 + b" = 1", "nested too deeply"),
        (b"a = " + b"[" * 5_000, "nested too deeply"),
        (b"#" * 65_537, "larger than 65,536 bytes: too large for a convention"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_reason(
    content: bytes | None, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ours.toml"
    if content is not None:
        file.write_bytes(content)
    assert main(["--path", str(tmp_path), "--convention", str(file)]) == 2
    assert capsys.readouterr().err == f"{file}: {reason}\n"
