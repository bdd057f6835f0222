"""What the browser tests do on the Lab page, by role and name where the page has one."""

from playwright.sync_api import Locator, Page, expect


def ready(page: Page) -> None:
    """The Lab stands: the diagram is drawn and the script has come to its end."""
    expect(page.locator("svg.marks").first).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def block(page: Page, layer: int) -> Locator:
    """The teacher's block of this layer in the diagram, once a diagram that was replaced is gone."""
    found = page.get_by_label(f"teacher layer {layer}", exact=True)
    expect(found).to_have_count(1)
    return found


def expect_picked(page: Page, layers: list[int]) -> None:
    """The keyboard twin shows exactly these layers as chosen, at once or soon."""
    group = page.get_by_role("toolbar", name="The same by keyboard")
    expect(group.get_by_role("button", pressed=True)).to_have_text([str(layer) for layer in layers])
