"""Load prebuilt provider packages of CDKTF and CDK Terrain on demand instead of whole.

Importing this module is all it takes, as long as it happens before the first provider import::

    import cdktf_lean  # noqa: F401 - before any cdktf_cdktf_provider_* or cdktn_provider_* import
    from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
"""

from cdktf_lean._finder import install
from cdktf_lean._kernel import KernelError

__all__ = ["KernelError"]

install()
