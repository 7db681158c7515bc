"""Bad configurations, and exactly what is said about them: all of it at once, each with its line."""

from pathlib import Path

import pytest

from pipeline.config import loads
from pipeline.core.errors import ConfigError

ENV = {"PORT": "http", "CAM_PASSWORD": "hunter2", "EMPTY": ""}

BAD = Path(__file__).parent / "bad"

PLUGINS = """
from pydantic import model_validator
from pipeline.core.contracts import ClassifierName
from pipeline.core.options import Options as Base

class Works:
    def process(self, ctx): ...
    def update(self, objects, now): return ()

class Picky(Works):
    class Options(Base):
        password: str = ""
        count: int = 0

        @model_validator(mode="after")
        def _never(self) -> "Picky.Options":
            if self.password:
                raise ValueError(f"a better password than {self.password}")
            if self.count:
                raise KeyError(self.count)
            return self

class Colour(Works):
    class Options(Base):
        model: str
        area: float | None = None

class Quiet:
    class Options(Base): ...

    def load(self): ...
    def close(self): ...

class Both(Quiet):
    async def detect(self, frame, *, min_score): ...
    async def classify(self, crop): ...

class Shade(Works):
    class Options(Base):
        model: ClassifierName

class Idle:
    class Options(Base): ...
"""


def problems(text: str, base: Path, name: str = "fw.yaml") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loads(text, name=name, base=base, env=ENV)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(PLUGINS)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "fw.yaml: cameras: got no camera, wanted at least one", id="nothing"),
        pytest.param("# soon", "fw.yaml: cameras: got no camera, wanted at least one", id="only comments"),
        pytest.param("- a", "fw.yaml:1: got a list, wanted a map of keys", id="a list"),
        pytest.param(
            "a: b: c", "fw.yaml:1: got no YAML (mapping values are not allowed here), wanted YAML", id="no YAML"
        ),
        pytest.param(
            "cameras:\n\tlobby: 1",
            "fw.yaml:2: got no YAML (found character '\\t' that cannot start any token), "
            "wanted YAML (spaces, not tabs, before a key)",
            id="tabs",
        ),
        pytest.param(
            "cameras:\n  lobby:\n    inputs: []\n   zones: {}",
            "fw.yaml:4: got no YAML (expected <block end>, but found '<block mapping start>'), "
            "wanted YAML (keys of one map begin in the same column)",
            id="indentation",
        ),
        pytest.param(
            'path: "C:\\Users\\film.mp4"',
            "fw.yaml:1: got no YAML (expected escape sequence of 8 hexdecimal numbers, but found 's'), "
            r"wanted YAML (a \ inside double quotes is written \\, or the text in single quotes)",
            id="a path of Windows in double quotes",
        ),
        pytest.param(
            'a: "b\nc: d\n',
            "fw.yaml:1: got no YAML (found unexpected end of stream), "
            "wanted YAML (a quote opens here and is never closed)",
            id="an open quote",
        ),
        pytest.param(
            "server: {port: ${PORT}}",
            "fw.yaml:1: got no YAML (expected ',' or '}', but got '{'), "
            'wanted YAML (inside { } and [ ], "${NAME}" needs quotes)',
            id="${NAME} without quotes in a flow map",
        ),
        pytest.param(
            "title: {{ what }}, {{ camera }}",
            "fw.yaml:1: got no YAML (expected <block end>, but found ','), wanted YAML (\"{{ … }}\" needs quotes)",
            id="a template without quotes",
        ),
        pytest.param(
            "a: 1\n---\nb: 2", "fw.yaml:2: got no YAML (but found another document), wanted YAML", id="two documents"
        ),
        pytest.param(
            "a: *b", "fw.yaml:1: got no YAML (found undefined alias 'b'), wanted YAML", id="an alias of nothing"
        ),
        pytest.param(
            "a: '\x00'",
            "fw.yaml: got no YAML (unacceptable character #x0000: special characters are not allowed), wanted YAML",
            id="a control character",
        ),
        pytest.param(
            "a: " + "[" * 5000, "fw.yaml: got no YAML (values in values without end), wanted YAML", id="too deep"
        ),
    ],
)
def test_what_cannot_be_read_at_all(text: str, problem: str, base: Path) -> None:
    assert problems(text, base) == [problem]


@pytest.mark.parametrize("case", sorted(BAD.glob("*.yaml")), ids=lambda case: case.stem)
def test_everything_wrong_is_said_at_once(case: Path, base: Path) -> None:
    """A file in `bad/` holds a configuration, then in comments (`#: …`) what must be said about it."""
    text = case.read_text()
    expected = [line.removeprefix("#: ") for line in text.splitlines() if line.startswith("#: ")]
    said = problems(text, base, case.name)
    assert [line.replace(str(base), "BASE") for line in said] == expected
