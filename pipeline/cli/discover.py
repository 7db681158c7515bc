"""`framewatch discover`: the cameras of the local network."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.table import show

if TYPE_CHECKING:
    from pipeline.core.found import FoundCamera, FoundStreams

_NOBODY = """\
No camera answered within {seconds:g} s.
Only cameras that speak ONVIF, have it switched on and are on this machine's own network answer. A container needs the
host's network for it. An address that you know can be looked at by: framewatch probe rtsp://…"""


def discover(
    user: Annotated[str, typer.Option(help="Ask every camera for its streams, as this user.")] = "",
    password: Annotated[
        str, typer.Option(help="The user's; asked for where it is not given.", show_default=False)
    ] = "",
    seconds: Annotated[float, typer.Option(help="How long to wait for answers.", min=0.5, max=30)] = 3.0,
    interface: Annotated[
        str | None, typer.Option(help="Ask on the network of this address of the machine only.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for cameras that speak ONVIF on the local network."""
    from sources.onvif import discover as look_for

    if user and not password:
        password = typer.prompt(f"Password of {user}", hide_input=True)
    cameras = look_for(seconds, interface)
    answers = [(camera, _streams(camera, user, password) if user else None) for camera in cameras]
    if as_json:
        _print_json(answers)
    elif cameras:
        _print_table(answers)
    else:
        typer.echo(_NOBODY.format(seconds=seconds))


def _streams(camera: "FoundCamera", user: str, password: str) -> "FoundStreams | str":
    """Or why it does not tell."""
    from pipeline.core.errors import SourceError
    from sources.onvif import streams

    try:
        return streams(camera.service, user, password)
    except SourceError as error:
        return error.reason + (f" ({error.detail})" if error.detail else "")


def _print_table(answers: "list[tuple[FoundCamera, FoundStreams | str | None]]") -> None:
    rows = []
    for camera, found in answers:
        known = [camera.host, camera.name or "–", camera.model or "–"]
        if found is None:
            rows.append([*known, camera.service])
        elif isinstance(found, str):
            rows.append([*known, found])
        else:
            known[2] = f"{found.maker} {found.model}".strip() or known[2]
            for at, stream in enumerate(found.streams):
                size = f"{stream.width}x{stream.height} " if stream.width else ""
                rows.append([*(known if at == 0 else ["", "", ""]), f"{stream.address}  {size}{stream.codec}"])
    asked = any(found is not None for _, found in answers)
    show(rows, ["address", "name", "maker and model" if asked else "model", "streams" if asked else "ONVIF service"])


def _print_json(answers: "list[tuple[FoundCamera, FoundStreams | str | None]]") -> None:
    import msgspec

    told = []
    for camera, found in answers:
        one = msgspec.to_builtins(camera)
        if isinstance(found, str):
            one["trouble"] = found
        elif found is not None:
            one |= {name: value for name, value in msgspec.to_builtins(found).items() if value}
        told.append(one)
    typer.echo(msgspec.json.format(msgspec.json.encode({"cameras": told})).decode())
