"""Tokens in Python: which attributes, methods and functions give one, of what, and of what not."""

from pathlib import Path

import pytest

from naming_run import findings, report, write

CDK = """\
import aws_cdk as cdk
from aws_cdk import Aws, CfnParameter, Fn, Lazy, PhysicalName, ScopedAws, SecretValue, Stack, Stage
from aws_cdk import aws_dynamodb as ddb, aws_iam as iam, aws_s3 as s3, aws_sns as sns, aws_sqs as sqs, aws_ssm as ssm
from aws_cdk.aws_sqs import Queue
from constructs import Construct
from dataclasses import dataclass
from typing import Optional
def q(name):
    return Queue(self, "Q", queue_name=name)
"""
CDKTF = """\
from cdktf import Fn, TerraformIterator, TerraformLocal, TerraformStack, TerraformVariable, Token, conditional
from cdktf import DataTerraformRemoteStateS3
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_region import DataAwsRegion
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_random.id import Id
from dataclasses import dataclass
"""

CDK_TOKENS = [
    # Parameters and intrinsic functions.
    'p = CfnParameter(self, "P")\nname = f"acmecorp-rpt-queue-{p.value_as_string}"',
    'p = CfnParameter(self, "P")\nname = p.value_as_string.lower()',
    'name = f"acmecorp-{parameter.value_as_string}-queue-dev"',
    'name = f"acmecorp-{Fn.select(0, parts)}-queue-dev"',
    'name = cdk.Fn.join("-", ["acmecorp", "rpt"])',
    'name = f"acmecorp-{Aws.REGION}-queue-dev"',
    'name = f"acmecorp-{cdk.Aws.ACCOUNT_ID}-queue-dev"',
    'name = f"acmecorp-{ScopedAws(self).region}-queue-dev"',
    "name = PhysicalName.GENERATE_IF_NEEDED",
    "name = Lazy.string(producer)",
    'name = f"acmecorp-{SecretValue.ssm_secure(x)}-queue-dev"',
    # Constructs' attributes.
    'other = sqs.Queue(self, "O")\nname = f"acmecorp-{other.queue_name}-queue-dev"',
    'other = sqs.CfnQueue(self, "O")\nname = f"acmecorp-{other.attr_queue_name}-queue-dev"',
    'other = sqs.CfnQueue(self, "O")\nname = f"acmecorp-{other.ref}-queue-dev"',
    'def f(t: ddb.ITable):\n    return Queue(self, "A", queue_name=f"acmecorp-{t.table_name}-queue-dev")',
    'def f(b: Optional[s3.Bucket] = None):\n    return Queue(self, "A", queue_name=f"x-{b.bucket_arn}")',
    'p = ssm.StringParameter(self, "P", string_value="x")\nname = f"acmecorp-{p.string_value}-queue-dev"',
    'name = ssm.StringParameter.value_for_string_parameter(self, "/acmecorp/dev/x")',
    'name = secret.secret_value_from_json("x").to_string()',
    (
        'class N(Construct):\n    def __init__(self):\n        self.topic = sns.Topic(self, "T")\n'
        'n = N(self, "N")\nname = f"acmecorp-{n.topic.topic_name}-queue-dev"'
    ),
    'name = f"acmecorp-{Stack.of(self).stack_id[-6:]}-queue-dev"',
    # A construct itself, printed.
    'other = sqs.Queue(self, "O")\nname = f"acmecorp-{other}-queue-dev"',
    'p = CfnParameter(self, "P")\nname = "acmecorp-%s-queue-dev" % p',
    # A part of it, through variables and functions.
    'a = Stack.of(self).stack_id\nb = a.split("-")[-1]\nname = "acmecorp-" + b[:6]',
    "name = hashlib.sha256(Stack.of(self).stack_id.encode()).hexdigest()[:6]",
    'other = sqs.Queue(self, "O")\nname = shorten(other.queue_arn)',
    'other = sqs.Queue(self, "O")\nname = "-".join(["acmecorp", other.queue_name])',
    'other = sqs.Queue(self, "O")\nname = "acmecorp-rpt-queue-dev" if x else other.queue_name',
    'others = [sqs.Queue(self, "O"), sqs.Queue(self, "P")]\nfor o in others:\n    name = f"x-{o.queue_name}"',
]

