"""The programs that can run the stacks, Terraform and OpenTofu, and what differs between them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Product:
    """One of the two programs. `scripts/prerequisites.sh`, which runs before Python, knows the oldest versions."""

    binary: str
    """The program's name on PATH; also the value of TERRAFORM that asks for it."""
    name: str
    """Its name in words, with which its version line begins."""
    registry: str
    """The host of the registry that an address without one, like hashicorp/aws, means."""
    lock: str
    """The file in the project with the checksums of the provider as that registry has it."""
    plugins: str
    """The folder in the project that lies beside each stack as `terraform.d`, where both look for providers."""
    installed: str
    """The folder below .cache in which set-up installs the provider."""

    @property
    def provider(self) -> str:
        """The whole address of the AWS provider."""
        return f"{self.registry}/hashicorp/aws"

    @property
    def argument(self) -> str:
        """What a make command that is to run it says besides, like " TERRAFORM=tofu"; empty for the default."""
        return "" if self == TERRAFORM else f" TERRAFORM={self.binary}"


TERRAFORM = Product(
    binary="terraform",
    name="Terraform",
    registry="registry.terraform.io",
    lock=".terraform.lock.hcl",
    plugins="terraform.d",
    installed="provider",
)
OPENTOFU = Product(
    binary="tofu",
    name="OpenTofu",
    registry="registry.opentofu.org",
    lock=".opentofu.lock.hcl",
    plugins="opentofu.d",
    installed="opentofu-provider",
)
PRODUCTS = {product.binary: product for product in (TERRAFORM, OPENTOFU)}
"""By the value of TERRAFORM; the first is the default."""
LOCK_BESIDE_A_STACK = ".terraform.lock.hcl"
"""The name under which both read the checksums."""
