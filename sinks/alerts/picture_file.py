"""A picture as a file, for those who take nothing else."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def picture_file(picture: bytes | None) -> Iterator[str | None]:
    """Its path, readable by this user alone; gone afterwards. None where there is no picture."""
    if picture is None:
        yield None
        return
    with tempfile.NamedTemporaryFile(prefix="framewatch-", suffix=".jpg") as file:
        file.write(picture)
        file.flush()
        yield file.name
