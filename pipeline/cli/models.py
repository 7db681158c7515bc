"""`framewatch models`: which weights are here, fetching more, and making them faster."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.table import show

if TYPE_CHECKING:
    from pipeline.models.catalogue import Entry
    from pipeline.models.optimize.optimizer import Outcome
    from pipeline.models.optimize.report import LabelAgreement

app = typer.Typer(help="List, fetch or optimize model weights.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def listing() -> None:
    """List what is in the cache, and what can be fetched by name."""
    from pipeline.models import catalogue

    show((_row(entry) for entry in catalogue.listing()), ("name", "kind", "size", "where", "about"))


def _row(entry: "Entry") -> tuple[str, ...]:
    size = f"{entry.size_bytes / 1e6:.1f} MB" if entry.size_bytes is not None else ""
    return entry.name, entry.kind, size, str(entry.path.parent if entry.path else entry.source), entry.about


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="For example yolov8n.pt.")]) -> None:
    """Bring weights into the cache, so that a later start needs no network."""
    from pipeline.app.terminal import log_handler, log_to
    from pipeline.models import catalogue

    log_to(log_handler(), "info")
    typer.echo(catalogue.fetch(name))


@app.command()
def optimize(
    config: Annotated[Path, typer.Argument(help="The configuration, a YAML file.")],
    model: Annotated[str | None, typer.Option(help="Only this one of its models.")] = None,
    frames: Annotated[int, typer.Option(min=20, max=2000, help="How many frames to calibrate with.")] = 120,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="Over how long they are spread.")] = 60,
    video: Annotated[
        Path | None, typer.Option("--from", help="Take the frames from this video file instead of the cameras.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Install only with this recall, precision and mAP50, or more.")
    ] = 0.9,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure and tell, keep nothing.")] = False,
) -> None:
    """Make the detectors of CONFIG faster with eight-bit numbers, calibrated on what its cameras see.

    Reports how far the result agrees with full precision on frames that it has not seen, and how fast both are. It is
    installed, and used from the next start on, unless it falls under the threshold: then nothing is kept, and the
    exit status is 1.
    """
    from pipeline.app.optimize import optimize as run
    from pipeline.app.terminal import log_handler, log_to
    from pipeline.config import load

    log_to(log_handler(), "info")
    refused = False
    for outcome in run(
        load(config),
        model=model,
        frames=frames,
        seconds=seconds,
        video=video,
        threshold=threshold,
        keep=not dry_run,
        say=lambda line: typer.echo(line, err=True),
    ):
        _print(outcome)
        refused = refused or bool(outcome.refused)
    if refused:
        raise typer.Exit(1)


def _print(outcome: "Outcome") -> None:
    report = outcome.report
    typer.echo(f"\n{report.weights} at {report.size}, int8 against full precision:")
    told = report.agreement
    rows = [_agreement(label, each) for label, each in told.labels.items()]
    show(rows, ("label", "objects", "recall", "precision", "mAP50"))
    typer.echo(f"all: recall {told.recall:.1%}, precision {told.precision:.1%}, mAP50 {told.map50:.1%}")
    speed = report.speed
    typer.echo(f"images a second: {speed.full:.1f} in full precision, {speed.int8:.1f} in int8 ({speed.gain:.2f} x)")
    if outcome.refused:
        typer.echo(f"not installed: {outcome.refused}", err=True)
    else:
        typer.echo(f"installed: {outcome.installed}" if outcome.installed else "not kept: a dry run")


def _agreement(label: str, told: "LabelAgreement") -> tuple[str, ...]:
    shares = (told.recall, told.precision, told.ap50)
    return label, str(told.objects), *("" if share is None else f"{share:.1%}" for share in shares)
