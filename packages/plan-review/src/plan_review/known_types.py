"""Types of resources of which this review knows what they hold, guard or give."""

from plan_review.risk_tables import BY_TYPE, GRANTS, GUARDS, HOLDING, OWNERS, UNIMPORTANT

_KNOWN = {*BY_TYPE, *GRANTS, *GUARDS, *HOLDING, *OWNERS}


def is_known(type_: str) -> bool:
    """Return True if something is known of a type, so that a change of it without a finding means something."""
    return type_ in _KNOWN or type_.startswith(UNIMPORTANT)
