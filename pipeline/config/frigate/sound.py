"""Whether there is sound in recordings: with Frigate the arguments of ffmpeg say so."""

from pipeline.config.frigate import reasons
from pipeline.config.frigate.reading import section
from pipeline.config.frigate.report import Report
from pipeline.config.node import Node
from pipeline.config.problems import Problems

_PRESET = "preset-"
_WITH_SOUND = ("preset-record-generic-audio-aac", "preset-record-generic-audio-copy", "preset-record-ubiquiti")
_WITHOUT = "-an"
_REST = "only whether there is sound is taken over, as `record.audio`"


def audio(ffmpeg: Node, problems: Problems, report: Report) -> dict[str, bool]:
    """Our key `record.audio`; nothing where nothing is written."""
    own = section(ffmpeg, "output_args", problems)
    report.rest(own, ("record",), reasons.OUTPUT_ARGS)
    written = own.get("record")
    words = " ".join(map(str, written.plain())).split() if written.items else str(written.value or "").split()
    if not words:
        return {}
    if words[0].startswith(_PRESET):
        return {"audio": words[0] in _WITH_SOUND}
    report.left(written, f"{reasons.FFMPEG['output_args']}; {_REST}")
    return {"audio": _WITHOUT not in words}
