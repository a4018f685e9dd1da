"""A real browser and a real `configcatctl serve`, for page_test.py and page_pictures.py."""

import base64
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parents[3]
# Where `make deps` installs Selenium.
sys.path.insert(0, str(PROJECT / ".build/python-tools"))

from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

PATIENCE = 60 * float(os.environ.get("CONFIGCAT_TEST_PATIENCE", "1"))
HTML = '<img src=x onerror="window.harm=1"><script>window.harm=1</script>'


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def hostile_config():
    """A config whose every string is HTML, or something else that a page could mistake."""
    condition = {"u": {"a": HTML, "c": 2, "l": [HTML, "</textarea></code><script>window.harm=1</script>"]}}
    return {
        "p": {"u": "https://cdn-global.configcat.com", "r": 0, "s": "c2FsdA=="},
        "s": [{"n": HTML, "r": [{"a": HTML, "c": 2, "l": [HTML]}]}],
        "f": {
            HTML: {
                "t": 0, "v": {"b": False}, "i": HTML,
                "r": [{"c": [{"s": {"s": 0, "c": 0}}, condition], "s": {"v": {"b": True}, "i": HTML}}],
            },
            "javascript:window.harm=1": {
                "t": 1, "v": {"s": HTML}, "i": "a",
                "r": [{"c": [{"p": {"f": HTML, "c": 0, "v": {"b": True}}}],
                       "s": {"v": {"s": '"><script>window.harm=1</script>'}, "i": "b"}}],
            },
            "long" + "Key" * 60: {"t": 1, "v": {"s": "word" * 500}, "i": "c"},
            "a/b?c#d%20 e": {"t": 0, "v": {"b": False}, "i": "d"},
            "__proto__": {"t": 0, "v": {"b": False}, "i": "e"},
            "beyond 2^53": {"t": 2, "v": {"i": 2147483647}, "i": "f"},
            "\u202eright-to-left": {"t": 3, "v": {"d": 0.1}, "i": "g"},
        },
    }


def large_config(count):
    values = [lambda n: {"b": n % 3 == 0}, lambda n: {"s": f"text {n}"}, lambda n: {"i": n}, lambda n: {"d": n / 8}]
    settings = {f"setting{n:04}": {"t": n % 4, "v": values[n % 4](n), "i": str(n)} for n in range(count)}
    return {"p": {"u": "https://cdn-global.configcat.com", "r": 0, "s": "c2FsdA=="}, "f": settings}


class Server:
    """`configcatctl serve` with the config files of a folder; `flags` is the sample, `hostile` and `large` are above."""

    def __init__(self, tool, *arguments, names=("flags", "hostile", "large")):
        self.tool, self.arguments, self.names = os.path.abspath(tool), list(arguments), names
        self.folder = pathlib.Path(tempfile.mkdtemp())
        shutil.copy(PROJECT / "Examples/flags.json", self.folder / "flags.json")
        (self.folder / "hostile.json").write_text(json.dumps(hostile_config()))
        (self.folder / "large.json").write_text(json.dumps(large_config(1000)))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        configs = [part for name in self.names for part in ("--config", f"{name}={name}.json")]
        self.log = open(self.folder / "log", "w+")
        command = [self.tool, "serve", "--ephemeral", "--port", str(self.port), *configs, *self.arguments]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self):
        """Stops the server, if it runs."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.log.close()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder)

    def write(self, name, text):
        """Replaces a config file at once, so that the server never sees half of it."""
        new = self.folder / "new"
        new.write_text(text)
        new.rename(self.folder / f"{name}.json")

    def request(self, method, path, body=None, headers=None):
        """Returns the status, the headers and the body of a response."""
        headers = dict(headers or {})
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def reset(self):
        """Removes all overrides."""
        for name in self.names:
            self.request("DELETE", f"/api/dev/configs/{name}/overrides")

    def served(self, key, name="flags"):
        """Returns a setting as SDKs get it."""
        path = f"/configuration-files/configcat-proxy/{name}/config_v6.json"
        return json.loads(self.request("GET", path)[2])["f"][key]


class Browser:
    """A window of Chromium."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
        # Containers run the tests as root, and have little shared memory.
        for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu", "hide-scrollbars"):
            options.add_argument(f"--{argument}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
            window.problems = [];
            addEventListener('error', (event) => problems.push(event.message));
            addEventListener('unhandledrejection', (event) => problems.push(String(event.reason)));
            document.addEventListener('securitypolicyviolation', (event) => problems.push(
                `${event.violatedDirective} ${event.blockedURI}`));
        """})
        self.resize(1280, 900)

    def close(self):
        self.driver.quit()

    def resize(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def prefer(self, **features):
        """Sets media features, for example `prefers_color_scheme="dark"`."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def forget(self, url):
        """Removes what pages have stored, and the messages of the console."""
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
        self.driver.get_log("browser")

    def open(self, url, settings=1):
        """Opens a page from the beginning, and waits for its settings."""
        self.driver.get("about:blank")
        self.driver.get(url)
        self.until(lambda: len(self.all(".setting")) >= settings and self.text("#connection") == "Live")

    def until(self, holds, message=""):
        """Waits until a function returns something true, and returns that. Elements may be replaced meanwhile."""
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
        waiting = WebDriverWait(
            self.driver, PATIENCE, 0.05, (NoSuchElementException, StaleElementReferenceException))
        return waiting.until(lambda _: holds(), message)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.one(selector).text

    def script(self, source, *arguments):
        return self.driver.execute_script(source, *arguments)

    def row(self, key):
        return Row(self, key)

    @property
    def focused(self):
        return self.driver.switch_to.active_element

    def announced(self):
        return self.script("return document.getElementById('announcements').textContent")

    def picture(self, path, width=1280, least=800):
        """Writes a picture of the whole page."""
        self.resize(width, least)
        height = self.script("return document.documentElement.scrollHeight")
        # Parts that are out of sight are not drawn.
        self.resize(width, max(least, height))
        self.script("scrollTo(0, 0)")
        content = self.driver.execute_cdp_cmd("Page.captureScreenshot", {})["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(content))


class Row:
    """A setting on the page, which is found anew for each use."""

    def __init__(self, browser, key):
        self.browser, self.key = browser, key

    @property
    def element(self):
        found = self.browser.script("""
            return [...document.querySelectorAll('.setting')].find(
                (row) => row.querySelector('.key').textContent === arguments[0]) ?? null""", self.key)
        assert found is not None, f"the page has no setting {self.key}"
        return found

    def find(self, selector):
        return self.element.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector):
        return self.element.find_elements(By.CSS_SELECTOR, selector)

    @property
    def text(self):
        return re.sub(r"\s+", " ", self.element.text)

    @property
    def is_visible(self):
        return self.element.is_displayed()

    @property
    def override(self):
        """`active`, `off` or None."""
        return self.element.get_attribute("data-override")

    def press(self, label):
        """Presses a button by its text."""
        buttons = [button for button in self.find_all("button") if button.text == label]
        assert buttons, f"{self.key} has no button {label}: {self.text}"
        # Otherwise, it could be behind the header.
        self.browser.script("arguments[0].scrollIntoView({block: 'center'})", buttons[0])
        buttons[0].click()

    def toggle(self):
        self.find(".disclosure").click()

    def until(self, holds, message=""):
        return self.browser.until(lambda: holds(self), message)
