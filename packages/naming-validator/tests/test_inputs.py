"""The files that are read; for those that cannot be, status 2 with file and line, and the findings of all others."""

import os
from pathlib import Path
from typing import Any

import pytest

from naming_run import findings, main, write

QUEUE: dict[str, Any] = {"resource": {"aws_sqs_queue": {"q": {"name": "acmecorp-rpt-jobs-queue-dev"}}}}
BAD: dict[str, Any] = {"resource": {"aws_sqs_queue": {"q": {"name": "bad_name"}}}}

UNREADABLE: list[tuple[str, str | bytes, str]] = [
    ("a.tf.json", '{"resource": {\n "x": }', "a.tf.json:2: is not valid JSON: Expecting value"),
    ("a.tf.json", b"\xff\xfe{}", "a.tf.json: is not UTF-8 text: byte 0 is 0xff"),
    ("a.tf.json", "[" * 100_000 + "]" * 100_000, "a.tf.json: is nested too deeply"),
    ("a.tf.json", "[]", "a.tf.json: is no object with anything in it, as Terraform's JSON is"),
    ("a.tf.json", "{}", "a.tf.json: is no object with anything in it, as Terraform's JSON is"),
    ("a.tf.json", "", "a.tf.json:1: is not valid JSON: Expecting value"),
    ("plan.json", '{"format_version": "1.2", "planned_values":', "plan.json:1: is not valid JSON: Expecting value"),
    ("a.tf", 'resource "a" "b" {\n\n', "a.tf:3: is not valid HCL"),
    ("a.tf", b'a = "\xff"\n', "a.tf: is not UTF-8 text: byte 5 is 0xff"),
    ("a.tf", "a = " + "[" * 3000 + "]" * 3000, "a.tf: is nested too deeply"),
    ("a.py", "x = 1\ndef f(:\n", "a.py:2: is not valid Python: invalid syntax"),
    ("a.py", "x = " + "a + " * 20_000 + "a", "a.py: is nested too deeply"),
    ("a.py", b"# \xff\n", "a.py: is not UTF-8 text: byte 2 is 0xff"),
    ("a.py", " " * (2 << 20) + " ", "a.py: is larger than 2 MiB"),
]


