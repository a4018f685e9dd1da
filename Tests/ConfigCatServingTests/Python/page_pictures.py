"""Takes pictures of the page's main states. Usage: page_pictures.py CONFIGCATCTL FOLDER"""

import pathlib
import sys

from browser import HTML, Browser, Server

SDKS = ("ConfigCat-Python/9.0.4", "ConfigCat-Swift/0.14.0")


def ask(server, sdk, headers=None):
    """Asks for the config as an SDK does, and returns its ETag."""
    path = "/configuration-files/configcat-proxy/flags/config_v6.json"
    return server.request("GET", path, headers={"X-ConfigCat-UserAgent": sdk, **(headers or {})})[1]["ETag"]


def evaluate(browser, identifier, email, plan):
    for name, text in (("identifier", identifier), ("email", email)):
        browser.one(f"#user-{name}").clear()
        browser.one(f"#user-{name}").send_keys(text)
    if not browser.all(".attribute"):
        browser.one("#add-attribute").click()
        browser.one(".attribute input").send_keys("Plan")
    value = browser.all(".attribute input")[1]
    value.clear()
    value.send_keys(plan)
    before = browser.announced()
    browser.one("#user-form [type=submit]").click()
    browser.until(lambda: browser.announced() != before and "Evaluated" in browser.announced())


def main(tool, folder):
    folder.mkdir(parents=True, exist_ok=True)
    server, browser = Server(tool, names=["flags"]), Browser()
    try:
        browser.prefer(prefers_reduced_motion="reduce")
        take(server, browser, folder)
    finally:
        browser.close()
        server.close()
    server, browser = Server(tool, names=["hostile", "large", "flags"]), Browser()
    try:
        take_hostile(server, browser, folder)
    finally:
        browser.close()
        server.close()
    server, browser = Server(tool, "--token", "correct horse battery staple", names=["flags"]), Browser()
    try:
        browser.driver.get(f"{server.url}/login#wrong")
        browser.picture(folder / "login.png", 800, 500)
    finally:
        browser.close()
        server.close()


def take(server, browser, folder):
    def picture(name, width=1280):
        browser.until(lambda: not browser.all(".arrived"))
        browser.picture(folder / f"{name}.png", width)
        browser.resize(1280, 900)

    browser.open(server.url, 4)
    picture("start")
    for sdk in SDKS:
        ask(server, sdk)
    row = browser.row("newCheckout")
    row.press("true")
    row.until(lambda row: row.override == "active")
    ask(server, SDKS[0])
    browser.until(lambda: "1 of 2 SDKs" in browser.text("#clients-summary"))
    picture("overridden")
    evaluate(browser, "jane", "jane@example.com", "Pro")
    evaluate(browser, "jane", "jane@example.com", "Free")
    upload = browser.row("maxUploadMegabytes")
    upload.toggle()
    upload.until(lambda row: "Evaluating" in row.text)
    browser.script("document.activeElement.blur()")
    picture("light")
    browser.prefer(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    picture("dark")
    picture("dark-narrow", 400)
    browser.prefer(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    picture("narrow", 400)
    row.toggle()
    row.find("[name=user]").clear()
    row.find("[name=user]").send_keys("john")
    row.press("Override for this user")
    row.until(lambda row: "john gets" in row.text)
    edited = browser.row("discountRate")
    edited.press("Override")
    edited.find("[name=value]").clear()
    edited.find("[name=value]").send_keys("0,15\n")
    browser.one("#segments summary").click()
    picture("open")
    browser.one("#import").click()
    picture("import")
    browser.one("#import-dialog [data-close]").click()
    server.write("flags", "{")
    browser.until(lambda: browser.one("#problem").is_displayed())
    picture("problem")
    server.stop()
    browser.until(lambda: "lost" in browser.text("#connection"))
    picture("lost")


def take_hostile(server, browser, folder):
    browser.prefer(prefers_reduced_motion="reduce")
    browser.open(f"{server.url}/?config=hostile", 7)
    row = browser.row(HTML)
    row.press("true")
    row.until(lambda row: row.override == "active")
    browser.until(lambda: not browser.all(".arrived"))
    for disclosure in browser.all(".disclosure")[:3]:
        disclosure.click()
    browser.picture(folder / "hostile.png")
    browser.picture(folder / "hostile-narrow.png", 400)
    browser.resize(1280, 900)
    browser.open(f"{server.url}/?config=large", 1000)
    browser.one("#search").send_keys("text 99")
    browser.until(lambda: "of 1000" in browser.text("#count"))
    browser.picture(folder / "search.png")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
