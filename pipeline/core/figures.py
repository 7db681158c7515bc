"""Figures as people read them."""


def below(got: float, wanted: float) -> str:
    """`got` with as many figures as show that it is less."""
    return next((text for text in _texts(got) if float(text) < wanted), f"{got:.4f}")


def above(got: float, wanted: float) -> str:
    """`got` with as many figures as show that it is more."""
    return next((text for text in _texts(got) if float(text) > wanted), f"{got:.4f}")


def _texts(got: float) -> list[str]:
    """Two figures behind the point are enough of a score; of what is small it is those that say something."""
    if abs(got) >= 100:
        return [f"{got:.0f}", f"{got:.1f}"]
    return [f"{got:.2g}", f"{got:.3g}"] if abs(got) < 0.1 else [f"{got:.2f}", f"{got:.3f}"]