@pytest.mark.parametrize(("name", "content", "message"), UNREADABLE)
def test_what_cannot_be_read_is_named_and_the_rest_is_still_judged(
    name: str, content: str | bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {f"broken/{name}": content, "sound/cdk.tf.json": BAD})
    assert main(["--path", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert shown.err == f"{tmp_path}/broken/{message}\n"
    assert "[name-convention] aws_sqs_queue.q" in shown.out
    assert shown.out.endswith("1 name in 1 file checked: 0 errors, 1 warning; 1 could not be read\n")


@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({}, "missing", "missing: no such file or folder"),
        ({}, ".", "no file to read; expected Terraform JSON (*.tf.json) or HCL (*.tf), plans as JSON, or Python"),
        ({"a.txt": "x", "package.json": "{}"}, ".", "no file to read"),
        ({".hidden/a.py": "x", "node_modules/a.py": "x", "__pycache__/a.py": "x"}, ".", "no file to read"),
        ({"env/pyvenv.cfg": "", "env/a.py": "x", "lib/site-packages/a.py": "x"}, ".", "no file to read"),
        ({"a.txt": "x"}, "a.txt", "a.txt: unsupported file type"),
        ({"package.json": "{}"}, "package.json", "package.json: unsupported file type"),
        (
            {"a.py": "from imports.aws.sqs_queue import SqsQueue\nSqsQueue(self, 'A', name=name)"},
            ".",
            "--path: nothing was checked: of 1 name none can be read in source; check the synthesized JSON",
        ),
    ],
)
def test_nothing_to_validate_is_never_clean(
    files: dict[str, Any], path: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, files)
    assert main(["--path", str(tmp_path / path)]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == "0 names in 0 files checked: 0 errors, 0 warnings; 1 could not be read\n" or files


def test_one_path_without_anything_is_said_although_another_has_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"full/cdk.tf.json": QUEUE})
    (tmp_path / "empty").mkdir()
    assert main(["--path", str(tmp_path / "full"), "--path", str(tmp_path / "empty")]) == 2
    assert "empty: no file to read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"a.py": "print()"}, "1 file"),
        ({"a.py": "", "b/c.py": "import this", "main.tf": "locals {}\n"}, "3 files"),
        ({"cdk.tf.json": {"output": {}}}, "1 file"),
        ({"plan.json": {"format_version": "1.2", "planned_values": {"root_module": {}}}}, "1 file"),
        ({"main.tf": 'data "aws_sqs_queue" "q" { name = "Theirs" }\n'}, "1 file"),
    ],
)
def test_files_that_name_nothing_are_clean_with_a_note(
    files: dict[str, Any], count: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them were read, so that there is nothing in them is an answer."""
    write(tmp_path, files)
    assert main(["--path", str(tmp_path), "--strict"]) == 0
    shown = capsys.readouterr()
    assert shown.err == f"note: nothing was checked: no resource that has a name is in {count}\n"
    assert shown.out == "0 names in 0 files checked: 0 errors, 0 warnings\n"


def test_this_folder_is_read_if_no_path_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"infra/cdk.tf.json": BAD})
    monkeypatch.chdir(tmp_path)
    assert main(["--strict"]) == 1
    assert capsys.readouterr().out.startswith("infra/cdk.tf.json:5: error [name-convention] aws_sqs_queue.q: ")


GENERATED: list[tuple[str, dict[str, Any]]] = [
    ("build", {"build/lib/a/stack.py": "def f(:"}),
    ("dist", {"dist/stack.py": "def f(:"}),
    ("cdk.out", {"cdk.out/asset.1/stack.py": "def f(:"}),
    ("imports/aws", {"imports/aws/_jsii/x": "", "imports/aws/a.py": "def f(:"}),
]


@pytest.mark.parametrize(("folder", "files"), GENERATED)
def test_a_generated_folder_is_read_only_by_its_own_path(
    folder: str, files: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A note names the folder, and the option that reads it."""
    write(tmp_path, {"infra/app/cdk.tf.json": QUEUE, **{f"infra/{name}": text for name, text in files.items()}})
    generated = f"{tmp_path}/infra/{folder}"
    assert main(["--path", str(tmp_path / "infra"), "--strict"]) == 0
    shown = capsys.readouterr()
    assert shown.err == f"note: {generated} is generated, so it is not read; to read it, add --path {generated}\n"
    assert shown.out == "1 name in 1 file checked: 0 errors, 0 warnings\n"
    assert main(["--path", generated]) == 2
    assert ": is not valid Python" in capsys.readouterr().err
    assert main(["--path", str(tmp_path / "infra"), "--path", generated, "--path", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert ": is not valid Python" in shown.err
    assert "note: " not in shown.err


def test_python_in_cdktfs_output_is_a_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Synthesized JSON is read beside it; everything is by its own path."""
    write(tmp_path, {"cdktf.out/stacks/a-dev/cdk.tf.json": QUEUE, "cdktf.out/assets/x/handler.py": "def f(:"})
    assert main(["--path", str(tmp_path), "--strict"]) == 0
    assert capsys.readouterr().out == "1 name in 1 file checked: 0 errors, 0 warnings\n"
    assert main(["--path", str(tmp_path / "cdktf.out")]) == 2


def test_a_path_through_a_generated_folder_is_not_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"build/project/cdk.tf.json": BAD})
    assert main(["--path", str(tmp_path / "build" / "project"), "--strict"]) == 1
    assert capsys.readouterr().err == ""


def test_verbose_shows_each_file_and_name_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The findings stay as they are, in every format."""
    source = (
        "from imports.aws.sqs_queue import SqsQueue\n"
        "SqsQueue(self, 'A', name=f'acmecorp-rpt-jobs-queue-{env}')\nSqsQueue(self, 'B')\n"
    )
    write(tmp_path, {"infra/app.py": source, "infra/b\x1b.tf.json": BAD, "infra/none.py": ""})
    monkeypatch.chdir(tmp_path)
    said = (
        "reading infra\n"
        "infra/app.py: 2 names\n"
        '  infra/app.py:2: aws_sqs_queue.A: "acmecorp-rpt-jobs-queue-{env}"\n'
        "  infra/app.py:3: aws_sqs_queue.B: no name\n"
        "infra/b\\x1b.tf.json: 1 name\n"
        '  infra/b\\x1b.tf.json: $.resource.aws_sqs_queue.q.name: aws_sqs_queue.q: "bad_name"\n'
        "infra/none.py: 0 names\n"
    )
    for format_ in ("text", "json", "sarif", "github"):
        assert main(["--path", "infra", "--strict", "--format", format_]) == 1
        quiet = capsys.readouterr()
        assert main(["--path", "infra", "--strict", "--verbose", "--format", format_]) == 1
        verbose = capsys.readouterr()
        assert (quiet.err, verbose.err, verbose.out) == ("", said, quiet.out)
    assert main(["-v", "--path", "infra/none.py"]) == 0
    assert capsys.readouterr().err.startswith("reading infra/none.py\ninfra/none.py: 0 names\nnote: ")


def test_help_says_the_exit_statuses_and_what_is_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in ("(default: this folder)", "cdk.out, dist", "Exit status: 0 ", " 1 errors 2 ", "--verbose"):
        assert words in shown


def test_links_copies_and_what_is_no_file_are_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Links out of the folder, asset copies beside a stack, a FIFO; a file that two paths lead to is read once."""
    outside = tmp_path / "outside"
    write(outside, {"bad/cdk.tf.json": BAD, "bad.py": "def f(:"})
    inside = tmp_path / "inside"
    write(inside, {"stacks/a-dev/cdk.tf.json": QUEUE, "stacks/a-dev/assets/x/a.py": "def f(:"})
    write(inside, {"hcl/a-dev/cdk.tf": "", "hcl/a-dev/metadata.json": "{}", "hcl/a-dev/assets/x/a.py": "def f(:"})
    (inside / "link.py").symlink_to(outside / "bad.py")
    (inside / "bad").symlink_to(outside / "bad", target_is_directory=True)
    os.mkfifo(inside / "pipe.tf")
    assert main(["--strict", "--path", str(inside), "--path", str(inside / "stacks")]) == 0
    assert capsys.readouterr().out == "1 name in 1 file checked: 0 errors, 0 warnings\n"


def test_a_file_may_be_named_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"cdk.tf.json": BAD})
    assert main(["--path", str(tmp_path / "cdk.tf.json"), "--strict"]) == 1
    assert capsys.readouterr().out.endswith("1 name in 1 file checked: 1 error, 0 warnings\n")


@pytest.mark.parametrize("arguments", [["--path"], ["--path", ""], ["--path", ".", "--format", "xml"], ["--nope"]])
def test_a_wrong_command_line_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: " in capsys.readouterr().err


def test_a_line_is_found_beside_keys_of_the_same_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """{
  "//": {"metadata": {"stackName": "a-dev", "resource": {"aws_sqs_queue": {"q": {"name": "x"}}}}},
  "output": {"name": {"value": ["]", "}", "\\"name\\":", {"name": 1}]}},
  "resource": {"aws_dynamodb_table": {"t": {
    "attribute": [{"name": "a"}, {"name": "b"}],
    "global_secondary_index": [
      {"hash_key": "a", "name": "a-index"},
      {"hash_key": "b",
       "name": "b index"}
    ],
    "name": "acmecorp-jobs-table-dev"
  }}}
}"""
    write(tmp_path, {"cdk.tf.json": text})
    address = "aws_dynamodb_table.t.global_secondary_index[1]"
    assert findings(tmp_path, capsys) == [("cdk.tf.json", 9, "name-alphabet", address)]