CDKTF_TOKENS = [
    'v = TerraformVariable(self, "v", type="string")\nname = f"acmecorp-rpt-queue-{v.string_value}"',
    'v = TerraformVariable(self, "v", type="string")\nname = v.value',
    'v = TerraformLocal(self, "v", "dev")\nname = f"acmecorp-rpt-queue-{v.as_string}"',
    'me = DataAwsCallerIdentity(self, "me")\nname = f"acmecorp-{me.account_id}-queue-dev"',
    'here = DataAwsRegion(self, "here")\nname = f"acmecorp-{here.name}-queue-dev"',
    'it = TerraformIterator.from_list(["a"])\nname = f"acmecorp-{it.value}-queue-dev"',
    'it = TerraformIterator.from_map({"a": 1})\nname = f"acmecorp-{it.key}-queue-dev"',
    'it = TerraformIterator.from_list(["a"])\nname = it.get_string("name")',
    'other = SqsQueue(self, "O", name="acmecorp-rpt-x-queue-dev")\nname = f"acmecorp-{other.name}-queue-dev"',
    'other = SqsQueue(self, "O", name="acmecorp-rpt-x-queue-dev")\nname = other.id',
    'def f(o: SqsQueue):\n    SqsQueue(self, "A", name=f"acmecorp-{o.name}-queue-dev")',
    'i = Id(self, "i", byte_length=3)\nname = f"acmecorp-{i.hex}-queue-dev"',
    'remote = DataTerraformRemoteStateS3(self, "r")\nname = remote.get_string("name")',
    "name = Token.as_string(value)[:4]",
    'name = Fn.lower("ACMECORP-RPT-JOBS-QUEUE-DEV")',
    'name = conditional(x, "acmecorp-a-queue-dev", "acmecorp-b-queue-dev")',
    (
        'class S(TerraformStack):\n    def __init__(self):\n        self.me = DataAwsCallerIdentity(self, "me")\n'
        '    def f(self):\n        SqsQueue(self, "A", name=f"acmecorp-{self.me.account_id}-queue-dev")'
    ),
]


@pytest.mark.parametrize("code", CDK_TOKENS)
def test_a_token_of_aws_cdks_is_recognised(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"stack.py": f"{CDK}{code}\nq(name)\nQueue(self, 'A', queue_name=name)\n"})
    assert {each[2] for each in findings(tmp_path, capsys) if each[2] != "name-missing"} == {"name-token"}


@pytest.mark.parametrize("code", CDKTF_TOKENS)
def test_a_token_of_cdktfs_is_recognised(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"stack.py": f"{CDKTF}{code}\nSqsQueue(self, 'A', name=name)\n"})
    assert {each[2] for each in findings(tmp_path, capsys)} == {"name-token"}


