"""Whether everybody can use a page, as far as a machine can tell: axe-core, by the rules of WCAG 2.1 A and AA."""

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
_FAULTS = ("serious", "critical")


async def has_no_faults(page: Page) -> None:
    """Nothing serious or critical is wrong with what is shown now, and nothing is wider than the window."""
    found = await Axe().run(page, options=_RULES)
    assert found.response["passes"], "nothing was looked at"
    faults = [_told(rule) for rule in found.response["violations"] if rule["impact"] in _FAULTS]
    assert not faults, "\n".join(faults)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _told(rule: dict[str, Any]) -> str:
    places = "; ".join(f"{node['target']}: {node['failureSummary']}" for node in rule["nodes"])
    return f"{rule['id']} ({rule['impact']}), {rule['help']}: {places}"
