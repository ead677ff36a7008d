"""A real Chromium, driven over the WebDriver protocol (W3C) that chromedriver speaks."""

import base64
import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile

from harness import eventually

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Browser:
    def __init__(self, driver_port, profile):
        self.port = driver_port
        arguments = ["--headless=new", f"--user-data-dir={profile}", "--disable-gpu", "--disable-dev-shm-usage",
                     "--no-first-run", "--disable-background-networking", "--window-size=1200,800"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        capabilities = {
            "goog:chromeOptions": {"args": arguments, "binary": CHROMIUM},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = f"/session/{answer['sessionId']}"

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{method} {path}: {value['error']}: {value['message']}")
        return value

    def open(self, url):
        self.ask("POST", self.session + "/url", {"url": url})

    def run(self, script, *args):
        """The value of a JavaScript function body, run in the page."""
        return self.ask("POST", self.session + "/execute/sync", {"script": script, "args": list(args)})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? null", selector)

    def click(self, selector):
        element = self.ask("POST", self.session + "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"{self.session}/element/{next(iter(element.values()))}/click", {})

    def type(self, selector, text):
        element = self.ask("POST", self.session + "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"{self.session}/element/{next(iter(element.values()))}/value", {"text": text})

    def devtools(self, command, **parameters):
        return self.ask("POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def source(self):
        return self.ask("GET", self.session + "/source")

    def complaints(self):
        """What the page and the browser wrote to the console since the last call."""
        return [entry["message"] for entry in self.ask("POST", self.session + "/se/log", {"type": "browser"})]

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.ask("GET", self.session + "/screenshot")))


@contextlib.contextmanager
def chromium():
    profile = tempfile.mkdtemp(prefix="wsd-browser-")
    port = free_port()
    environment = {"PATH": "/usr/bin:/bin", "HOME": profile, "LANG": "C.UTF-8", "TMPDIR": profile}
    driver = subprocess.Popen([DRIVER, f"--port={port}"], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    browser = None
    try:
        eventually(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None, 20, "chromedriver answers")
        browser = Browser(port, profile)
        yield browser
    finally:
        if browser:
            with contextlib.suppress(Exception):
                browser.ask("DELETE", browser.session)
        driver.terminate()
        driver.wait(timeout=20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(driver.pid, 9)
        shutil.rmtree(profile, ignore_errors=True)
