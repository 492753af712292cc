"""The command reset."""

from config.request import Request
from ops.command import acting
from ops.handlers.deployed import counted, deployed_workspaces, held, require_emulator_target


def reset(request: Request) -> None:
    """Empty the queues, tables and buckets that are deployed to the emulator; the resources themselves stay.

    Messages in flight are deleted as well. Raises InvalidInputError for AWS, whose data no command empties.
    """
    require_emulator_target(request, "reset", "it deletes every message, item and object; nothing was changed")
    with deployed_workspaces(request) as workspaces:
        for workspace in workspaces:
            print(f"{workspace.stack} on {workspace.where}:", flush=True)
            for resource in held(workspace):
                assert resource.type.empty
                assert workspace.emulator
                counts = resource.type.empty(resource.values, workspace.client, workspace.emulator)
                was = f"deleted {counted(counts)}" if any(counts.values()) else "empty already"
                print(f"  {resource.name}: {was}", flush=True)


COMMANDS = (acting(reset, answers=True),)
