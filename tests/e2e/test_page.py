"""The web page, as a browser and its user see it."""

import os
import re
from pathlib import Path

import pytest

from browser import chromium
from harness import PYTHON, eventually

HOSTILE = "<img src=x onerror=document.title=777></script><script>document.title=777</script>"
SHOTS = os.environ.get("WORKSPACED_SHOTS")  # a directory for pictures


@pytest.fixture(scope="module")
def browser():
    with chromium() as b:
        yield b


@pytest.fixture
def page(workspace, browser):
    workspace.configure(f'''
[services.db]
command = "sleep 1000"
[services.web]
command = ["sh", "-c", "echo '{HOSTILE}'; echo second line; exec sleep 1000"]
depends_on = {{ db = "ready" }}
[services.worker]
command = ["sh", "-c", "exit 3"]
required = false
restart = "never"
[services.late]
command = "sleep 1000"
required = false
ready = {{ exec = ["sh", "-c", "echo '{HOSTILE}'; exit 1"] }}
''')
    workspace.up()
    workspace.wait_state("worker", "failed")
    browser.devtools("Emulation.clearDeviceMetricsOverride")
    browser.devtools("Emulation.setEmulatedMedia", features=[])
    browser.open(address(workspace))
    browser.run("sessionStorage.clear()")
    browser.open(address(workspace))
    browser.complaints()
    return browser


def address(workspace):
    return f"http://127.0.0.1:{workspace.http_port}/"


def token(workspace, which):
    return (workspace.state / "tokens" / which).read_text().strip()


def row(browser, name):
    return browser.text(f'tr[data-name="{name}"]')


def shoot(browser, name):
    if SHOTS:
        browser.screenshot(Path(SHOTS) / f"{name}.png")


def unlock(browser, secret):
    browser.type("#token", secret)
    browser.click("#unlock button")


def test_refers_to_nothing_elsewhere_and_is_small(workspace):
    workspace.configure('[services.a]\ncommand = "sleep 1000"')
    workspace.up()
    size = 0
    for path, kind in (("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")):
        answer = workspace.get(path)
        assert answer.status == 200 and answer.headers["content-type"].startswith(kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"https?://|//[a-z]+\.", answer.text.replace("127.0.0.1", "")), path
        size += len(answer.body)
    assert size < 24 * 1024
    policy = workspace.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "<style" not in workspace.get("/").text and re.findall(r"<script[^>]*>", workspace.get("/").text) == ['<script src="page.js" defer>']
    assert workspace.request("POST", "/").status == 405


def test_says_everything_without_scripts(workspace, page):
    page.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(address(workspace))
        source = page.source()
    finally:
        page.devtools("Emulation.setScriptExecutionDisabled", value=False)
    assert "every required service is ready" in source and "not every" not in source
    for name, state in (("db", "ready"), ("web", "ready"), ("worker", "failed"), ("late", "starting")):
        assert re.search(rf'data-name="{name}".*?</span>{state}</td>', source, re.S), name
    assert "exit code 3" in source and "<img" not in source


def test_keeps_itself_up_to_date(workspace, page):
    eventually(lambda: "ready" in row(page, "db"))
    workspace.ctl("stop", "db", "web")
    eventually(lambda: "stopped" in row(page, "db") and "not every" in page.text("#verdict"))
    workspace.ctl("start", "db", "web")
    eventually(lambda: "ready" in row(page, "web") and page.text("#verdict").startswith("every"))


def test_says_that_the_daemon_does_not_answer(workspace, page):
    workspace.ctl("down")
    eventually(lambda: page.text("#verdict") == "the daemon does not answer")


def test_a_wrong_token_is_told_and_forgotten(workspace, page):
    unlock(page, "wrong")
    eventually(lambda: "does not know this token" in page.text("#said"))
    assert page.run("return sessionStorage.length") == 0
    eventually(lambda: "ready" in row(page, "db"))


