"""Tests the page of `configcatctl serve` in a real browser. Usage: page_test.py CONFIGCATCTL [TEST...]"""

import json
import pathlib
import sys
import tempfile
import unittest

from browser import HTML, PROJECT, Browser, Server, hostile_config

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

TOOL = ""


class PageTest(unittest.TestCase):
    """Each test begins without overrides, without a remembered user, and in the same window."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(TOOL)
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.server.close()

    def setUp(self):
        self.server.reset()
        self.expected_errors = []
        self.browser.prefer()
        self.browser.resize(1280, 900)
        self.browser.forget(self.server.url)
        self.open()

    def tearDown(self):
        """No test leaves errors in the console, violations of the policy, or harm."""
        problems = self.browser.script("return window.problems ?? []")
        messages = [entry["message"] for entry in self.browser.driver.get_log("browser") if entry["level"] == "SEVERE"]
        unexpected = [text for text in messages if not any(known in text for known in self.expected_errors)]
        self.assertEqual((problems, unexpected), ([], []))
        self.assertIsNone(self.browser.script("return window.harm ?? null"))

    def open(self, query="", settings=4):
        self.browser.open(f"{self.server.url}/{query}", settings)

    def flip(self, key, value):
        self.browser.row(key).press(str(value).lower())
        self.browser.row(key).until(lambda row: row.override == "active", "the override is shown")

    def enter_user(self, identifier, email=""):
        for name, text in (("identifier", identifier), ("email", email)):
            field = self.browser.one(f"#user-{name}")
            field.clear()
            field.send_keys(text)

    def evaluate(self):
        self.browser.one("#user-form [type=submit]").click()

    # Showing

    def test_shows_each_setting_with_its_type_and_value(self):
        expected = {
            "newCheckout": "Bool Depends on the user: 2 rules, percentages, otherwise false",
            "searchEngine": "String Depends on the user: 1 rule, otherwise classic",
            "maxUploadMegabytes": "Int Depends on the user: 1 rule, otherwise 25",
            "discountRate": "Double Depends on the user: 1 rule, otherwise 0",
        }
        for key, text in expected.items():
            self.assertIn(f"{key} {text}", self.browser.row(key).text)
        self.assertEqual(self.browser.text("#count"), "4 settings")
        self.open("?config=large", 1000)
        self.assertIn("Everybody gets text 1", self.browser.row("setting0001").text)
        self.assertEqual(self.browser.row("setting0000").find("[aria-pressed=true]").text, "true")

    def test_describes_targeting_in_words(self):
        row = self.browser.row("newCheckout")
        row.toggle()
        for words in ("@example.com", "Otherwise, if ", "Beta testers", "and ", "2.1.0", "20 %", "Everybody else"):
            self.assertIn(words, row.text)

    def test_links_lead_to_prerequisites_and_segments(self):
        row = self.browser.row("discountRate")
        row.toggle()
        row.find(".links a").click()
        self.browser.until(lambda: self.browser.focused.text == "newCheckout", "the prerequisite has the focus")
        opened = self.browser.row("newCheckout")
        self.assertEqual(opened.find(".disclosure").get_attribute("aria-expanded"), "true")
        self.assertIn("Prerequisite of: discountRate", opened.text)
        next(link for link in opened.find_all(".links a") if link.text == "Beta testers").click()
        segment = self.browser.one("#segments details")
        self.browser.until(lambda: segment.get_attribute("open"), "the segment is open")
        self.assertIn("friends", segment.text)
        self.assertIn("Used by newCheckout", segment.text)

    def test_searches_keys_and_values(self):
        self.browser.one("body").send_keys("/")
        self.assertEqual(self.browser.focused.get_attribute("id"), "search")
        visible = lambda: [one.text for one in self.browser.all(".key") if one.is_displayed()]
        for text, keys in (("CHECKOUT", ["newCheckout"]), ("vector", ["searchEngine"]), ("0.15", ["discountRate"])):
            self.browser.focused.send_keys(text)
            self.assertEqual(visible(), keys)
            self.browser.focused.send_keys(Keys.ESCAPE)
            self.assertEqual(len(visible()), 4)
        self.browser.focused.send_keys("nothing of this kind")
        self.assertEqual(visible(), [])
        self.assertTrue(self.browser.one("#nothing").is_displayed())

    def test_filters_settings(self):
        self.flip("newCheckout", True)
        next(one for one in self.browser.all("#filters button") if one.text.startswith("Overridden")).click()
        self.assertEqual([one.text for one in self.browser.all(".key") if one.is_displayed()], ["newCheckout"])

    def test_chooses_among_configs(self):
        choice = self.browser.one("#config")
        choice.send_keys("large")
        self.browser.until(lambda: len(self.browser.all(".setting")) == 1000, "the settings of the other config")
        self.assertIn("config=large", self.browser.driver.current_url)
        self.browser.driver.refresh()
        self.browser.until(lambda: len(self.browser.all(".setting")) == 1000, "the choice is in the URL")

    # Overriding

    def test_flips_a_boolean_with_one_click(self):
        self.flip("newCheckout", True)
        row = self.browser.row("newCheckout")
        self.assertIn("Overridden", row.text)
        self.assertIn("Everybody gets true", row.text)
        served = self.server.served("newCheckout")
        self.assertEqual((served["v"], served.get("r"), served.get("p")), ({"b": True}, None, None))
        self.flip("newCheckout", False)
        self.browser.until(lambda: self.server.served("newCheckout")["v"] == {"b": False})

    def test_the_last_of_many_clicks_wins(self):
        self.browser.script("""
            const row = [...document.querySelectorAll('.setting')].find((one) => one.textContent.includes('newCheckout'));
            const [off, on] = row.querySelectorAll('.choice button');
            for (const button of [on, off, on, off, on, off]) button.click();""")
        self.browser.until(lambda: self.browser.script("""
            return performance.getEntriesByType('resource').filter(
                ({ name, responseEnd }) => name.includes('/overrides/newCheckout') && responseEnd > 0).length""") == 6)
        self.assertEqual(self.server.served("newCheckout")["v"], {"b": False})
        self.browser.row("newCheckout").until(lambda row: "Everybody gets false" in row.text)

    def test_a_client_sees_the_flip(self):
        sys.path.insert(0, str(PROJECT / ".build/python-sdk"))
        try:
            import configcatclient
        except ImportError:
            self.skipTest("needs PyPI's configcat-client, which `make deps` installs")
        options = configcatclient.ConfigCatOptions(
            base_url=self.server.url, polling_mode=configcatclient.PollingMode.manual_poll())
        client = configcatclient.get("configcat-proxy/flags", options)
        self.addCleanup(client.close)
        client.force_refresh()
        self.assertIs(client.get_value("newCheckout", None), False)
        self.flip("newCheckout", True)
        client.force_refresh()
        self.assertIs(client.get_value("newCheckout", None), True)
        self.browser.until(lambda: "✓ newest" in self.browser.text("#clients"), "the SDK is listed")
        self.assertIn("Python", self.browser.text("#clients"))

    def test_disables_enables_and_removes_an_override(self):
        self.flip("newCheckout", True)
        row = self.browser.row("newCheckout")
        row.press("Disable")
        row.until(lambda row: row.override == "off")
        self.assertIn("The override is off. Its value is true", row.text)
        self.assertIn("r", self.server.served("newCheckout"))
        self.browser.until(lambda: self.browser.focused.text == "Enable", "the focus stays")
        row.press("Enable")
        row.until(lambda row: row.override == "active")
        row.press("Remove override")
        row.until(lambda row: row.override is None)
        self.assertIn("r", self.server.served("newCheckout"))
        self.browser.until(lambda: self.browser.focused.text == "newCheckout", "the focus does not get lost")

    def test_checks_entered_numbers(self):
        row = self.browser.row("maxUploadMegabytes")
        row.press("Override")
        field = lambda: row.find("[name=value]")
        for text, error in (("abc", "Enter a whole number"), ("1.5", "Enter a whole number"), ("", "Enter a whole")):
            field().clear()
            field().send_keys(text, Keys.ENTER)
            row.until(lambda row: error in row.find(".editor .field-error").text)
            self.assertEqual(field().get_attribute("aria-invalid"), "true")
        self.assertIsNone(row.override)
        field().clear()
        field().send_keys("500", Keys.ENTER)
        row.until(lambda row: row.override == "active")
        self.assertEqual(self.server.served("maxUploadMegabytes")["v"], {"i": 500})
        self.browser.until(lambda: self.browser.focused.text == "Edit", "the focus is where it was")
        row = self.browser.row("discountRate")
        row.press("Override")
        row.find("[name=value]").clear()
        row.find("[name=value]").send_keys("0,5", Keys.ENTER)
        row.until(lambda row: "Write a point" in row.text)
        row.find("[name=value]").clear()
        row.find("[name=value]").send_keys("0.5", Keys.ENTER)
        row.until(lambda row: row.override == "active")
        self.assertEqual(self.server.served("discountRate")["v"], {"d": 0.5})

    def test_shows_the_servers_error_at_the_field(self):
        self.expected_errors = ["422"]
        row = self.browser.row("maxUploadMegabytes")
        row.press("Override")
        row.find("[name=value]").clear()
        row.find("[name=value]").send_keys("99999999999999999999999", Keys.ENTER)
        row.until(lambda row: "maxUploadMegabytes" in row.find(".editor .field-error").text)
        self.assertIsNone(row.override)
        row.find("[name=value]").send_keys(Keys.ESCAPE)
        self.assertEqual(row.find_all(".editor-place form"), [])

    def test_edits_strings_of_several_lines(self):
        row = self.browser.row("searchEngine")
        row.press("Override")
        row.find("[name=value]").clear()
        row.find("[name=value]").send_keys('a "b" <i>', Keys.SHIFT, Keys.ENTER, Keys.NULL, "é\\", Keys.ENTER)
        row.until(lambda row: row.override == "active")
        self.assertEqual(self.server.served("searchEngine")["v"], {"s": 'a "b" <i>\né\\'})

    def test_overrides_for_one_user(self):
        row = self.browser.row("newCheckout")
        row.toggle()
        row.press("Override for this user")
        row.until(lambda row: "Enter the ID of the user." in row.text)
        row.find("[name=user]").send_keys("jane")
        row.find("[name=value]").send_keys("true")
        row.press("Override for this user")
        row.until(lambda row: "jane gets true" in row.text)
        self.assertIn("1 user overridden", row.text)
        self.assertIsNone(row.override)
        self.enter_user("jane")
        self.evaluate()
        row.until(lambda row: "jane gets true because of an override" in row.find(".evaluated").text)
        self.enter_user("john")
        self.evaluate()
        row.until(lambda row: "john gets" in row.find(".evaluated").text)
        self.assertNotIn("override", row.find(".evaluated").text)
        row.find(".user-overrides [data-focus='remove jane']").click()
        row.until(lambda row: "1 user overridden" not in row.text)

    def test_exports_and_imports_overrides(self):
        self.flip("newCheckout", True)
        path = self.browser.one("#export").get_attribute("href").removeprefix(self.server.url)
        status, headers, exported = self.server.request("GET", path)
        self.assertEqual(status, 200)
        self.assertIn("attachment", headers["Content-Disposition"])
        self.browser.one("#remove-all").click()
        self.browser.one("#remove-dialog [type=submit]").click()
        row = self.browser.row("newCheckout")
        row.until(lambda row: row.override is None)
        content = json.loads(exported)
        content["overrides"].append({"key": "<b>gone</b>", "user": None, "value": True, "enabled": True})
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(content, file)
            file.flush()
            self.browser.one("#import").click()
            self.browser.one("#import-file").send_keys(file.name)
            self.browser.one("#import-dialog [type=submit]").click()
            row.until(lambda row: row.override == "active")
            self.browser.until(lambda: "<b>gone</b>" in self.browser.text("#import-rejected"))
        self.assertIn("1 override imported. 1 override rejected", self.browser.text("#import-error"))

    def test_import_refuses_other_files(self):
        self.expected_errors = ["400"]
        self.browser.one("#import").click()
        self.browser.one("#import-dialog [type=submit]").click()
        self.browser.until(lambda: "Choose a file" in self.browser.text("#import-error"))
        self.browser.one("#import-file").send_keys(__file__)
        self.browser.one("#import-dialog [type=submit]").click()
        self.browser.until(lambda: self.browser.text("#import-error") not in ("", "Choose a file that was exported before."))
        self.browser.one("#import-dialog [data-close]").click()

    # Evaluating as a user

    def test_evaluates_as_a_user(self):
        row = self.browser.row("newCheckout")
        row.toggle()
        self.enter_user("jane", "jane@example.com")
        self.evaluate()
        row.until(lambda row: "jane gets true because a targeting rule matches" in row.text)
        row.until(lambda row: "@example.com" in row.find("section pre").text, "the explanation is shown")
        self.assertNotIn("Changed from", row.text)
        self.enter_user("jane", "jane@example.org")
        self.evaluate()
        discount = self.browser.row("discountRate")
        changed = [row.key for row in map(self.browser.row, ("newCheckout", "searchEngine", "discountRate"))
                   if "Changed from" in row.text]
        row.until(lambda row: "targeting rule matches" not in row.find(".evaluated").text)
        self.assertEqual(discount.find_all(".badge.change"), [])
        self.assertLessEqual(set(changed), {"newCheckout"})
        self.browser.one("#user-stop").click()
        row.until(lambda row: not row.find(".evaluated").is_displayed())

    def test_marks_what_changed_since_the_last_evaluation(self):
        self.enter_user("jane")
        self.browser.one("#add-attribute").click()
        name, value = self.browser.all(".attribute input")
        self.assertEqual(self.browser.focused, name)
        name.send_keys("Plan")
        value.send_keys("Pro")
        self.evaluate()
        row = self.browser.row("maxUploadMegabytes")
        row.until(lambda row: "jane gets 500" in row.text)
        value.clear()
        value.send_keys("Free")
        self.evaluate()
        row.until(lambda row: "jane gets 25 because no rule matches Changed from 500" in row.text)
        self.assertIn("1 value changed", self.browser.announced())
        # A change of the config is a difference, too, and it is evaluated at once.
        self.server.request("PUT", "/api/dev/configs/flags/overrides/maxUploadMegabytes", {"value": 7})
        row.until(lambda row: "jane gets 7 because of an override Changed from 25" in row.text)
        next(one for one in self.browser.all("#filters button") if one.text.startswith("Changed")).click()
        self.assertEqual([one.text for one in self.browser.all(".key") if one.is_displayed()], ["maxUploadMegabytes"])

    def test_remembers_the_user(self):
        self.enter_user("jane", "jane@example.com")
        self.evaluate()
        self.browser.row("newCheckout").until(lambda row: "jane gets" in row.text)
        self.open()
        self.browser.row("newCheckout").until(lambda row: "jane gets" in row.text)
        self.assertEqual(self.browser.one("#user-email").get_attribute("value"), "jane@example.com")

    def test_evaluates_as_a_user_in_json(self):
        self.expected_errors = ["400"]
        self.enter_user("jane")
        self.browser.one("[name=mode][value=json]").click()
        field = self.browser.one("#user-json")
        self.assertEqual(json.loads(field.get_attribute("value")), {"Identifier": "jane"})
        for text, error in (
            ('{"Identifier": ', "This is not JSON"), ("[1]", "has to be a JSON object"), ('{"Email": "a"}', "Identifier"),
        ):
            field.clear()
            field.send_keys(text)
            self.evaluate()
            self.browser.until(lambda: error in self.browser.text("#user-error"), error)
        field.clear()
        field.send_keys('{"Identifier": "j", "custom": {"Plan": "Pro", "Orders": 12, "Groups": ["beta"]}}')
        self.evaluate()
        self.browser.row("maxUploadMegabytes").until(lambda row: "j gets 500" in row.text)
        self.assertEqual(self.browser.text("#user-error"), "")
        self.browser.one("[name=mode][value=form]").click()
        values = [one.get_attribute("value") for one in self.browser.all(".attribute input")]
        self.assertEqual(values, ["Plan", "Pro", "Orders", "12", "Groups", '["beta"]'])

    # Live updates

    def test_a_change_in_another_window_arrives(self):
        first = self.browser.driver.current_window_handle
        search = self.browser.one("#search")
        self.browser.script("document.querySelector('.setting').isTheSame = true")
        row = self.browser.row("searchEngine")
        row.press("Override")
        row.find("[name=value]").send_keys("half")
        self.browser.driver.switch_to.new_window("window")
        self.open()
        self.flip("newCheckout", True)
        self.browser.driver.close()
        self.browser.driver.switch_to.window(first)
        self.browser.row("newCheckout").until(lambda row: row.override == "active")
        self.browser.until(lambda: "newCheckout changed" in self.browser.announced(), "screen readers say it")
        self.assertTrue(self.browser.script("return document.querySelector('.setting').isTheSame"), "the row stays")
        self.assertEqual(row.find("[name=value]").get_attribute("value"), "half", "what was typed stays")
        self.assertEqual(self.browser.focused, row.find("[name=value]"), "the focus stays")
        self.assertTrue(search.is_displayed())

    def test_shows_which_sdks_have_the_newest_config(self):
        path = "/configuration-files/configcat-proxy/flags/config_v6.json"
        agent = {"X-ConfigCat-UserAgent": "ConfigCat-Test/1.2.3"}
        eTag = self.server.request("GET", path, headers=agent)[1]["ETag"]
        lines = lambda: [row.text for row in self.browser.all("#clients tr")]
        line = lambda: next((text for text in lines() if "ConfigCat-Test/1.2.3" in text), "")
        self.browser.until(lambda: "✓ newest" in line() and "200" in line())
        self.server.request("GET", path, headers={**agent, "If-None-Match": eTag})
        self.browser.until(lambda: "304" in line())
        self.flip("newCheckout", True)
        self.browser.until(lambda: "older" in line())
        self.server.request("GET", path, headers=agent)
        self.browser.until(lambda: "✓ newest" in line(), "the flip arrives")

    def test_shows_a_problem_of_the_file(self):
        path = self.server.folder / "flags.json"
        valid = path.read_text()
        self.addCleanup(self.server.write, "flags", valid)
        self.server.write("flags", "{ this is not JSON")
        self.browser.until(lambda: self.browser.one("#problem").is_displayed())
        self.assertGreater(len(self.browser.text("#problem-text")), 10)
        self.assertTrue(self.browser.row("newCheckout").is_visible, "the last valid config stays")
        self.server.write("flags", valid.replace("maxUploadMegabytes", "maximum"))
        self.browser.until(lambda: not self.browser.one("#problem").is_displayed())
        self.browser.until(lambda: self.browser.row("maximum").is_visible, "a new setting appears")
        self.assertNotIn("maxUploadMegabytes", self.browser.text("#settings"), "a removed one disappears")

    def test_sync_reads_the_file(self):
        self.browser.one("#sync").click()
        self.browser.until(lambda: "Nothing has changed" in self.browser.text("#notice-text"))
        self.browser.one("#notice-close").click()
        self.assertFalse(self.browser.one("#notice").is_displayed())

    def test_connects_again_to_a_restarted_server(self):
        self.expected_errors = ["ERR_", "Failed to load resource"]
        self.server.stop()
        self.browser.until(lambda: "lost" in self.browser.text("#connection"))
        row = self.browser.row("newCheckout")
        row.press("true")
        row.until(lambda row: "The server does not answer." in row.text, "an action fails with a message")
        self.server.start()
        self.browser.until(lambda: self.browser.text("#connection") == "Live")
        self.flip("newCheckout", True)

    # Everybody can use it

    def test_everything_works_with_the_keyboard(self):
        self.browser.one("body").send_keys("/")
        for _ in range(40):
            self.browser.focused.send_keys(Keys.TAB)
            if self.browser.focused.get_attribute("aria-label") == "true: newCheckout for everybody":
                break
        row = self.browser.row("newCheckout")
        width = self.browser.script("return getComputedStyle(document.activeElement).outlineWidth")
        self.assertEqual(width, "3px", "the focus is visible")
        self.browser.focused.send_keys(Keys.SPACE)
        row.until(lambda row: row.override == "active")
        self.browser.until(lambda: "newCheckout" in self.browser.announced())
        self.assertEqual(self.browser.focused.get_attribute("aria-label"), "true: newCheckout for everybody")
        self.assertEqual(self.browser.focused.get_attribute("aria-pressed"), "true")
        self.browser.focused.send_keys(Keys.SHIFT, Keys.TAB, Keys.NULL)
        self.browser.focused.send_keys(Keys.ENTER)
        row.until(lambda row: "Everybody gets false" in row.text)

    def test_each_control_has_a_name(self):
        for disclosure in self.browser.all(".disclosure"):
            disclosure.click()
        self.browser.one("#add-attribute").click()
        self.browser.row("searchEngine").press("Override")
        controls = self.browser.all("button, input, select, textarea, a")
        self.assertGreater(len(controls), 30)
        for control in controls:
            if control.is_displayed():
                self.assertNotEqual(control.accessible_name, "", control.get_attribute("outerHTML"))

    def test_texts_have_enough_contrast_in_both_schemes(self):
        self.flip("newCheckout", True)
        self.enter_user("jane", "jane@example.com")
        self.evaluate()
        self.browser.row("newCheckout").toggle()
        self.browser.row("searchEngine").press("Override")
        self.server.request("GET", "/configuration-files/configcat-proxy/flags/config_v6.json")
        self.browser.until(lambda: self.browser.one("#clients-table").is_displayed())
        backgrounds = set()
        for scheme in ("light", "dark"):
            self.browser.prefer(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
            self.browser.until(lambda: not self.browser.all(".arrived"))
            backgrounds.add(self.browser.script("return getComputedStyle(document.body).backgroundColor"))
            low = self.browser.script((pathlib.Path(__file__).parent / "contrast.js").read_text())
            self.assertEqual(low, [], scheme)
        self.assertEqual(len(backgrounds), 2, "the schemes differ")

    def test_needs_no_horizontal_scrolling_on_narrow_screens(self):
        self.browser.resize(400, 800)
        for query, settings in (("?config=flags", 4), ("?config=hostile", 7)):
            self.open(query, settings)
            self.enter_user("jane", "jane@example.com")
            self.evaluate()
            for disclosure in self.browser.all(".disclosure"):
                disclosure.click()
            self.browser.until(lambda: "gets" in self.browser.text(".evaluated"))
            self.assertLessEqual(self.browser.script("return document.documentElement.scrollWidth"), 400)
            beyond = self.browser.script("""
                return [...document.querySelectorAll('body *')].filter((one) =>
                    one.checkVisibility() && !one.closest('pre, svg, .visually-hidden, .skip')
                    && one.getBoundingClientRect().right > 401).map((one) => one.outerHTML.slice(0, 200))""")
            self.assertEqual(beyond, [])

    def test_a_large_config_is_not_drawn_anew(self):
        self.open("?config=large", 1000)
        self.browser.script("for (const row of document.querySelectorAll('.setting')) row.isTheSame = true")
        self.flip("setting0500", True)
        self.assertEqual(
            self.browser.script("return [...document.querySelectorAll('.setting')].filter((row) => row.isTheSame).length"),
            1000)

    # Attacks

    def test_a_hostile_config_is_text(self):
        self.open("?config=hostile", 7)
        for disclosure in self.browser.all(".disclosure"):
            disclosure.click()
        self.enter_user(HTML, HTML)
        self.evaluate()
        row = self.browser.row(HTML)
        row.until(lambda row: f"{HTML} gets" in row.text)
        row.until(lambda row: HTML in row.find("section pre").text, "the explanation is text")
        row.press("true")
        row.until(lambda row: row.override == "active")
        row.find("[name=user]").send_keys(HTML)
        row.press("Override for this user")
        row.until(lambda row: "1 user overridden" in row.text)
        for key in hostile_config()["f"]:
            self.assertIn(key, self.browser.script("return document.getElementById('settings').textContent"))
        row.find(".links a").click()
        self.browser.until(lambda: self.browser.focused.text == "javascript:window.harm=1")
        for summary in self.browser.all("#segments summary"):
            summary.click()
        self.assertIn(HTML, self.browser.text("#segments"))
        self.assertEqual(self.browser.all("img, .setting script, aside script"), [])
        links = [link.get_attribute("href") for link in self.browser.all("a")]
        self.assertTrue(all(link.startswith(self.server.url) for link in links), links)

    def test_overrides_settings_with_unusual_keys(self):
        self.open("?config=hostile", 7)
        for key in (HTML, "a/b?c#d%20 e", "__proto__"):
            self.flip(key, True)
            self.assertEqual(self.server.served(key, "hostile")["v"], {"b": True})
            self.browser.row(key).press("Remove override")
            self.browser.row(key).until(lambda row: row.override is None)

    def test_the_policy_forbids_what_a_config_could_inject(self):
        self.expected_errors = ["Content Security Policy", "/x - Failed to load"]
        self.browser.script("""
            const script = document.createElement('script');
            script.textContent = 'window.harm = 1';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.harm=1">');""")
        self.browser.until(lambda: len(self.browser.script("return window.problems")) >= 2)
        self.browser.script("window.problems = []")


class LoginTest(unittest.TestCase):
    def test_the_page_needs_the_token_if_the_server_has_one(self):
        token = "correct horse battery staple"
        server = Server(TOOL, "--token", token, names=["flags"])
        self.addCleanup(server.close)
        browser = Browser()
        self.addCleanup(browser.close)
        browser.driver.get(server.url)
        browser.until(lambda: browser.driver.current_url == f"{server.url}/login")
        browser.one("#token").send_keys("wrong", Keys.ENTER)
        browser.until(lambda: browser.one("#wrong").is_displayed())
        browser.one("#token").send_keys(token, Keys.ENTER)
        browser.until(lambda: len(browser.all(".setting")) == 4)
        browser.row("newCheckout").press("true")
        browser.row("newCheckout").until(lambda row: row.override == "active")
        cookie, = browser.driver.get_cookies()
        self.assertTrue(cookie["httpOnly"])
        self.assertEqual(cookie["sameSite"], "Strict")
        self.assertNotIn(token, cookie["value"])
        self.assertEqual(server.request("GET", "/api/dev/configs")[0], 401)


if __name__ == "__main__":
    TOOL = sys.argv.pop(1)
    unittest.main(verbosity=2)
