"""Faults of the exits' proof: what would call a way out open that is not."""

from tests.mutation.fault import Area, Fault

EXITS = Area(
    "exits",
    (
        "tests/exits/test_comparison.py",
        "tests/exits/test_redirected.py",
        "tests/exits/test_bindings.py",
        "tests/exits/test_plans.py",
    ),
    (
        Fault(
            "exit-number-is-boolean",
            "tests.exits.comparison:differences",
            "type(ours) is not type(theirs) or ours != theirs",
            "ours != theirs",
            "A number that becomes `true` would be called equal, and Terraform would refuse it.",
        ),
        Fault(
            "exit-any-order",
            "tests.exits.comparison:_of_objects",
            "    if common != others:\n",
            "    if sorted(common) != sorted(others):\n",
            "Files that are written in another order would be called equal.",
        ),
        Fault(
            "exit-new-arguments-unseen",
            "tests.exits.comparison:_of_objects",
            "[*ours, *(key for key in theirs if key not in ours)]",
            "ours",
            "An argument that the other core adds would be deployed without a word.",
        ),
        Fault(
            "exit-lists-cut-short",
            "tests.exits.comparison:differences",
            "_both(list, ours, theirs) and len(ours) == len(theirs)",
            "_both(list, ours, theirs)",
            "A rule that is lost would end the proof in a traceback.",
        ),
        Fault(
            "exit-place-allows-any-value",
            "tests.exits.comparison:compare",
            "expected.get(each.place) != (each.ours, each.theirs)",
            "each.place not in expected",
            "Any version of the provider would be called the one that was tried.",
        ),
        Fault(
            "exit-list-outlives-its-cause",
            "tests.exits.comparison:compare",
            "for place in expected if place not in found",
            "for place in expected if place in ()",
            "The list would allow differences that are not there any more.",
        ),
        Fault(
            "exit-lost-stack-unseen",
            "tests.exits.comparison:compare",
            "sorted(files.keys() - others.keys())",
            "sorted(others.keys() - others.keys())",
            "A stack that the other core does not make would go unnoticed, and be destroyed after the move.",
        ),
        Fault(
            "exit-two-copies",
            "tests.exits.redirected:Redirection.create_module",
            'f"{self._others[package]}{dot}{rest}"',
            "self._others[package]",
            "Each module of the provider would be the package itself.",
        ),
        Fault(
            "exit-stolen-spec",
            "tests.exits.redirected:Redirection.exec_module",
            "module.__spec__ = self._specs[spec.name]",
            "module.__spec__ = spec",
            "A module's own imports would look for its neighbours under the name of the other package.",
        ),
        Fault(
            "exit-leans",
            "tests.exits.redirected:main",
            '    sys.modules["cdktf_lean"] = ModuleType("cdktf_lean")\n',
            "",
            "The proof would be that of the lean import, and not of what a user installs.",
        ),
        Fault(
            "exit-data-for-resources",
            "tests.exits.bindings:filtered",
            '("data_source_schemas", "data_aws_")',
            '("data_source_schemas", "")',
            "The bindings would have a data source for each resource, and lack those in use.",
        ),
        Fault(
            "exit-unknown-type-unsaid",
            "tests.exits.bindings:filtered",
            "        raise BenchError(message)\n",
            "        return {}\n",
            "A misspelt import would be an error of cdktn's CLI, half a minute later.",
        ),
        Fault(
            "exit-replacement-is-nothing",
            "tests.exits.plans:changes",
            'each["actions"] not in UNCHANGED',
            'each["actions"] == ["create"]',
            "A plan that replaces the table would be called empty.",
        ),
        Fault(
            "exit-outputs-unseen",
            "tests.exits.plans:changes",
            'plan.get("output_changes", {}).items()',
            "()",
            "An output that changes would not be named.",
        ),
    ),
)
