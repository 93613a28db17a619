"""Subcommands and cells grouped by what a user wants to do, for the help, Tab and the cheat sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Command(NamedTuple):
    """A subcommand or a cell magic, as the help shows it.

    Args:
        name: The subcommand, or the cell magic's name; empty for `%incidents` alone.
        example: A line that works when it is typed.
        common: Whether the short help shows it.
    """

    name: str
    example: str
    common: bool = True


class Group(NamedTuple):
    """The commands for one purpose.

    Args:
        title: The purpose, in the user's words.
        commands: The commands, most used first.
    """

    title: str
    commands: tuple[Command, ...]


_CHANGES: Final = {"done": "", "drop": "", "reopen": "", "reassign": " --to none"}

GROUPS: Final = (
    Group(
        "Look",
        (
            Command("", "%incidents"),
            Command("list", '%incidents list --severity ">=Major" --since 7d'),
            Command("show", "%incidents show INC-293"),
            Command("updates", "%incidents updates INC-293"),
            Command("board", "%incidents board"),
            Command("use", "%incidents use INC-293"),
        ),
    ),
    Group(
        "Write",
        (
            Command("incident_declare", "%%incident_declare --severity Minor --mode test"),
            Command("incident_update", "%%incident_update INC-293 --status Fixing"),
            Command("incident_event", "%%incident_event INC-293 --at 13:40"),
            Command("incident_followup", "%%incident_followup INC-293"),
            Command("incident_action", "%%incident_action INC-293", common=False),
            Command("edit", '%incidents edit INC-293 --name "Search is slow"'),
            Command("declare", "%incidents declare"),
            Command("update", "%incidents update INC-293"),
            Command("close", "%incidents close INC-293"),
            Command("attach", "%incidents attach INC-293 https://example.com/graph", common=False),
            *(
                Command(f"{family} {change}", f"%incidents {family} {change} {task}{person}", common=False)
                for family, task in (("follow_ups", "INC-280#1"), ("actions", "INC-293#1"))
                for change, person in _CHANGES.items()
            ),
        ),
    ),
    Group(
        "On call",
        (
            Command("oncall", "%incidents oncall"),
            Command("page", '%incidents page INC-293 --path "Search on-call"'),
            Command("escalate", "%incidents escalate INC-293"),
            Command("pages", "%incidents pages"),
            Command("acknowledge", "%incidents acknowledge INC-293"),
            Command("snooze", "%incidents snooze INC-293 --for 30m", common=False),
            Command("cancel", "%incidents cancel INC-293", common=False),
            Command("alerts", "%incidents alerts --firing"),
            Command("follow_ups", "%incidents follow_ups --due 30d"),
            Command("actions", "%incidents actions INC-293"),
            Command("status-page", "%incidents status-page", common=False),
            Command("handover", "%incidents handover --since 12h"),
        ),
    ),
    Group(
        "Learn",
        (
            Command("context", "%incidents context INC-293"),
            Command("timeline", "%incidents timeline INC-293"),
            Command("similar", "%incidents similar INC-293"),
            Command("postmortem", "%incidents postmortem INC-280"),
            Command("metrics", "%incidents metrics --since 90d"),
            Command("load", "%incidents load --by team,month --since 90d"),
            Command("export", "%incidents export archive --since 30d"),
        ),
    ),
    Group(
        "Practise",
        (
            Command("sandbox", "%incidents sandbox"),
            Command("training", "%incidents training on"),
            Command("drill", "%incidents drill list"),
        ),
    ),
    Group(
        "Connect and check",
        (
            Command("connect", "%incidents connect"),
            Command("doctor", "%incidents doctor"),
            Command("log", "%incidents log"),
            Command("whoami", "%incidents whoami"),
            Command("api", "%incidents api GET /v2/workflows", common=False),
            Command("client", "%incidents client --out io", common=False),
            Command("login", "%incidents login", common=False),
            Command("logout", "%incidents logout", common=False),
            Command("install", "%incidents install", common=False),
            Command("uninstall", "%incidents uninstall", common=False),
        ),
    ),
)
LISTS: Final = "Your organisation's lists"


def groups(summaries: Mapping[str, str]) -> Iterator[tuple[str, list[tuple[Command, str]]]]:
    """Yield each group's title with its commands and their summaries; subcommands in no group are lists.

    Args:
        summaries: The summary of each subcommand and cell magic, by name.
    """
    placed = {command.name for group in GROUPS for command in group.commands}
    lists = Group(
        LISTS, tuple(Command(name, f"%incidents {name}", common=False) for name in summaries if name not in placed)
    )
    for group in (*GROUPS, lists):
        yield group.title, [(command, summaries[command.name]) for command in group.commands]


def group_words(summaries: Mapping[str, str]) -> dict[str, str]:
    """Return a word for each subcommand's group, such as "Look" or "On-call".

    Args:
        summaries: The summary of each subcommand, by name.
    """
    placed = {command.name: group.title for group in GROUPS for command in group.commands}
    return {name: placed.get(name, "List").partition(" and ")[0].replace(" ", "-") for name in summaries}


def overview(summaries: Mapping[str, str], *, everything: bool = False) -> str:
    """Return the help of `%incidents`.

    Args:
        summaries: The summary of each subcommand and cell magic, by name.
        everything: Whether to list every command, or only the common ones.
    """
    shown = {
        title: kept
        for title, commands in groups(summaries)
        if (kept := [(command.example, text) for command, text in commands if command.common or everything])
    }
    width = max(len(example) for commands in shown.values() for example, _ in commands)
    lines = ["incident.io in this notebook. Every command returns a DataFrame: df = %incidents list"]
    for title, commands in shown.items():
        lines += ["", title, *(f"  {example:<{width}}  {text}" for example, text in commands)]
    lines += ["", "A cell's text may hold values from the notebook: {{ error_rate | round(1) }}"]
    if not everything:
        lines.append("%incidents --help --all lists every command.")
    lines.append("%incidents list --help explains one.")
    return "\n".join(lines)