NO_TOKENS = [
    # A plain object's attributes, whatever they are called.
    'TENANTS = [Tenant(id="acme", topic_arn="x")]\nfor t in TENANTS:\n    name = f"acmecorp-{t.id}-queue-{env}"',
    'for t in (Tenant(id="a", topic_arn="x"),):\n    name = f"acmecorp-{t.topic_arn}-queue-{env}"',
    't = Tenant(id="a", topic_arn="x")\nname = f"acmecorp-{t.arn}-queue-{env}"',
    'def f(t: Tenant):\n    SqsQueue(self, "A", name=f"acmecorp-{t.arn}-queue-{env}")\nname = "acmecorp-a-queue-dev"',
    (
        "class S:\n    def __init__(self, t: Tenant):\n        self.t = t\n    def f(self):\n"
        '        SqsQueue(self, "A", name=f"acmecorp-{self.t.id}-queue-{env}")\nname = "acmecorp-a-queue-dev"'
    ),
    'class Settings:\n    stack_id = "rpt"\nname = f"acmecorp-{Settings().stack_id}-queue-{env}"',
    'name = f"acmecorp-{settings.project.id}-queue-{env}"',
    'name = f"acmecorp-{settings.topic_arn}-queue-{env}"',
    'name = f"acmecorp-{job.id}-queue-{env}"',
    "name = f\"acmecorp-{row['id']}-queue-{env}\"",
    'name = f"acmecorp-{uuid.uuid4().hex}-queue-{env}"',
    'def f(s: Settings):\n    SqsQueue(self, "A", name=f"acmecorp-{s.arn}-queue-{env}")\nname = "acmecorp-a-queue-dev"',
    # What an object was made with is no part of its attributes.
    (
        'other = SqsQueue(self, "O", name="acmecorp-a-queue-dev")\n'
        't = Tenant(id="a", topic_arn=other.arn)\nname = f"acmecorp-{t.id}-queue-{env}"'
    ),
    (
        'other = SqsQueue(self, "O", name="acmecorp-a-queue-dev")\n'
        'name = f"acmecorp-{Naming(other.arn).feature}-queue-{env}"'
    ),
    # Literals of constructs.
    'name = f"acmecorp-{self.node.id}-queue-{env}"',
    'other = SqsQueue(self, "O", name="acmecorp-a-queue-dev")\nname = f"acmecorp-{other.node.id}-queue-{env}"',
    'other = SqsQueue(self, "O", name="acmecorp-a-queue-dev")\nname = other.name_input',
    'o = SqsQueue(self, "O", name="acmecorp-a-queue-dev")\nname = f"acmecorp-{o.friendly_unique_id}-queue-{env}"',
    'v = TerraformVariable(self, "v", type="string", default="rpt")\nname = f"acmecorp-{v.default}-queue-{env}"',
    'provider = AwsProvider(self, "aws", region="us-east-1")\nname = f"acmecorp-{provider.region}-queue-{env}"',
    'name = "acmecorp-a-queue-dev" if Token.is_unresolved(x) else "acmecorp-b-queue-dev"',
    'name = "acmecorp-a-queue-dev" if other.arn == x else "acmecorp-b-queue-dev"',
    # Other libraries' names.
    'from house import Token as T\nname = f"acmecorp-{T.new()}-queue-{env}"',
    'class Lazy:\n    @staticmethod\n    def name():\n        return "x"\nname = f"acmecorp-{Lazy.name()}-queue-{env}"',
    (
        "class S(TerraformStack):\n    def f(self):\n"
        '        SqsQueue(self, "A", name=f"acmecorp-rpt-{self.account}-queue-{env}")\nname = "acmecorp-a-queue-dev"'
    ),
]


