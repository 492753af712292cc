"""The command reset."""

from aws_emulator import EmulatorError
from config.request import Request
from ops.command import acting
from ops.emulators import NoEmulatorError
from ops.handlers.deployed import counted, deployed_stacks, held, require_emulator_target


def reset(request: Request) -> None:
    """Empty the queues, tables and buckets that are deployed to the emulator; the resources themselves stay.

    Messages in flight are deleted as well. Raises InvalidInputError for AWS, whose data no command empties, and
    NoEmulatorError if the emulator does not answer.
    """
    require_emulator_target(request, "reset", "it deletes every message, item and object; nothing was changed")
    with deployed_stacks(request) as stacks:
        for stack in stacks:
            workspace = stack.workspace
            print(f"{workspace.stack} on {workspace.where}:", flush=True)
            for resource in held(stack.state):
                assert resource.type.empty
                assert workspace.emulator
                try:
                    counts = resource.type.empty(resource.values, workspace.client, workspace.emulator)
                except EmulatorError as error:
                    raise NoEmulatorError(str(error)) from None
                was = f"deleted {counted(counts)}" if any(counts.values()) else "empty already"
                print(f"  {resource.name}: {was}", flush=True)


COMMANDS = (acting(reset, answers=True),)
