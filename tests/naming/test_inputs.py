"""Which files are read, and what is said of those that cannot be: status 2, the file, the line, and all the others."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from ops.naming.command import main
from tests.naming.run import findings, write

QUEUE: dict[str, Any] = {"resource": {"aws_sqs_queue": {"q": {"name": "careervp-vpr-jobs-queue-dev"}}}}
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
        ({}, ".", "holds nothing to validate: no Terraform JSON or HCL, no plan as JSON and no Python"),
        ({"a.txt": "x", "package.json": "{}"}, ".", "holds nothing to validate"),
        ({".hidden/a.py": "x", "node_modules/a.py": "x", "__pycache__/a.py": "x"}, ".", "holds nothing to validate"),
        ({"a.txt": "x"}, "a.txt", "a.txt: is nothing that is read here"),
        ({"package.json": "{}"}, "package.json", "package.json: is nothing that is read here"),
        ({"a.py": "print()"}, ".", "--path: nothing was validated: no resource that has a name was found"),
        ({"cdk.tf.json": {"output": {}}}, ".", "--path: nothing was validated: no resource that has a name was found"),
        (
            {"a.py": "from imports.aws.sqs_queue import SqsQueue\nSqsQueue(self, 'A', name=name)"},
            ".",
            "--path: nothing was validated: source does not tell the names in it (1); synthesized JSON does",
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
    assert "empty: holds nothing to validate" in capsys.readouterr().err


def test_links_copies_and_what_is_no_file_are_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Links out of the folder, asset copies beside a stack, a FIFO; a file that two paths lead to is read once."""
    outside = tmp_path / "outside"
    write(outside, {"bad/cdk.tf.json": BAD, "bad.py": "def f(:"})
    inside = tmp_path / "inside"
    write(inside, {"stacks/a-dev/cdk.tf.json": QUEUE, "stacks/a-dev/assets/x/a.py": "def f(:"})
    (inside / "link.py").symlink_to(outside / "bad.py")
    (inside / "bad").symlink_to(outside / "bad", target_is_directory=True)
    os.mkfifo(inside / "pipe.tf")
    assert main(["--strict", "--path", str(inside), "--path", str(inside / "stacks")]) == 0
    assert capsys.readouterr().out == "1 name in 1 file checked: 0 errors, 0 warnings\n"


def test_a_file_may_be_named_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"cdk.tf.json": BAD})
    assert main(["--path", str(tmp_path / "cdk.tf.json"), "--strict"]) == 1
    assert capsys.readouterr().out.endswith("1 name in 1 file checked: 1 error, 0 warnings\n")


@pytest.mark.parametrize("arguments", [[], ["--path"], ["--path", ""], ["--path", ".", "--format", "xml"], ["--nope"]])
def test_a_wrong_command_line_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: validate_naming.py" in capsys.readouterr().err


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
    "name": "careervp-jobs-table-dev"
  }}}
}"""
    write(tmp_path, {"cdk.tf.json": text})
    address = "aws_dynamodb_table.t.global_secondary_index[1]"
    assert findings(tmp_path, capsys) == [("cdk.tf.json", 9, "name-alphabet", address)]


def test_an_interpreter_without_hcls_parser_reads_the_rest_and_says_which_has_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.tf": 'resource "aws_sqs_queue" "q" {}\n', "cdk.tf.json": BAD})
    script = PROJECT_ROOT / "scripts" / "validate_naming.py"
    command = (sys.executable, "-S", str(script), "--path", ".")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    needs = "No module named 'hcl2'; run this with .venv/bin/python, which make setup makes"
    assert (done.returncode, done.stderr) == (2, f"a.tf: cannot be read: {needs}\n")
    assert "cdk.tf.json:5: warning [name-convention]" in done.stdout


def test_hcls_parser_is_loaded_only_for_hcl(tmp_path: Path) -> None:
    """It takes longer to load than all else together; the script runs from any folder."""
    write(tmp_path, {"cdk.tf.json": QUEUE})
    script = PROJECT_ROOT / "scripts" / "validate_naming.py"
    command = (sys.executable, "-X", "importtime", str(script), "--path", "cdk.tf.json", "--strict")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 name in 1 file checked: 0 errors, 0 warnings\n")
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "ops.naming.json_reader" in imported
    assert imported.isdisjoint({"hcl2", "lark", "cdktf", "attrs", "config.settings", "config.names"})
