"""The code blocks of a Markdown page."""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int


def blocks(page: Path, language: str) -> list[Block]:
    text = page.read_text()
    return [
        Block(found[1], found[2], text[: found.start()].count("\n") + 1)
        for found in _BLOCK.finditer(text)
        if found[1] == language
    ]
