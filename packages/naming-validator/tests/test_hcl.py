"""HCL: what `cdktf synth --hcl` writes, tokens in files written by hand, heredocs and dynamic blocks."""

from pathlib import Path

import pytest

from naming_run import findings, report, write

METADATA = '{"//": {"metadata": {"backend": "local", "stackName": "%s", "version": "0.21.0"}, "outputs": {}}}'


def queue(name: str) -> str:
    """Return a block whose name is the expression."""
    return f'resource "aws_sqs_queue" "q" {{\n  name = {name}\n}}\n'


SYNTHESIZED: list[tuple[str, list[str]]] = [
    ('"acmecorp-rpt-jobs-queue-dev"', []),
    ('"acmecorp-rpt-${aws_vpc.main.id}-queue-dev"', ["name-token"]),
    ('"${data.aws_caller_identity.me.account_id}"', ["name-token"]),
    ("aws_sns_topic.t.name", ["name-token"]),
    ('"acmecorp-${each.value}-queue-dev"', ["name-token"]),
    ('"acmecorp-rpt-jobs-queue-${var.env}"', ["name-token"]),
    ('join("-", ["acmecorp", aws_vpc.main.id])', ["name-token"]),
    ('"acmecorp-rpt-jobs-queue-${toke"', ["unreadable"]),
    ('"acmecorp-rpt-jobs-queue-prod"', ["name-environment"]),
]


