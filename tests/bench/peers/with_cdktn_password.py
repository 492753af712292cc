"""One password of the random provider on CDK Terrain: what a small provider costs."""

from cdktn import App, TerraformStack
from cdktn_provider_random.password import Password
from cdktn_provider_random.provider import RandomProvider

app = App()
stack = TerraformStack(app, "password")
RandomProvider(stack, "Random")
Password(stack, "Password", length=32)
app.synth()
