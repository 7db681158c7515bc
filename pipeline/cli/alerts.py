"""`framewatch alerts`: whether they arrive, what was not delivered, and what rules would have made of the past."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.table import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.alerts.replay import Replayed
    from pipeline.config import Config
    from pipeline.core.glimpse import Glimpse

app = typer.Typer(help="Test alert rules, see what was not delivered, replay the past.", no_args_is_help=True)

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
_MOST = 100_000
Written = Annotated[Path, typer.Argument(help="The configuration, a YAML file.")]
Url = Annotated[str | None, typer.Option(help="Where the system answers, if not where the configuration says.")]


@app.command()
def test(
    name: Annotated[str, typer.Argument(help="The name of an alert rule.")], config: Written, url: Url = None
) -> None:
    """Send a test through the sinks of a rule: by the running system, or by this command where none runs."""
    loaded = _with_rule(config, name)
    outcomes = _tested(loaded, name, url)
    for sink, error in outcomes:
        typer.echo(f"{sink}: {error or 'the test arrived'}", err=error is not None)
    if any(error for _, error in outcomes):
        raise typer.Exit(1)


def _with_rule(config: Path, name: str) -> "Config":
    from pipeline.config import load

    loaded = load(config)
    names = [rule.name for rule in loaded.alerts]
    if name not in names:
        raise typer.BadParameter(f"got {name!r}, wanted one of {', '.join(names) or '(there is none)'}")
    return loaded


def _tested(config: "Config", name: str, url: str | None) -> "Sequence[tuple[str, str | None]]":
    import asyncio

    from pipeline.app.alert_trial import send_test
    from pipeline.app.running import NotRunningError, Running

    try:
        sinks: list[dict[str, Any]] = Running(config, url).post(f"/api/v1/alerts/{name}/test")["sinks"]
    except NotRunningError:
        if url is not None:
            raise
        return [(outcome.sink, outcome.error) for outcome in asyncio.run(send_test(config, name))]
    return [(outcome["sink"], outcome["error"]) for outcome in sinks]


@app.command()
def replay(
    config: Written,
    since: Annotated[datetime, typer.Option(formats=_FORMATS, help="Local time.")],
    until: Annotated[datetime | None, typer.Option(formats=_FORMATS, help="Local time.")] = None,
    rule: Annotated[str | None, typer.Option(help="This rule alone.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also events of other kinds and cameras.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Nothing is sent, whether this is said or not.")] = True,
) -> None:
    """Say what CONFIG would have sent of the events in its store, and why not the rest. Nothing is sent."""
    from pipeline.alerts.glimpse_desk import not_asked
    from pipeline.alerts.replay import Replay, summary
    from pipeline.config import load
    from pipeline.core.event_query import EventQuery
    from pipeline.core.glimpse import GlimpseQuery
    from pipeline.store.glimpses import found
    from pipeline.store.store import EventStore

    loaded = load(config) if rule is None else _with_rule(config, rule)
    query = EventQuery(after=since.timestamp(), before=until.timestamp() if until else None)
    store = EventStore(loaded.store.url.get_secret_value())
    try:
        store.start_reading()
        events = store.list(query, limit=_MOST + 1).items
        times = GlimpseQuery(after=query.after, before=query.before)
        glimpses = store.ask(lambda connection: found(connection, times, _MOST)).items
    finally:
        store.close()
    if len(events) > _MOST:
        raise typer.BadParameter(f"more than {_MOST} events; wanted a shorter time", param_hint="--since")
    rules = [each for each in loaded.alerts if rule in (None, each.name)]
    replayed = [each for each in Replay(rules, loaded.profiles).of(events) if everything or each.concerns]
    show([_row(each) for each in replayed], ["Time", "Camera", "Event", "Rule", "Sent to", "Why not"])
    typer.echo("")
    show([(name, outcome, str(count)) for name, outcome, count in summary(replayed)], ["Rule", "Outcome", "Events"])
    unasked = [(seen, names) for seen in glimpses if (names := not_asked(rules, seen)) or everything]
    if unasked:
        typer.echo("\nSeen, but not confirmed, so that no rule was asked:")
        rows = [_glimpse_row(seen, names) for seen, names in reversed(unasked)]
        show(rows, ["Time", "Camera", "Object", "Rules", "Why not"])


def _row(replayed: "Replayed") -> tuple[str, ...]:
    from pipeline.core.sentence import sentence

    event = replayed.event
    outcome = ("", replayed.words) if replayed.reason else (replayed.words, "")
    return (_time(replayed.at), event.camera, sentence(event), replayed.rule, *outcome)


def _glimpse_row(seen: "Glimpse", rules: "Sequence[str]") -> tuple[str, ...]:
    from pipeline.core.sentence import capitalised, spoken

    return _time(seen.first_seen_at), seen.camera, capitalised(spoken(seen.label)), ", ".join(rules), seen.why


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S}"


@app.command()
def dead(config: Written, limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50) -> None:
    """List alerts that could not be delivered and were given up on, or dropped."""
    from pipeline.alerts import alert_history
    from pipeline.app.alert_sinks import hiding_secrets
    from pipeline.config import load
    from pipeline.store.store import EventStore

    loaded = load(config)
    hide = hiding_secrets(loaded)
    store = EventStore(loaded.store.url.get_secret_value())
    try:
        store.start_reading()
        found = store.ask(lambda connection: alert_history.found(connection, states=["dead", "dropped"], limit=limit))
    finally:
        store.close()
    rows = [
        (
            str(each.id),
            _time(each.created_at),
            each.rule,
            each.sink,
            each.state,
            str(each.attempts),
            hide(each.error or ""),
        )
        for each in found
    ]
    show(rows, ["Id", "Time", "Rule", "Sink", "State", "Attempts", "Error"])


@app.command()
def resend(
    config: Written,
    id: Annotated[list[int] | None, typer.Option(help="One that `alerts dead` lists; may be given again.")] = None,
    sink: Annotated[str | None, typer.Option(help="All of a sink.")] = None,
    url: Url = None,
) -> None:
    """Send again, by the running system, what was given up on or dropped."""
    from pipeline.app.running import Running
    from pipeline.config import load

    if (not id) == (sink is None):
        raise typer.BadParameter("give either --id or --sink")
    count = Running(load(config), url).post("/api/v1/alerts/deliveries/resend", {"ids": id} if id else {"sink": sink})[
        "count"
    ]
    nothing = "nothing of that was given up on; `alerts dead` lists what was"
    typer.echo(f"{count} on their way again" if count else nothing)
