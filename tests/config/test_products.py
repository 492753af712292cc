"""Terraform and OpenTofu: what differs, as their documentation has it."""

from config.products import OPENTOFU, PRODUCTS, TERRAFORM


def test_each_is_asked_for_by_the_name_of_its_binary() -> None:
    assert PRODUCTS == {"terraform": TERRAFORM, "tofu": OPENTOFU}
    assert (TERRAFORM.binary, OPENTOFU.binary) == ("terraform", "tofu")
    assert (TERRAFORM.name, OPENTOFU.name) == ("Terraform", "OpenTofu")


def test_a_provider_without_a_host_is_that_of_the_products_own_registry() -> None:
    """https://opentofu.org/docs/language/providers/requirements: the host defaults to registry.opentofu.org."""
    assert TERRAFORM.provider == "registry.terraform.io/hashicorp/aws"
    assert OPENTOFU.provider == "registry.opentofu.org/hashicorp/aws"


def test_nothing_in_the_checkout_is_shared_by_both() -> None:
    """The packages are not the same, so neither may find the other's checksums or provider."""
    for part in ("lock", "plugins", "installed", "registry"):
        assert getattr(TERRAFORM, part) != getattr(OPENTOFU, part)
    # Set-up takes a folder for its own by the beginning of its name.
    assert not OPENTOFU.installed.startswith(TERRAFORM.installed)


def test_only_the_program_that_is_not_the_default_is_named_in_a_command() -> None:
    assert (TERRAFORM.argument, OPENTOFU.argument) == ("", " TERRAFORM=tofu")
