"""CloudWatch alarms on other alarms."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from constructs import Construct

from constructs_lib.alarms import ACTIONS, MetricAlarm, check_actions, check_description
from constructs_lib.names import Service, name_faults
from constructs_lib.validation import Checks

_MAX_CHILDREN = 100
_MAX_RULE = 10_240


class CompositeAlarm(Construct):
    """An alarm that is raised while any, or all, of other alarms are, as "this feature is unhealthy".

    name: as given. alarm: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the alarm
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        any_of: "Sequence[MetricAlarm | CompositeAlarm | str]" = (),
        all_of: "Sequence[MetricAlarm | CompositeAlarm | str]" = (),
        description: str | None = None,
        actions: Sequence[str] = (),
        ok_actions: Sequence[str] | None = None,
        insufficient_data_actions: Sequence[str] = (),
    ) -> None:
        """Make the alarm.

        any_of, all_of: the other alarms, or the names of alarms of another stack, which must exist; one of the two,
        with 1 to 100 alarms whose names fit into a rule of 10,240 characters.
        description: shown in notifications, at most 1,024 characters; the rule in words unless given.
        actions, ok_actions, insufficient_data_actions: as a metric alarm's, but for EC2 and Auto Scaling.

        Raises InvalidConstructError with every value that CloudWatch refuses.
        """
        super().__init__(scope, id_)
        children = [*any_of, *all_of]
        names = [child if isinstance(child, str) else child.name for child in children]
        operator, words = (" OR ", "any") if any_of else (" AND ", "each")
        rule = operator.join(f'ALARM("{child}")' for child in names)
        text = f"Raised while {words} of {len(names)} alarms is." if description is None else description
        recovery = actions if ok_actions is None else ok_actions
        checks = Checks()
        checks.faults += name_faults("name", Service.CLOUDWATCH_ALARM, name)
        _check_children(checks, name, names, rule, both=bool(any_of and all_of))
        check_description(checks, text)
        given = {"actions": actions, "ok_actions": recovery, "insufficient_data_actions": insufficient_data_actions}
        check_actions(checks, given, ACTIONS)
        checks.raise_faults(self)

        self.name = name
        self.alarm = CloudwatchCompositeAlarm(
            self,
            "Alarm",
            alarm_name=name,
            alarm_description=text,
            alarm_rule=rule,
            alarm_actions=list(actions) or None,
            ok_actions=list(recovery) or None,
            insufficient_data_actions=list(insufficient_data_actions) or None,
            # CloudWatch refuses a rule with an unknown alarm, and Terraform sees no reference in a literal name.
            depends_on=[child.alarm for child in children if not isinstance(child, str)] or None,
        )


# --- what CloudWatch accepts, from PutCompositeAlarm in its API reference -------------------------------------------


def _check_children(checks: Checks, own: str, names: Sequence[str], rule: str, *, both: bool) -> None:
    checks.that(not both, "any_of and all_of are given; allowed: one of them")
    checks.that(1 <= len(names) <= _MAX_CHILDREN, f"alarms: {len(names)}; allowed: 1 to {_MAX_CHILDREN}")
    for name in dict.fromkeys(names):
        checks.that(
            1 <= len(name) <= 255 and name.isprintable() and '"' not in name,  # noqa: PLR2004 - CloudWatch's
            f'alarm "{name}": allowed: a name of 1 to 255 printable characters without quotation marks',
        )
        checks.that(names.count(name) == 1, f'alarm "{name}": given {names.count(name)} times; allowed: 1')
        checks.that(name != own, f'alarm "{name}": the composite alarm itself; allowed: others')
    checks.that(len(rule) <= _MAX_RULE, f"rule: {len(rule)} characters; allowed: at most {_MAX_RULE}")
