"""What a checker of accessibility would call serious, on one page of the dashboard."""

from pathlib import Path

from playwright.async_api import Page

_CONTRAST = Path(__file__).with_name("contrast.js").read_text()
_KINDS = "a, button, select, input, textarea, table, [tabindex='0']"
_UNNAMED = """([root, kinds]) => [...document.querySelectorAll(`:is(${root}, .top) :is(${kinds})`)]
    .filter((each) => each.checkVisibility() && each.ariaHidden !== "true")
    .filter((each) => !(each.ariaLabel || each.getAttribute("aria-labelledby") || each.caption?.textContent
        || each.labels?.length || each.innerText.trim()))
    .map((each) => each.outerHTML)"""
_SMALL = """(root) => [...document.querySelectorAll(`${root} :is(a, button, select, input:not([type=checkbox]))`)]
    .filter((each) => each.checkVisibility() && !each.matches(".handles *, .tile-actions *"))
    .map((each) => [each.getBoundingClientRect(), each])
    .filter(([box]) => box.width > 0 && (box.height < 24 || box.width < 24))
    .map(([, each]) => each.outerHTML)"""


async def faults(page: Page, root: str) -> list[str]:
    """Poor contrast, no name, too small to hit, or wider than the screen; `root` is a selector like `#camera`."""
    found: list[str] = await page.evaluate(_CONTRAST.replace("#system", root))
    found += await page.evaluate(_UNNAMED, [root, _KINDS])
    found += await page.evaluate(_SMALL, root)
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("the page is wider than the screen")
    return found
