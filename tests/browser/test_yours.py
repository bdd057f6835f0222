"""A table is uploaded, looked at and used; a link of another machine's visitor reaches no path. Run: python -m pytest tests/browser/test_yours.py"""

import csv
import http.client
import socket
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser import helpers
from tests.browser.conftest import BOTH_SCHEMES
from tests.browser.server import Server
from tests.browser.test_hostile import IMAGE, LINK, SCRIPT, untouched

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def table(tmp_path) -> str:
    """A table with scripts, links and a formula in its cells, names of columns and labels."""
    path = tmp_path / "mine.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((f"text {IMAGE}", "label", "=cmd|' /C calc'!A0"))
        writer.writerows((f"{(SCRIPT, IMAGE, LINK, 'https://evil.example/x')[i % 4]} the dog {i}", (SCRIPT, LINK)[i % 2], "=1+1") for i in range(80))
    return str(path)


@BOTH_SCHEMES
def test_an_uploaded_table_is_text_and_becomes_the_task(server, page, table, scheme):
    page.goto(server.url("yours"))
    expect(page.get_by_role("heading", name="1. Your table")).to_be_visible()
    page.locator("input[type=file]").set_input_files(table)
    use = page.get_by_role("button", name="Use this data")
    expect(use).to_be_visible()
    expect(page.get_by_role("cell", name=f"{SCRIPT} the dog 0")).to_be_visible()
    helpers.settled(page)
    assert untouched(page) and page.get_by_test_id("stMain").get_by_role("link").count() == 0
    page.set_viewport_size({"width": 390, "height": 844})
    helpers.settled(page)
    assert helpers.fits(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    use.click()
    expect(page.get_by_role("button", name="Fine-tune this teacher")).to_be_visible()
    expect(page.get_by_text("of the texts are cut, at 128 tokens")).to_be_visible(timeout=120_000)  # the worker has looked
    assert untouched(page) and "upload%2F" in page.url
    page.reload()
    expect(page.get_by_role("button", name="Fine-tune this teacher")).to_be_visible()
    helpers.settled(page)
    assert helpers.serious(page) == []


def test_a_link_from_another_machine_reaches_no_path(shared, page, tmp_path):
    """The same machine by its address in the network counts as another."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            host = probe.getsockname()[0]
    except OSError:
        pytest.skip("this machine has no network")
    own = Server(tmp_path / "home", address="0.0.0.0")
    try:
        address = own.start().url(teacher=shared[1], task=shared[2]).replace("127.0.0.1", host)
        page.goto(address)
        expect(page.get_by_text("a task reaches no file of this server by its path").first).to_be_visible()
        expect(page.get_by_text("a teacher reaches no folder of this server by its path").first).to_be_visible()
    finally:
        own.close()


def test_a_file_above_the_limit_is_refused_before_it_is_read(server, page, table):
    """The browser refuses such a file by itself; whoever sends it past the page gets 413 from the server, and the page goes on."""
    page.goto(server.url("yours"))
    expect(page.get_by_role("heading", name="1. Your table")).to_be_visible()
    with page.expect_request(lambda request: request.method == "PUT" and "upload_file" in request.url) as put:
        page.locator("input[type=file]").set_input_files(table)
    request = put.value
    expect(page.get_by_role("button", name="Use this data")).to_be_visible()
    address, sent = urlsplit(request.url), request.all_headers()
    kept = {name: value for name, value in sent.items() if name in ("cookie", "x-xsrftoken", "content-type")}
    for size, wanted in ((501 << 20, 413), (2 << 30, 413)):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request("PUT", address.path, body=iter([b"--x"]), headers=kept | {"Content-Length": str(size)})
        assert connection.getresponse().status == wanted
        connection.close()
    page.reload()
    expect(page.get_by_role("heading", name="1. Your table")).to_be_visible()
