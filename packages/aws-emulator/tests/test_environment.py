"""Variables that lead a program to an emulator, and those of a user's that must not reach it."""

from aws_emulator.environment import misleading, reaching, without_aws


def test_no_variable_of_the_aws_tools_or_of_moto_is_passed_on() -> None:
    shell = {
        "PATH": "/bin",
        "AWS_PROFILE": "work",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "MOTO_ACCOUNT_ID": "1",
        "MY_AWS_NOTE": "kept",
    }
    assert without_aws(shell) == {"PATH": "/bin", "MY_AWS_NOTE": "kept"}


def test_an_emulator_is_reached_past_the_users_proxy_and_files() -> None:
    led = reaching("http://127.0.0.1:9", "eu-west-1", {"NO_PROXY": "intranet", "no_proxy": "intranet"})
    assert led["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert led["AWS_REGION"] == led["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert led["NO_PROXY"] == led["no_proxy"] == "intranet,127.0.0.1"
    assert led["AWS_CONFIG_FILE"] == led["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert led["AWS_EC2_METADATA_DISABLED"] == "true"


def test_what_outweighs_the_export_lines_is_named() -> None:
    assert misleading({"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "work", "AWS_REGION": "eu-west-1"}) == [
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
    ]
