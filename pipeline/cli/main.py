"""The command `framewatch`: its commands, and how errors end it."""

import sys
from typing import Annotated

import typer

from pipeline.cli import alerts, bench, discover, events, importing, models, probe, process, run, validate
from pipeline.core.errors import ConfigError, FramewatchError

app = typer.Typer(
    name="framewatch",
    help="Watches cameras: detects and tracks what is in them, shows it live, tells what happens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run.run)
app.command()(run.demo)
app.command()(process.process)
app.command()(validate.validate)
app.command()(validate.schema)
app.command()(probe.probe)
app.command()(discover.discover)
app.command()(bench.bench)
app.command()(events.events)
app.add_typer(alerts.app, name="alerts")
app.add_typer(models.app, name="models")
app.add_typer(importing.app, name="import")


def _version(wanted: bool) -> None:
    if wanted:
        from pipeline.version import __version__

        typer.echo(f"framewatch {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Nothing but the options that hold for every command."""


def main() -> None:
    """Bad input ends with one message a problem and exit status 2; Ctrl-C with 130."""
    try:
        app(prog_name="framewatch")
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nobody is left to be told
        sys.exit(141)
    except FramewatchError as error:
        typer.echo(f"framewatch: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        typer.echo(f"framewatch: {_in_words(error)}", err=True)
        sys.exit(2)


def _in_words(error: OSError) -> str:
    """What the system says, without its number."""
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
