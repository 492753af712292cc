"""Faults of drift: what it would report wrongly, or not at all."""

from tests.mutation.fault import Area, Fault

DRIFT = Area(
    "drift",
    ("tests/ops/drift",),
    (
        # Drift
        Fault(
            "drift-not-reported",
            "ops.drift.plans:drifted",
            'change.get("after") is None',
            'change.get("before") is None',
            "A queue that somebody deleted would be reported as one with every property changed.",
        ),
        Fault(
            "secret-drift-shown",
            "ops.drift.plans:drifted",
            "(SENSITIVE, SENSITIVE) if secret else",
            "(SENSITIVE, SENSITIVE) if not secret else",
            "A pipeline's log would hold a secret that drifted.",
        ),
        Fault(
            "nested-secret-shown",
            "ops.drift.plans:_is_sensitive",
            'return any(marked(each) for each in cast("Mapping[str, Any]", value).values())',
            "return False",
            "A pipeline's log would hold a secret within a block that drifted.",
        ),
        Fault(
            "replacement-sets-right",
            "ops.drift.plans:effect",
            "if drift.attribute in change.replacing:",
            "if drift.attribute not in change.replacing:",
            "An apply that would replace the table would be announced as one that sets it right.",
        ),
        Fault(
            "deletion-loses-nothing",
            "ops.drift.plans:effect",
            'f"deletes the resource{loss}: the stack has it no longer"',
            '"deletes the resource: the stack has it no longer"',
            "Nobody would read that the next apply deletes data.",
        ),
        Fault(
            "own-changes-are-drift",
            "ops.drift.plans:_follows",
            "return bool(reasons) and reasons <= set(drifted_attributes)",
            "return bool(reasons & set(drifted_attributes))",
            "A change of the settings that is still to be applied would be hidden behind the drift.",
        ),
        Fault(
            "order-is-drift",
            "ops.drift.differences:_meaning",
            'sorted((_meaning(each) for each in cast("list[Any]", value)), key=json.dumps)',
            '[_meaning(each) for each in cast("list[Any]", value)]',
            "Every plan would report drift for a list that AWS returns in another order.",
        ),
        Fault(
            "zero-is-drift",
            "ops.drift.differences:_meaning",
            "    if not value:\n        return None\n",
            "",
            "Attributes that nobody set would be reported as drift for ever.",
        ),
        Fault(
            "added-block-unseen",
            "ops.drift.differences:differences",
            "sorted({*ours, *theirs})",
            "sorted(ours)",
            "A statement that somebody added to a policy would not be drift.",
        ),
        Fault(
            "state-bucket-drift-dropped",
            "ops.drift.report:add_state_bucket",
            "drift=_sorted((*comparison.drift, *facts))",
            "drift=_sorted(comparison.drift)",
            "A state bucket that was opened to others would not be drift.",
        ),
        Fault(
            "unreadable-drift-dropped",
            "ops.drift.report:_unreadable",
            "if check.outcome is Outcome.UNREADABLE",
            "if check.outcome is Outcome.MISSING",
            "Drift that could not be looked for would be reported as none.",
        ),
        Fault(
            "drift-told-twice",
            "ops.drift.report:_around",
            'return {subject, (*subject[:2], "")}',
            "return {subject}",
            "A deleted queue would be reported once for itself and once for each property.",
        ),
        Fault(
            "verifiers-drift-dropped",
            "ops.drift.report:merge",
            "if check not in conditions and not _around",
            "if check in conditions and not _around",
            "What the verifier alone sees, as a consumer that somebody added, would not be drift.",
        ),
        Fault(
            "own-region-is-drift",
            "ops.drift.plans:drifted",
            "if fills_in_region(",
            "if not fills_in_region(",
            "After an upgrade to provider 6 each resource would have drifted, and nothing else ever would.",
        ),
        Fault(
            "written-drift-not-said",
            "ops.drift.report:merge",
            "WRITTEN if (drift.address, drift.path) in written else",
            "WRITTEN if (drift.address, drift.path) not in written else",
            "A change by hand that stays drift would be announced as one that an apply takes into the state.",
        ),
        Fault(
            "refused-plan-is-a-refresh",
            "ops.drift.command:refresh_and_plan",
            'if planned.get("errored") else planned',
            "if not planned else planned",
            "What depends on a protected resource would have drifted unseen while an apply is refused.",
        ),
    ),
)
