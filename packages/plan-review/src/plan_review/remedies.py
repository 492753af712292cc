"""Advice on a finding, by its kind; where a finding has a better remedy of its own, that counts."""

from plan_review.model import Kind

REMEDIES = {
    Kind.LOSS: "undo that change, or move the data first and let this pass by an exception",
    Kind.EXPOSURE: "name the principals and networks that need it, and nobody else",
    Kind.EXFILTRATION: "make sure that the account is yours, and that it is meant to have the data",
    Kind.PRIVILEGE: "allow the actions and resources that are needed, by name",
    Kind.EXECUTION: "read what it runs before you approve: it runs with the rights of who applies",
    Kind.SECURITY: "put the protection back, or say in the pull request why it may go",
    Kind.PROTECTION: "put it back into the configuration",
    Kind.CLIENTS: "agree with who uses it first, or keep the old one beside the new one until they have moved",
    Kind.REQUIREMENT: "set it as required; if it is to be so from now on, change the requirement with it",
    Kind.REPLACEMENT: "leave what forces it as it is, or check that a gap or a new address is acceptable",
    Kind.AVAILABILITY: "check that what relies on it can do with less",
    Kind.ALARMS: "make sure that somebody is notified: give it an action, or put back what it loses",
    Kind.COST: "compare the prices",
}