@pytest.mark.parametrize("code", NO_TOKENS)
def test_what_is_no_token_is_clean(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tenant = "@dataclass(frozen=True)\nclass Tenant:\n    id: str\n    topic_arn: str\n"
    write(tmp_path, {"stack.py": f"{CDKTF}{tenant}{code}\nSqsQueue(self, 'A', name=name)\n"})
    found = report(tmp_path, capsys)
    assert (found["findings"], found["unreadable"]) == ([], [])


@pytest.mark.parametrize(
    "code",
    [
        'name = f"acmecorp-{self.stack_name}-queue-{env}"',
        'name = f"acmecorp-{cdk.Names.unique_id(self)}-queue-{env}"',
        "name = f\"acmecorp-{self.node.try_get_context('feature')}-queue-{env}\"",
        'other = sqs.Queue.from_queue_arn(self, "O", arn)\nname = f"acmecorp-{other.queue_name}-queue-{env}"',
        'x = ssm.StringParameter.value_from_lookup(self, "/acmecorp/dev/x")\nname = f"acmecorp-{x}-queue-{env}"',
        'zone = cdk.aws_route53.HostedZone(self, "Z", zone_name="x")\nname = f"acmecorp-{zone.zone_name}-queue-{env}"',
        (
            "def f(props: cdk.StackProps):\n"
            '    return Queue(self, "A", queue_name=f"acmecorp-{props.stack_id}-queue-{env}")\n'
            'name = "acmecorp-rpt-jobs-queue-dev"'
        ),
        'policy = iam.PolicyStatement(sid="x")\nname = f"acmecorp-{policy.sid}-queue-{env}"',
    ],
)
def test_literals_of_aws_cdks_are_no_tokens(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = "\n".join(f"        {line}" for line in code.splitlines())
    write(
        tmp_path,
        {"stack.py": f"{CDK}class S(Stack):\n    def f(self):\n{body}\n        Queue(self, 'A', queue_name=name)\n"},
    )
    found = report(tmp_path, capsys)
    assert (found["findings"], found["unreadable"]) == ([], [])


SHOP = """\
from aws_cdk import Stack, aws_sqs
class Shop(Stack):
    def __init__(self, scope, id, env_name, **kwargs):
        super().__init__(scope, id, **kwargs)
        aws_sqs.Queue(self, "A", queue_name=f"acmecorp-rpt-{self.account}-queue-{env_name}")
"""
PART = """\
from aws_cdk import Stack, aws_sqs
from constructs import Construct
class Part(Construct):
    def __init__(self, scope, id, env_name):
        super().__init__(scope, id)
        aws_sqs.Queue(self, "A", queue_name=f"acmecorp-rpt-{Stack.of(self).region}-queue-{env_name}")
"""
APP = "from aws_cdk import App, Environment, Stage\nfrom shop import Shop\napp = App()\n"


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        # The stack is not given its account.
        ({"shop.py": SHOP}, ["name-token"]),
        ({"part.py": PART}, ["name-token"]),
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "Shop", "dev")'}, ["name-token"]),
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "Shop", "dev", env=None)'}, ["name-token"]),
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "Shop", "dev", env=Environment())'}, ["name-token"]),
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "S", "dev", env=Environment(region="x"))'}, ["name-token"]),
        # Another stack is.
        (
            {
                "shop.py": SHOP,
                "app.py": f'{APP}Other(app, "O", env=Environment(account="1", region="x"))\nShop(app, "Shop", "dev")',
            },
            ["name-token"],
        ),
        # The stack is, in another file, its own, or its base's.
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "S", "dev", env=Environment(account="1", region="x"))'}, []),
        ({"shop.py": SHOP, "app.py": f'{APP}E = Environment(account=a, region=r)\nShop(app, "S", "dev", env=E)'}, []),
        (
            {"shop.py": SHOP, "app.py": f'{APP}E = Environment(account=a) if a else None\nShop(app, "S", "d", env=E)'},
            [],
        ),
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "S", "dev", env={{"account": "1"}})'}, []),
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "S", "dev", env=environment())'}, []),
        ({"shop.py": SHOP, "app.py": f'{APP}Shop(app, "S", "dev", **{{"env": Environment(account="1")}})'}, []),
        ({"shop.py": SHOP.replace("**kwargs)\n        aws", "env=kwargs['env'])\n        aws")}, []),
        ({"shop.py": SHOP.replace("**kwargs)\n        aws", "**props.kwargs)\n        aws")}, []),
        ({"shop.py": SHOP.replace("        super()", "        kwargs['env'] = made\n        super()")}, []),
        # A stage is, and gives it to its stacks.
        ({"shop.py": SHOP, "app.py": f'{APP}Production(app, "P", env=Environment(account="1", region="x"))'}, []),
        ({"part.py": PART, "app.py": f'{APP}Shop(app, "S", "dev", env=Environment(account="1", region="x"))'}, []),
    ],
)
def test_a_stacks_account_is_a_token_unless_the_stack_is_given_it(
    files: dict[str, str], rules: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, dict(files))
    assert [each[2] for each in findings(tmp_path, capsys)] == rules


def test_a_token_in_several_alternatives_of_a_name_is_one_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = 'for n in ("a", "b"):\n    Queue(self, "A", queue_name=f"acmecorp-{n}-{Aws.REGION}-queue-dev")\n'
    write(tmp_path, {"stack.py": CDK + code})
    assert [each[2] for each in findings(tmp_path, capsys)] == ["name-token"]
