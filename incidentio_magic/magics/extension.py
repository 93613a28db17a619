"""The magics and their configuration; loads and unloads them."""

from __future__ import annotations

import inspect
import os
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from traitlets import Bool, Dict, Float, TraitError, Unicode, observe, validate
from traitlets import default as trait_default

from incidentio_magic.environment import NOTEBOOK, TRAINING_VARIABLE, training_in
from incidentio_magic.errors import InputError, Interrupted, SettingsError
from incidentio_magic.magics import (
    _near_misses,
    board,
    connection,
    context,
    drills,
    forms,
    handover,
    install,
    metrics,
    on_call,
    pages,
    postmortem,
    raw,
    reading,
    responding,
    sandbox,
    similar,
    status_page,
    task_lists,
    tasks,
    timeline,
    training,
    vocabulary,
    workload,
    writing,
)
from incidentio_magic.magics._cells import CELLS
from incidentio_magic.magics._groups import overview
from incidentio_magic.magics._transformers import CellTransformer
from incidentio_magic.magics._words import Words, read
from incidentio_magic.magics.completion import Completion
from incidentio_magic.magics.grammar import Grammar, Subcommand, looks_like_a_key, may_be_a_key, nearest
from incidentio_magic.magics.session import Kept, Session
from incidentio_magic.magics.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

SUBCOMMANDS: Final[Mapping[str, Subcommand]] = {
    subcommand.name: subcommand
    for family in (
        reading,
        timeline,
        similar,
        postmortem,
        metrics,
        workload,
        on_call,
        pages,
        task_lists,
        handover,
        context,
        raw,
        status_page,
        vocabulary,
        writing,
        forms,
        responding,
        tasks,
        board,
        connection,
        sandbox,
        training,
        drills,
        install,
    )
    for subcommand in family.SUBCOMMANDS
}

SUMMARIES: Final = {
    "": reading.OPEN.summary,
    **{name: subcommand.summary for name, subcommand in SUBCOMMANDS.items()},
    **{name: magic.summary for name, magic in CELLS.items()},
}


