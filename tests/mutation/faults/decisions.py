"""Faults of decisions against the requirement, and of the alarms' recipients."""

from tests.mutation.fault import Area, Fault

DECISIONS = Area(
    "decisions",
    (
        "tests/ops/test_decisions.py",
        "tests/ops/verify/test_decided.py",
        "packages/plan-review/tests/test_decisions.py",
        "tests/stacks/test_settings.py",
        "tests/stacks/vpr_async/test_every_setting.py",
    ),
    (
        Fault(
            "expired-decision-applies",
            "ops.decisions:applied",
            "is_expired = each.until < today",
            "is_expired = False",
            "What was decided for a time would count as right for ever.",
        ),
        Fault(
            "decision-on-nothing-is-silent",
            "ops.requirement:requirement_of",
            "decisions.require_known(decided, [stated, *others], are_all=are_all)",
            "pass",
            "A decision with a misspelt name would do nothing, and nobody would know why.",
        ),
        Fault(
            "decision-of-any-length",
            "ops.decisions:load",
            "value <= last",
            "value is not None",
            "A decision could be made for good, and the requirement would never be read again.",
        ),
        Fault(
            "decision-on-every-type",
            "ops.decisions:Decision.covers",
            "type_ == wanted_type and fnmatchcase(name, pattern)",
            "fnmatchcase(name, pattern)",
            "A decision would be about other resources with such a name.",
        ),
        Fault(
            "decided-twice",
            "ops.decisions:_twice",
            "if other != number:",
            "if False:",
            "Of two decisions on one property nobody could say which applies.",
        ),
        Fault(
            "any-form-of-value",
            "ops.requirement_places:Place.fits",
            "return isinstance(value, form)",
            "return True",
            "A decision could give a table where the requirement has a text, and never be in force.",
        ),
        Fault(
            "neither-value-passes",
            "plan_review.decisions:settled",
            "state = DecisionState.LEFT",
            "state, wanted = DecisionState.LEFT, with_value(wanted, each.path, there)",
            "Once something is decided on a property, any other value would pass too.",
        ),
        Fault(
            "required-value-fails",
            "plan_review.decisions:settled",
            "state, wanted = DecisionState.NOT_IN_FORCE, with_value(wanted, each.path, each.required)",
            "state = DecisionState.NOT_IN_FORCE",
            "The day before a decided value is applied, verify would fail on what is as required.",
        ),
        Fault(
            "departure-offers-an-exception",
            "plan_review.rules:blocks",
            "finding.to_paste or _entry(rule, finding, today)",
            "_entry(rule, finding, today)",
            "What is pasted would let the plan pass, and verify fail after it.",
        ),
        Fault(
            "paste-of-a-part-for-the-whole",
            "plan_review.departures:_to_paste",
            "path_in(item.property, part.path[1:]): part.after",
            "item.property: part.after",
            "The entry that is offered would not be read.",
        ),
        Fault(
            "second-address-forgotten",
            "stacks.vpr_async.stack:VprAsyncStack._alarm",
            "*map(Subscription.email, others),",
            "",
            "All addresses but the first would never be sent an alarm.",
        ),
        Fault(
            "consent-lost",
            "stacks.vpr_async.stack:VprAsyncStack._alarm",
            "Subscription.email(first, moved_from=FORMER_SUBSCRIPTION)",
            "Subscription.email(first)",
            "An address that has consented would be asked again, and get nothing until then.",
        ),
        Fault(
            "six-actions",
            "stacks.vpr_async.settings:alarm_faults",
            "if alarms.actions > MOST_ACTIONS:",
            "if alarms.actions > 10:",
            "CloudWatch would refuse the alarms in the middle of an apply.",
        ),
        Fault(
            "text-for-a-list",
            "config.tables:_list_hook",
            "if not isinstance(value, list):",
            "if value is None:",
            "Each letter of an address would be called a wrong address.",
        ),
    ),
)
