"""The caller's shell: its variables that may reach a command's libraries and child processes."""

import re
from collections.abc import Mapping

_FAMILIES = ("AWS_", "CDKTF_", "MOTO_", "TERRAFORM_", "TF_")
"""Prefixes of the variables that decide which AWS is reached, and what is planned and applied.

Of these families a command hands on what the lists below name and nothing else: no list of harmful names is complete.
"""
_LOGGING = frozenset({"CDKTF_LOG_LEVEL", "TF_LOG", "TF_LOG_CORE", "TF_LOG_PATH", "TF_LOG_PROVIDER"})
_CREDENTIALS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_CA_BUNDLE",
        "AWS_CONFIG_FILE",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_DEFAULT_PROFILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_LOGIN_CACHE_DIRECTORY",
        "AWS_MAX_ATTEMPTS",
        "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
        "AWS_METADATA_SERVICE_TIMEOUT",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_RETRY_MODE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_SDK_LOAD_CONFIG",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_SIGNIN_CACHE_DIRECTORY",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    }
)
"""What says whose credentials these are and how patiently AWS is asked, by the AWS SDKs and Tools Reference Guide."""
_PROXIES = frozenset({"ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY"})
_LEADING_ELSEWHERE = re.compile(r"AWS_ENDPOINT_URL\w*|(TF_)?AWS_(?!EC2_METADATA_SERVICE_)\w+_ENDPOINT")
"""The SDKs' endpoints, and those that the AWS provider and the S3 backend read besides (provider #23052)."""
_NO_CONFIGURED_ENDPOINTS = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
"""A profile may name endpoints as well; with this the SDKs ignore them."""


def for_emulator(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a command on an emulator: none of AWS's tools, and no proxy."""
    return {
        name: value
        for name, value in variables.items()
        if (not name.startswith(_FAMILIES) or name in _LOGGING) and name.upper() not in _PROXIES
    }


def for_aws(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a command on AWS: of AWS's tools, those that give credentials.

    An empty variable counts as not set, for an empty AWS_PROFILE would name a profile to some tools and none to others.
    """
    kept = {
        name: value
        for name, value in variables.items()
        if not name.startswith(_FAMILIES) or (value and name in _LOGGING | _CREDENTIALS)
    }
    return kept | _NO_CONFIGURED_ENDPOINTS


def leading_elsewhere(variables: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that lead AWS's tools to another endpoint than AWS's own."""
    return sorted(name for name, value in variables.items() if value and _LEADING_ELSEWHERE.fullmatch(name))


def terraform_arguments(variables: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that add options to Terraform's commands, as `-target` to a plan."""
    return sorted(name for name, value in variables.items() if value and name.startswith("TF_CLI_ARGS"))