@pytest.mark.parametrize(("name", "rules"), SYNTHESIZED)
def test_hcl_beside_cdktfs_metadata_is_synthesized(
    name: str, rules: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every interpolation is a token, and the stack's name is the metadata's."""
    folder = "cdktf.out/stacks/other"
    write(tmp_path, {f"{folder}/cdk.tf": queue(name), f"{folder}/metadata.json": METADATA % "rpt-dev"})
    found = report(tmp_path, capsys)
    assert [each["rule"] for each in found["findings"]] + ["unreadable"] * len(found["unreadable"]) == rules


def test_the_region_of_synthesized_hcl_is_its_providers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """\
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111111111111"]
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
resource "aws_s3_bucket" "here" {
  bucket = "acmecorp-dev-rpt-results-us-west-2-0a1b2c"
}
resource "aws_s3_bucket" "there" {
  provider = aws.west
  bucket   = "acmecorp-dev-rpt-results-us-west-2-0a1b2d"
}
"""
    write(tmp_path, {"s/cdk.tf": text, "s/metadata.json": METADATA % "rpt-dev"})
    assert findings(tmp_path, capsys) == [("s/cdk.tf", 10, "name-region", "aws_s3_bucket.here")]


@pytest.mark.parametrize(
    "files",
    [
        {"cdk.tf": queue('"acmecorp-rpt-${var.feature}-queue-dev"')},
        {"cdk.tf": queue('"acmecorp-rpt-${var.feature}-queue-dev"'), "metadata.json": '{"name": "a package"}'},
        {"main.tf": queue('"acmecorp-rpt-${var.feature}-queue-dev"'), "metadata.json": METADATA % "rpt-dev"},
    ],
)
def test_hcl_without_cdktfs_metadata_is_written_by_hand(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {f"rpt-dev/{name}": text for name, text in files.items()})
    assert findings(tmp_path, capsys) == []


@pytest.mark.parametrize("metadata", ["{", "[]", "1", '"x"'])
def test_metadata_that_is_not_cdktfs_json_is_an_error(
    metadata: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in the file then counts as clean, because it may have been synthesized."""
    write(tmp_path, {"cdk.tf": queue('"acmecorp-rpt-jobs-queue-dev"'), "metadata.json": metadata})
    assert [each["message"] for each in report(tmp_path, capsys)["unreadable"]] == [
        "is beside a metadata.json that is not cdktf's: write both again with cdktf synth --hcl, or rename the other"
    ]


TOKENS = [
    "acmecorp-rpt-${TfToken[TOKEN.12]}-queue-dev",
    "acmecorp-rpt-${Token[AWS.Region.4]}-queue-dev",
    "${TfToken[TOKEN.1]}",
    "acmecorp-${tftoken[token.12]}-queue-dev",
    "acmecorp-${Token[Jobs.QueueName.7]}-queue-dev",
    "acmecorp-${lower(TfToken[TOKEN.3])}-queue-dev",
    "acmecorp-${substr(Token[TOKEN.3], 0, 6)}-queue-${var.env}",
    "acmecorp-%{ if var.x }${TfToken[TOKEN.3]}%{ endif }-queue-dev",
    "${-1.8881545897087e+289}",
]


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_no_expression_of_terraforms(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In HCL and in JSON that were written by hand, or copied together."""
    body = {"resource": {"aws_sqs_queue": {"j": {"name": name}}}}
    write(tmp_path, {"main.tf": queue(f'"{name}"'), "other.tf.json": body})
    assert [(file, rule) for file, _, rule, _ in findings(tmp_path, capsys)] == [
        ("main.tf", "name-token"),
        ("other.tf.json", "name-token"),
    ]


@pytest.mark.parametrize("name", ["acmecorp-rpt-${toke", "acmecorp-${AWS::Region}-queue-dev", "${TfToken[TOK"])
def test_json_by_hand_may_hold_what_hcl_cannot(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"main.tf.json": {"resource": {"aws_sqs_queue": {"j": {"name": name}}}}})
    assert [each[2] for each in findings(tmp_path, capsys)] == ["name-token"]


@pytest.mark.parametrize(
    "name",
    [
        "acmecorp-${var.token}-queue-dev",
        "acmecorp-${var.token[0]}-queue-dev",
        'acmecorp-${local.tokens["a"].id}-queue-dev',
        "acmecorp-${data.aws_eks_cluster_auth.a.token}-queue-dev",
        'acmecorp-${provider::aws::arn_parse("x").resource}-queue-dev',
        "acmecorp-${module.tf_token_queue.name}-queue-dev",
    ],
)
def test_terraforms_own_expressions_are_no_tokens(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"main.tf": queue(f'"{name}"')})
    assert findings(tmp_path, capsys) == []


HEREDOCS = [
    # Terraform keeps the line's end, and its provider then refuses the name.
    ("<<-EOT\n    acmecorp-rpt-jobs-queue-dev\n  EOT", "acmecorp-rpt-jobs-queue-dev\n", "name-alphabet"),
    ("<<EOT\nacmecorp-rpt-jobs-queue-dev\nEOT", "acmecorp-rpt-jobs-queue-dev\n", "name-alphabet"),
    ("<<NAME\n  acmecorp-rpt-jobs-queue-dev\nNAME", "  acmecorp-rpt-jobs-queue-dev\n", "name-alphabet"),
    ("<<-EOT\n    acmecorp-rpt\n      jobs-queue-dev\n    EOT", "acmecorp-rpt\n  jobs-queue-dev\n", "name-alphabet"),
    # As Terraform 1.11.4 reads them: tabs are indentation too, and an empty line has none.
    ("<<-EOT\n\t\tacmecorp-rpt\n\n\t\t\tx\n\tEOT", "acmecorp-rpt\n\n\tx\n", "name-alphabet"),
    ("<<-EOT\n  \n      acmecorp-rpt\n    EOT", "  \nacmecorp-rpt\n", "name-alphabet"),
    ("<<E\r\nacmecorp-rpt-jobs-queue-dev\r\nE", "acmecorp-rpt-jobs-queue-dev\r\n", "name-alphabet"),
    ("<<-EOT\n    acmecorp-rpt-EOT-queue-dev\n  EOT", "acmecorp-rpt-EOT-queue-dev\n", "name-alphabet"),
    ("trimspace(<<EOT\nacmecorp_rpt_jobs_queue_dev\nEOT\n  )", "acmecorp_rpt_jobs_queue_dev", "name-convention"),
    ("chomp(<<-EOT\n    acmecorp_rpt_jobs_queue_dev\n    EOT\n  )", "acmecorp_rpt_jobs_queue_dev", "name-convention"),
    ("trimspace(<<EOT\n\n  acmecorp-rpt-jobs-dev\n\nEOT\n  )", "acmecorp-rpt-jobs-dev", "name-convention"),
    ('trimspace(" acmecorp_rpt_jobs_queue_dev ")', "acmecorp_rpt_jobs_queue_dev", "name-convention"),
    ("<<EOT\nEOT", None, "name-missing"),
]


@pytest.mark.parametrize(("heredoc", "name", "rule"), HEREDOCS)
def test_a_heredocs_marker_and_indentation_are_no_part_of_a_name(
    heredoc: str, name: str | None, rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"main.tf": queue(heredoc)})
    (found,) = report(tmp_path, capsys)["findings"]
    assert (found["name"], found["rule"]) == (name, rule)


@pytest.mark.parametrize(
    "heredoc",
    [
        "<<-EOT\n    acmecorp-rpt-jobs-queue-dev\n  EOT",
        "<<EOT\nacmecorp-rpt-jobs-queue-dev\nEOT",
        "trimspace(<<-EOT\n  Acmecorp_rpt_jobs_queue_dev\n  EOT\n  )",
    ],
)
def test_the_right_name_for_a_heredoc_is_without_its_marker(
    heredoc: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"main.tf": queue(heredoc)})
    (found,) = report(tmp_path, capsys)["findings"]
    assert found["suggestion"] == "acmecorp-rpt-jobs-queue-dev"


@pytest.mark.parametrize(
    "heredoc",
    [
        "trimspace(<<EOT\nacmecorp-rpt-jobs-queue-dev\nEOT\n  )",
        "chomp(<<-EOT\n    acmecorp-rpt-jobs-queue-dev\n  EOT\n  )",
        "chomp(<<-EOT\n    acmecorp-${var.feature}-queue-${var.env}\n  EOT\n  )",
        'chomp("acmecorp-rpt-jobs-queue-dev")',
        "trimspace(var.name)",
    ],
)
def test_a_heredoc_that_is_trimmed_is_clean(heredoc: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"main.tf": queue('"acmecorp-rpt-jobs-queue-dev"') + queue(heredoc)})
    assert findings(tmp_path, capsys) == []


def test_an_index_in_a_dynamic_block_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In HCL and in JSON."""
    text = """\
resource "aws_dynamodb_table" "t" {
  name = "acmecorp-jobs-table-dev"
  dynamic "global_secondary_index" {
    for_each = ["a"]
    content {
      name = "bad index"
    }
  }
}
"""
    dynamic = {"global_secondary_index": {"for_each": ["a"], "content": {"name": "bad index"}}}
    body = {"resource": {"aws_dynamodb_table": {"u": {"name": "acmecorp-users-table-dev", "dynamic": dynamic}}}}
    write(tmp_path, {"main.tf": text, "other.tf.json": body})
    assert [each[:3] for each in findings(tmp_path, capsys)] == [
        ("main.tf", 6, "name-alphabet"),
        ("other.tf.json", 12, "name-alphabet"),
    ]
