"""Faults of the lean import: what would be slower, break, or stay behind."""

from tests.mutation.fault import Area, Fault

CDKTF_LEAN = Area(
    "cdktf_lean",
    (
        "packages/cdktf-lean/tests/test_fallback.py",
        "packages/cdktf-lean/tests/test_pipeline.py",
        "packages/cdktf-lean/tests/test_lazy_import.py",
        "packages/cdktf-lean/tests/test_surroundings.py",
        "packages/cdktf-lean/tests/test_shells.py",
    ),
    (
        Fault(
            "fork-deletes-the-folder",
            "cdktf_lean._folder:Folder.remove",
            "if os.getpid() == self._owner:",
            "if self._owner:",
            "A program that forks would lose its kernel's files, and fail in the middle of a synthesis.",
        ),
        Fault(
            "fork-stops-the-kernel",
            "cdktf_lean._pipeline:_LeanProcess.stop",
            "self._process is None or os.getpid() != self._owner",
            "self._process is None",
            "A program that forks would lose its kernel in the middle of a synthesis.",
        ),
        Fault(
            "failed-loads-forgotten",
            "cdktf_lean._pipeline:_LeanProcess._settle",
            "                raise error\n",
            "                continue\n",
            "A package that could not be loaded would show as a strange error much later.",
        ),
        Fault(
            "full-disk-unexplained",
            "cdktf_lean._pipeline:_OF_THE_SYSTEM",
            '"E[A-Z0-9]{2,}: "',
            '"Error: "',
            "On a full disk a program would end in a traceback of jsii's.",
        ),
        Fault(
            "answers-out-of-step",
            "cdktf_lean._pipeline:_LeanProcess._next_message",
            "        self._owed.append(self._posting)\n",
            "",
            "Each answer of the kernel would be taken for that of an earlier question.",
        ),
        Fault(
            "no-node-no-word",
            "cdktf_lean._kernel:require_node",
            "        raise KernelError(message)\n",
            "        return\n",
            "Without Node a program would end in a traceback of jsii's.",
        ),
        Fault(
            "node-of-the-path",
            "cdktf_lean._kernel:_node",
            'os.environ.get("JSII_NODE") or "node"',
            '"node"',
            "A program would run with another Node than the one that its user named.",
        ),
        Fault(
            "runtime-of-our-own",
            "cdktf_lean._kernel:start",
            'os.environ.get("JSII_RUNTIME") or jsii is None',
            "jsii is None",
            "A kernel that its user named would not be used.",
        ),
        Fault(
            "unknown-provider-lazily",
            "cdktf_lean._provider:_read_layout",
            'or "\\nclass " in source:',
            "or False:",
            "A provider with classes of its own would lack them.",
        ),
        Fault(
            "any-jsii",
            "cdktf_lean._provider:_jsii_module_map",
            "< _OLDEST_JSII:",
            "< (1, 0):",
            "With an old jsii a synthesis would fail in place of being slow.",
        ),
        Fault(
            "missing-names-are-modules",
            "cdktf_lean._provider:_publish",
            "        if name not in known:\n",
            "        if not name:\n",
            "A misspelt service would be an import error of something else.",
        ),
        Fault(
            "only-slower-is-broken",
            "cdktf_lean._finder:ProviderLoader.exec_module",
            "        super().exec_module(module)\n",
            "",
            "A provider that is not known would be empty, in place of slow.",
        ),
        Fault(
            "submodules-of-providers",
            "cdktf_lean._finder:_is_provider",
            'fullname.startswith(_PREFIX) and "." not in fullname',
            "fullname.startswith(_PREFIX)",
            "A provider's own submodules would be taken for providers, and none could be imported.",
        ),
    ),
    is_slow=True,
)
"""All of it shows only in an interpreter of its own."""