@magics_class
class IncidentMagics(Magics):
    """incident.io in this notebook: %incidents and its cell magics."""

    base_url = Unicode("", help="The API's address; from INCIDENTIO_BASE_URL, else the real service.").tag(config=True)
    timezone = Unicode("UTC", help="The time zone of shown and typed times.").tag(config=True)
    show_private = Bool(False, help="Whether names and summaries of private incidents are shown.").tag(config=True)
    user = Unicode("", help="Who you are, by name or email address, for --mine; from INCIDENTIO_USER.").tag(config=True)
    training = Bool(help="Whether only test incidents are declared, listed and written to.").tag(config=True)
    proxy = Bool(False, help="Whether to go through the proxy that the environment names.").tag(config=True)
    timeout = Float(30.0, min=0.1, help="Seconds to wait for one response.").tag(config=True)
    max_wait = Float(120.0, min=0.0, help="Seconds one read may lose to repeats and slow responses.").tag(config=True)
    max_answer = Float(64.0, min=0.1, help="Megabytes that one response may take when unpacked.").tag(config=True)
    overdue: Dict[str, str] = Dict(
        Unicode(), help="How long an incident may go without an update, for boards: {'Major': '45m', 'Minor': 'never'}."
    ).tag(config=True)
    cache_seconds = Float(600.0, min=0.0, help="Seconds for which names are cached.").tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell=shell)
        self.shell: InteractiveShell = shell
        self.session = Session(shell, self._options, self._set_training, lambda: self.overdue)
        self.tables = Tables(shell)
        self.transformer = CellTransformer(CELLS)
        self.completion = Completion(self.session, SUBCOMMANDS)

    @trait_default("training")
    def _training_default(self) -> bool:
        return training_in(os.environ)

    @validate("training")
    def _switched(self, proposal: Any) -> bool:
        """Refuse to turn training mode off here: `%incidents training off` asks first, and a class's stays on."""
        on = bool(proposal["value"])
        if on or not training_in(os.environ):
            return on
        if not hasattr(self, "session"):  # a configuration file cannot end a class's training mode
            return True
        raise TraitError("%incidents training off ends training mode")

    @validate("timezone")
    def _known_timezone(self, proposal: Any) -> str:
        from incidentio_magic.settings import zone  # noqa: PLC0415  loads on first use

        try:
            return zone(proposal["value"]).key
        except SettingsError as error:
            raise TraitError(f"{error.message} {error.hint}") from None

    @observe(
        *("base_url", "timezone", "show_private", "user", "training", "proxy"),
        *("timeout", "max_wait", "max_answer", "cache_seconds"),
    )
    def _changed(self, change: Any) -> None:
        if change["name"] == "training" and change["new"] and not training_in(os.environ):
            os.environ[TRAINING_VARIABLE] = NOTEBOOK  # applies to connect() too, and after a reload
        if hasattr(self, "session"):
            self.session.disconnect(moved=change["name"] in {"base_url", "training"})
            if change["name"] == "base_url":
                self.session.current = ""  # the current incident was another organisation's

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.class_own_traits(config=True) if name != "overdue"}

    def _set_training(self, on: bool) -> None:
        if not on and os.environ.get(TRAINING_VARIABLE) == NOTEBOOK:
            del os.environ[TRAINING_VARIABLE]
        self.training = on

    @no_var_expand
    @line_magic
    def incidents(self, line: str) -> Any:
        """Documentation: replaced by the overview below."""
        line_read = read(line, self.session.render_here)
        words = line_read.words
        if words and words[0] in {"-h", "--help", "help", "?"}:
            if _named(words[1:]) is None:
                self.session.say(overview(SUMMARIES, everything="--all" in words))
                return None
            words[:] = [*words[1:], "--help"]
        subcommand = reading.OPEN
        if words and not words[0].startswith("-"):
            named = _named(words)
            if named is None:
                raise _unknown(words[0])
            subcommand = named
            del words[: len(subcommand.name.split())]
        grammar = Grammar(f"%incidents {subcommand.name}".rstrip(), subcommand.summary)
        subcommand.add(grammar)
        return self._run(grammar, line_read, lambda args: subcommand.run(self.session, args))

    incidents.__doc__ = overview(SUMMARIES)

    @no_var_expand
    @cell_magic
    def incident_update(self, line: str, cell: str) -> Any:
        """Share an update: %%incident_update [REF] [--status S] [--severity S]; the cell's text is the message."""
        return self._cell("incident_update", line, cell)

    @no_var_expand
    @cell_magic
    def incident_declare(self, line: str, cell: str) -> Any:
        """Declare an incident: %%incident_declare --severity S [--mode test]; first line the name, rest the summary."""
        return self._cell("incident_declare", line, cell)

    @no_var_expand
    @cell_magic
    def incident_event(self, line: str, cell: str) -> Any:
        """Add to the timeline: %%incident_event [REF] --at 14:05; first line the title, rest the description."""
        return self._cell("incident_event", line, cell)

    @no_var_expand
    @cell_magic
    def incident_followup(self, line: str, cell: str) -> Any:
        """Add a follow-up: %%incident_followup [REF] [--assignee P]; first line the title, rest the description."""
        return self._cell("incident_followup", line, cell)

    @no_var_expand
    @cell_magic
    def incident_action(self, line: str, cell: str) -> Any:
        """Add an action: %%incident_action [REF] [--assignee PERSON]; the text says what to do."""
        return self._cell("incident_action", line, cell)

    def _cell(self, name: str, line: str, cell: str) -> Any:
        magic = CELLS[name]
        grammar = Grammar(f"%%{name}", magic.summary)
        magic.add(grammar)
        render = {True: self.session.without_key, False: self.session.render_body}
        return self._run(
            grammar,
            read(line, self.session.render_here),
            lambda args: magic.run(self.session, args, render[args.raw](cell)),
        )

    def _run(self, grammar: Grammar, line: Words, act: Callable[[Any], Any]) -> Any:
        args = grammar.parse(line.words)
        if args is None:
            self.session.say(grammar.format_help().strip())
            return None
        name = getattr(args, "out", "")
        if name and (not name.isidentifier() or iskeyword(name)):
            raise InputError(
                f"{name!r} cannot be a variable name.", hint="use letters, digits and _, and no Python keyword"
            )
        before = self.session.writes_begun
        try:
            result = self._shown(act(args), args)
        except Interrupted:
            raise
        except KeyboardInterrupt:
            raise _stopped(began=self.session.writes_begun > before) from None
        if name:
            self.shell.user_ns[name] = result
            return None
        return self.session.runs.hide(result) if line.is_quiet and result is not None else result

    def _shown(self, result: Any, args: Any) -> Any:
        """Show how a write ended and return its receipt; return any other result unchanged."""
        from incidentio_magic.writes.outcome import Outcome  # noqa: PLC0415  loads on first use

        if not isinstance(result, Outcome):
            return result
        return self.session.receipt(result, quiet=getattr(args, "quiet", False))


