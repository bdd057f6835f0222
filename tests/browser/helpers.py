"""What the browser tests do on the Lab page, by role and name where the page has one."""

from playwright.sync_api import Locator, Page, expect

from core.recipe import Recipe


def ready(page: Page) -> None:
    """The Lab stands: the diagram is drawn and the script has come to its end."""
    expect(page.locator("svg.marks").first).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def block(page: Page, layer: int) -> Locator:
    """The teacher's block of this layer in the diagram."""
    return page.get_by_label(f"teacher layer {layer}", exact=True)


def picked(page: Page) -> list[int]:
    """The layers that the keyboard twin shows as chosen."""
    group = page.get_by_role("toolbar", name="The same by keyboard")
    return [int(button.inner_text()) for button in group.get_by_role("button", pressed=True).all()]


def layers_in_address(page: Page) -> str:
    return page.evaluate("new URL(location.href).searchParams.get('layers') || ''")


def recipe_ids(jobs) -> list[str]:
    """The ids of the queued recipes, as the queue and as the recipe itself say."""
    return [(job.run_id, Recipe.from_dict(job.payload).id) for job in jobs]