def test_with_a_token_it_shows_logs_and_its_buttons_work(workspace, page):
    unlock(page, token(workspace, "admin"))
    eventually(lambda: page.run("return document.body.classList.contains('open')"))
    assert token(workspace, "admin") not in page.run("return location.href + document.documentElement.outerHTML")
    page.click('tr[data-name="web"] button')
    eventually(lambda: "second line" in (page.text("tr.detail pre") or ""))
    shoot(page, "detail")
    before = workspace.service("web")["pid"]
    page.click("tr.detail button:nth-child(3)")
    eventually(lambda: workspace.service("web")["pid"] not in (None, before))
    eventually(lambda: "1×" in row(page, "web"))
    page.click("tr.detail button:nth-child(2)")
    workspace.wait_state("web", "stopped")
    eventually(lambda: "stopped" in row(page, "web"))
    page.open(address(workspace))
    eventually(lambda: page.run("return document.body.classList.contains('open')"), what="a reload keeps the token")
    page.click("#lock")
    eventually(lambda: not page.run("return document.body.classList.contains('open')"))


def test_a_reading_token_cannot_do_anything_and_is_told_so(workspace, page):
    unlock(page, token(workspace, "read"))
    eventually(lambda: page.run("return document.body.classList.contains('open')"))
    page.click('tr[data-name="web"] button')
    before = workspace.service("web")["pid"]
    page.click("tr.detail button:nth-child(3)")
    eventually(lambda: "may only read" in page.text("#said"))
    assert page.run("return document.querySelector('tr.detail button').disabled")
    assert workspace.service("web")["pid"] == before


def test_what_services_say_is_text_and_nothing_else(workspace, page):
    unlock(page, token(workspace, "admin"))
    eventually(lambda: page.run("return document.body.classList.contains('open')"))
    page.click('tr[data-name="web"] button')
    eventually(lambda: "<img" in (page.text("tr.detail pre") or "") and "<img" in row(page, "late"))
    assert page.run("return document.querySelectorAll('img').length") == 0
    assert "777" not in page.run("return document.title")


def test_nobody_complains(workspace, page):
    unlock(page, token(workspace, "admin"))
    eventually(lambda: page.run("return document.body.classList.contains('open')"))
    page.click('tr[data-name="web"] button')
    eventually(lambda: page.text("tr.detail pre"))
    assert page.complaints() == []


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_every_screen_in_light_and_dark(workspace, page, width, scheme):
    page.devtools("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
    page.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.open(address(workspace))
    eventually(lambda: "ready" in row(page, "db"))
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    light = sum(int(n) for n in re.findall(r"\d+", ground)[:3]) > 380
    assert light == (scheme == "light")
    for selector in ("body", "td.good", "td.bad", "td.busy", "td.reason", "#hint"):
        assert contrast(page, selector) >= 4.5, selector
    shoot(page, f"{width}-{scheme}")


def contrast(page, selector):
    def luminance(colour):
        parts = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
        r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    text, ground = page.run(
        "return [getComputedStyle(document.querySelector(arguments[0])).color, getComputedStyle(document.body).backgroundColor]",
        selector,
    )
    a, b = sorted((luminance(text), luminance(ground)))
    return (b + 0.05) / (a + 0.05)


def test_a_reader_of_the_screen_finds_its_way(workspace, page):
    assert page.run("return document.documentElement.lang") == "en"
    assert page.run("return document.querySelector('label[for=token]') !== null")
    assert page.run("return document.querySelector('#verdict').getAttribute('role')") == "status"
    assert page.run("return [...document.querySelectorAll('tbody th')].every(e => e.scope === 'row')")
    unlock(page, token(workspace, "admin"))
    eventually(lambda: page.run("return document.querySelector('button.name')?.getAttribute('aria-expanded')") == "false")
    page.run("document.querySelector('tr[data-name=web] button').focus()")
    page.run("document.activeElement.click()")
    assert page.run("return document.querySelector('tr[data-name=web] button').getAttribute('aria-expanded')") == "true"


def test_is_found_under_any_path(workspace, page):
    """As through a proxy that puts it under a path: all addresses are relative."""
    html = workspace.get("/").text
    assert not re.search(r'(?:href|src)="/', html)
    script = workspace.get("/page.js").text
    assert not re.search(r'["`]/(?:v1|health)', script)