def _named(words: list[str]) -> Subcommand | None:
    """Return the subcommand at the start of a line: `follow_ups done` rather than `follow_ups`."""
    return next((SUBCOMMANDS[name] for count in (2, 1) if (name := " ".join(words[:count])) in SUBCOMMANDS), None)


def _unknown(word: str) -> InputError:
    if looks_like_a_key(word):
        return may_be_a_key("%incidents")
    if any(letter.isdigit() for letter in word):
        return InputError(
            f"There is no subcommand {word!r}.",
            hint=f"to see an incident: %incidents show {word}; for later cells: %incidents use {word}",
        )
    return nearest("subcommand", word, SUBCOMMANDS, instead="%incidents --help --all lists them")


def _stopped(*, began: bool) -> Interrupted:
    if began:
        hint = "%incidents log shows how it ended; if you run it again, it is written only once"
        return Interrupted("Stopped after a write had begun.", hint=hint)
    return Interrupted("Stopped; nothing was written.")


_kept: WeakKeyDictionary[InteractiveShell, Kept] = WeakKeyDictionary()  # while the extension is reloaded


def _is_reload() -> bool:
    """Return whether `%reload_ext` is unloading the extension, and will load it again."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_name != "reload_extension":
        frame = frame.f_back
    return frame is not None


def load(shell: InteractiveShell) -> None:
    """Register the magics, their completion and their tables in `shell`; calling it again changes nothing."""
    if isinstance(earlier := _loaded(shell), IncidentMagics):
        return
    if earlier is not None:  # the package was imported again
        unload(shell, keep=True)
    configured = list(shell.configurables)
    try:
        magics = IncidentMagics(shell)
    except TraitError as error:
        shell.configurables[:] = configured  # the incomplete Magics object has registered itself
        raise SettingsError(
            f"The configuration of IncidentMagics cannot be used: {error}",
            hint="correct it in ipython_config.py or get_ipython().config.IncidentMagics, then load it again",
        ) from None
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(magics.completion.matcher)
    shell.input_transformers_cleanup.append(magics.transformer)
    _near_misses.register(shell)
    magics.tables.register()
    magics.session.runs.register()
    if kept := _kept.pop(shell, None):
        magics.session.adopt(kept)


def unload(shell: InteractiveShell, *, keep: bool = False) -> None:
    """Remove everything from `shell` that `load` registered.

    Args:
        shell: The shell.
        keep: Whether the next `load` keeps the connection, as after `%reload_ext`.
    """
    magics = _loaded(shell)
    if magics is None:
        return
    section = shell.config.get(type(magics).__name__, {})
    for name in section:  # %config keeps even a refused value there, and it would break the next load
        if magics.has_trait(name):
            section[name] = getattr(magics, name)
    if keep or _is_reload():
        _kept[shell] = magics.session.release()
    elif left := magics.session.elsewhere():
        magics.session.say(left)
    magics.session.close()
    magics.tables.unregister()
    magics.session.runs.unregister()
    shell.Completer.custom_matchers.remove(magics.completion.matcher)
    shell.input_transformers_cleanup.remove(magics.transformer)
    _near_misses.unregister(shell)
    for kind, names in magics.magics.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)
    shell.magics_manager.registry.pop(type(magics).__name__, None)
    configurables: list[Any] = shell.configurables  # IPython keeps every registered Magics object there
    if magics in configurables:
        configurables.remove(magics)
    magics.unobserve_all()


def _loaded(shell: InteractiveShell) -> Any:
    """Return a shell's magics; their class differs if the package was imported again."""
    return shell.magics_manager.registry.get(IncidentMagics.__name__)
