"""What the browser tests do and look for on a page, by role and name where the page has one."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as Timeout

CALM_MS = 600
BUSY = """() => {
    const state = document.querySelector('[data-testid=stApp]')?.dataset.testScriptState;
    return [
        ...(state === 'notRunning' ? [] : [`the script is ${state}`]),
        ...[...document.querySelectorAll('[data-stale=true], [data-testid=stStatusWidget]')]
            .map(one => `${one.dataset.testid}: ${one.innerText}`),
        ...document.getAnimations().filter(one => one instanceof CSSTransition && one.playState !== 'finished')
            .map(one => `${one.transitionProperty} ${one.playState}: ${one.effect.target.outerHTML.slice(0, 200)}`),
    ];
}"""
CALM = f"""least => {{
    const busy = ({BUSY})().length > 0, now = performance.now();
    window.calmSince = busy ? undefined : window.calmSince ?? now;
    return !busy && now - window.calmSince >= least;
}}"""  # asked at every frame


def ready(page: Page) -> None:
    """The Lab stands: the diagram is drawn and the script has come to its end."""
    expect(page.locator("svg.marks").first).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def free_run(page: Page) -> Locator:
    """The button Run; where it waits for a prediction, that is skipped first."""
    button = page.get_by_role("button", name="Run", exact=True)
    expect(button).to_be_visible()
    skip = page.get_by_role("button", name="Skip", exact=True)
    if button.is_disabled() and skip.count():
        skip.click()
    expect(button).to_be_enabled()
    return button


def open_figures(page: Page) -> None:
    """The one click that shows the figures of a size that was not predicted, where the page asks for it."""
    settled(page)
    button = page.get_by_role("button", name="Show the figures now")
    if button.count():
        button.click()
        expect(button).to_have_count(0)


def block(page: Page, layer: int) -> Locator:
    """The teacher's block of this layer in the diagram, once a diagram that was replaced is gone."""
    found = page.get_by_label(f"teacher layer {layer}", exact=True)
    expect(found).to_have_count(1)
    return found


def twin(page: Page) -> Locator:
    """The diagram's keyboard twin."""
    return page.get_by_role("toolbar", name="The same by keyboard")


def expect_picked(page: Page, layers: list[int]) -> None:
    """The keyboard twin shows exactly these layers as chosen, at once or soon."""
    expect(twin(page).get_by_role("button", pressed=True)).to_have_text([str(layer) for layer in layers])


def to_own_runs(page: Page) -> None:
    """By the menu to the About page, and there to the runs of this machine."""
    page.get_by_role("link", name="About the runs").click()
    page.get_by_role("radio", name="This machine", exact=True).click()
    expect(page.get_by_role("heading", name="Runs on this machine")).to_be_visible()


def tab_to(page: Page, wanted: Locator, backwards: bool = False, most: int = 80) -> None:
    """Press Tab until this element has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{wanted} is not reached by {most} presses of Tab")


def whole(page: Page) -> None:
    """Make the window so tall that nothing is scrolled out of sight."""
    page.set_viewport_size({"width": 1280, "height": 4600})


def settled(page: Page) -> None:
    """The script has come to its end, nothing is grey or on its way to another colour, and so it stays for a while.

    The while is for a click whose run has not begun yet: till the server answers, the page looks as if it had nothing to do.
    """
    page.evaluate("() => document.fonts.ready.then(() => { window.calmSince = undefined; })")
    try:
        page.wait_for_function(CALM, arg=CALM_MS)
    except Timeout:
        raise AssertionError(f"the page does not come to rest: {page.evaluate(BUSY)}") from None


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]
    ]


def fits(page: Page) -> bool:
    """Nothing scrolls sideways."""
    return page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
