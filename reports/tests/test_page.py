#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in a headless Chromium.

Usage: test_page.py VFCERT FOLDER_OF_TESTS FOLDER_FOR_SCREENSHOTS

Ends with 77 and says why where the browser is missing (ci/bootstrap --tests installs it).
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import browser

VFCERT, TESTS, PICTURES = sys.argv[1:4]
TAB, ENTER, SPACE, DOWN, RIGHT = "\ue004", "\ue007", " ", "\ue015", "\ue014"
WIDTHS = {"wide": (1920, 1200), "laptop": (1366, 900), "phone": (390, 844)}

if browser.missing():
    print(f"skipped: {browser.missing()} is not installed")
    sys.exit(77)

# For every visible text: its contrast to its background, by WCAG 2.1, and the contrast that it
# needs.
CONTRAST = r"""
const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const luminance = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const parse = (text) => { const n = text.match(/[\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
function behind(element) {
	for (let e = element; e; e = e.parentElement) {
		const colour = parse(getComputedStyle(e).backgroundColor);
		if (colour[3] === 1) return colour;
		if (colour[3] > 0) throw new Error("a translucent ground below text: " + e.className);
	}
	return [255, 255, 255, 1];
}
const poor = [];
let seen = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
	const node = walker.currentNode, element = node.parentElement;
	if (!node.data.trim() || ["SCRIPT", "STYLE", "title", "desc"].includes(element.tagName)) continue;
	if (!element.checkVisibility({checkVisibilityCSS: true, checkOpacity: true})) continue;
	const style = getComputedStyle(element), svg = element instanceof SVGElement;
	const ground = behind(svg ? element.ownerSVGElement : element);
	const colour = parse(svg ? style.fill : style.color);
	const [a, b] = [luminance(colour), luminance(ground)].sort((x, y) => y - x);
	const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(style.fontSize);
	const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
	seen++;
	if (ratio < (large ? 3 : 4.5))
		poor.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className} ${node.data.trim().slice(0, 30)}`);
}
return [seen, [...new Set(poor)]];
"""


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="vfcert-page-")
        os.makedirs(PICTURES, exist_ok=True)
        number = 0
        for kernel in ("6.1.140-amd64", "6.12.95-amd64", "7.2.0-amd64"):
            for qemu in ("10.0.2", "11.1.0"):
                number += 1
                cls.make("matrix", f"run{number}", "--run", str(number), "--kernel", kernel, "--qemu",
                         qemu, "--change", str(31 * number))
        cls.make("matrix", "older", "--kernel", "7.2.0-amd64", "--qemu", "11.1.0")
        for number in range(34):
            cls.make("many", f"run{number}", "--checks", "296", "--kernel", f"6.{number}.1")
        cls.make("hostile", "run", "--hostile")
        cls.make("hostile", "other", "--hostile", "--kernel", "<b>7</b>", "--change", "7")
        cls.envelope("matrix/run1")
        cls.pages = {name: f"{cls.folder}/{name}.html" for name in ("matrix", "many", "hostile")}
        for name, page in cls.pages.items():
            subprocess.run([VFCERT, "matrix", f"{cls.folder}/{name}", "-o", page], check=True,
                           stderr=subprocess.DEVNULL)
        cls.pages["report"] = f"{cls.folder}/report.html"
        subprocess.run([VFCERT, "report", f"{TESTS}/golden/results.json", "-f", "html", "-o",
                        cls.pages["report"]], check=True)
        cls.browser = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        shutil.rmtree(cls.folder)

    @classmethod
    def make(cls, *path_and_flags):
        *path, = path_and_flags[:2]
        folder = os.path.join(cls.folder, *path)
        os.makedirs(folder)
        subprocess.run([f"{TESTS}/synthetic.py", *path_and_flags[2:], f"{folder}/results.json"],
                       check=True)

    @classmethod
    def envelope(cls, run):
        """What the page shows of a certificate it does not verify."""
        statement = {"predicate": {"certificate": {"issued": "2026-03-02T00:00:00Z",
                                                   "expires": "2027-03-02T00:00:00Z"}}}
        payload = base64.b64encode(json.dumps(statement).encode()).decode()
        with open(f"{cls.folder}/{run}/cert.dsse.json", "w", encoding="utf-8") as file:
            json.dump({"payload": payload, "payloadType": "application/vnd.in-toto+json",
                       "signatures": [{"keyid": "4f" * 32, "sig": ""}]}, file)

    def setUp(self):
        self.browser.media()
        self.browser.size(*WIDTHS["laptop"])

    def shown(self, selector):
        return self.browser.run("return [...document.querySelectorAll(arguments[0])]"
                                ".filter((e) => !e.closest('[hidden]')).length", selector)

    def test_complains_about_nothing_and_fetches_nothing(self):
        for name in ("matrix", "hostile", "report"):
            page = self.pages[name]
            with self.subTest(name):
                self.browser.open(page)
                self.assertEqual(self.browser.run("return document.readyState"), "complete")
                self.assertEqual(self.browser.logs("browser"), [])
                urls = []
                for entry in self.browser.logs("performance"):
                    message = json.loads(entry["message"])["message"]
                    if message["method"] == "Network.requestWillBeSent":
                        urls.append(message["params"]["request"]["url"])
                self.assertEqual(set(urls), {f"file://{page}"})

    def test_policy_lets_nothing_else_run(self):
        self.browser.open(self.pages["matrix"])
        self.browser.run("const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
                         "document.body.append(s);")
        self.assertIsNone(self.browser.run("return window.ran || null"))

    def test_hostile_text_stays_text(self):
        self.browser.open(self.pages["hostile"])
        self.assertEqual(self.browser.run("return document.querySelectorAll('script').length"), 1)
        self.assertEqual(self.browser.run("return document.querySelectorAll('img').length"), 0)
        self.assertEqual(self.browser.run(
            "return [...document.querySelectorAll('*')].filter((e) => e.getAttributeNames()"
            ".some((n) => n.startsWith('on') || n === 'style')).length"), 0)
        self.assertIn("<script>alert('firmware')</script>",
                      self.browser.run("return document.querySelector('.matrix').textContent"))
        self.assertIn("<b>7</b>", self.browser.run("return document.body.textContent"))
        self.assertNotIn("\u202e", self.browser.run("return document.body.textContent"))
        # A link to a check with a hostile name still leads there.
        self.browser.run("document.querySelector('.differences td a').click()")
        self.assertTrue(self.browser.run("return !!document.querySelector('details.run[open]')"))
        self.assertEqual(self.browser.logs("browser"), [])

    def test_is_complete_without_scripts(self):
        quiet = browser.Browser("--blink-settings=scriptEnabled=false")
        try:
            quiet.open(self.pages["matrix"])
            nodes = quiet.command("DOM.getDocument", depth=1)["root"]["nodeId"]

            def count(selector):
                return len(quiet.command("DOM.querySelectorAll", nodeId=nodes,
                                         selector=selector)["nodeIds"])

            self.assertEqual(count(".check"), 6 * 300)
            self.assertEqual(count(".matrix tr[data-states]"), 6)
            self.assertEqual(count(".filter[hidden]"), 1)
            quiet.screenshot(f"{PICTURES}/without-scripts.png")
        finally:
            quiet.close()

    def test_filter_lies_in_the_address(self):
        self.browser.open(self.pages["matrix"], "#row=7.2&verdict=fail")
        self.assertEqual(self.shown(".matrix tr[data-states]"), 2)
        self.assertEqual(self.shown("details.run"), 2)
        self.assertEqual(self.shown(".check[data-verdict=pass]"), 0)
        self.assertGreater(self.shown(".check[data-verdict=fail]"), 0)
        self.assertIn("2 of 6 rows", self.browser.run("return document.querySelector('output').value"))
        self.browser.open(self.pages["matrix"], "#row=no+such+card")
        self.assertEqual(self.shown(".matrix tr[data-states], .matrix .card"), 0)
        self.assertEqual(self.shown(".nothing"), 1)
        self.browser.open(self.pages["matrix"], "#r2.cap-mac")
        self.assertTrue(self.browser.run("return document.getElementById('r2.run').open"))
        top = self.browser.run("return document.getElementById('r2.cap-mac').getBoundingClientRect().top")
        self.assertTrue(0 <= top < 300, top)

    def test_keyboard_alone_is_enough(self):
        self.browser.open(self.pages["matrix"])
        focus = "return document.activeElement.name || document.activeElement.tagName"
        self.browser.keys(TAB)
        self.assertEqual(self.browser.run(focus), "row")
        self.browser.keys(*"6.12")
        self.assertEqual(self.shown(".matrix tr[data-states]"), 2)
        self.assertIn("row=6.12", self.browser.run("return location.hash"))
        self.browser.keys(*[TAB] * 7)  # state, check, verdict, show all, the matrix, row, cell
        self.assertEqual(self.browser.run("return document.activeElement.closest('td').cellIndex"), 1)
        outline = self.browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        self.assertEqual(outline, "solid", "focus can be seen")
        self.browser.keys(RIGHT, DOWN)
        self.assertEqual(self.browser.run("const c = document.activeElement.closest('td');"
                                          "return [c.cellIndex, c.parentNode.id]"), [2, "r4.row"])
        self.browser.keys(ENTER)
        self.assertTrue(self.browser.run("return document.getElementById('r4.run').open"))
        self.assertIn("row=6.12", self.browser.run("return location.hash"), "the filter stays")
        self.browser.run("document.querySelector('#r4\\\\.run .check > summary').focus()")
        self.browser.keys(ENTER)
        self.assertTrue(self.browser.run("return document.querySelector('#r4\\\\.run .check').open"))
        self.assertTrue(self.browser.run(
            "return [...document.querySelectorAll('a, button, input, select, summary')]"
            ".every((e) => e.tabIndex >= 0)"))

    def test_contrast_is_enough(self):
        for name in ("matrix", "report"):
            for scheme in ("light", "dark"):
                with self.subTest(f"{name}, {scheme}"):
                    self.browser.media(scheme=scheme)
                    self.browser.open(self.pages[name])
                    self.browser.run("for (const d of [...document.querySelectorAll('details')]"
                                     ".slice(0, 60)) d.open = true")
                    seen, poor = self.browser.run(CONTRAST)
                    self.assertGreater(seen, 100)
                    self.assertEqual(poor, [])

    def test_fits_every_width(self):
        for page in ("matrix", "report", "hostile"):
            self.browser.open(self.pages[page])
            for name, size in WIDTHS.items():
                with self.subTest(f"{page}, {name}"):
                    self.browser.size(*size)
                    self.browser.run("for (const d of [...document.querySelectorAll('details')]"
                                     ".slice(0, 40)) d.open = true")
                    self.assertLessEqual(
                        self.browser.run("return document.documentElement.scrollWidth"), size[0])
                    self.browser.screenshot(f"{PICTURES}/{page}-{name}.png")
        self.browser.media(scheme="dark")
        self.browser.screenshot(f"{PICTURES}/dark.png")

    def test_headings_stay_while_the_matrix_scrolls(self):
        self.browser.size(390, 420)
        self.browser.open(self.pages["matrix"])
        place = ("const box = document.querySelector('.scroll'); box.scrollTo(300, 200);"
                 "const head = document.querySelector('.matrix thead th:nth-child(5)'),"
                 "row = document.querySelector('.matrix tbody tr:nth-child(6) th');"
                 "return [head.getBoundingClientRect().top - box.getBoundingClientRect().top,"
                 "row.getBoundingClientRect().left - box.getBoundingClientRect().left,"
                 "box.scrollLeft, box.scrollTop]")
        top, left, across, down = self.browser.run(place)
        self.assertEqual(across, 300)
        self.assertGreater(down, 0)
        self.assertTrue(0 <= top < 4 and 0 <= left < 4, (top, left))

    def test_prints_in_greys(self):
        self.browser.media(media="print")
        self.browser.open(self.pages["matrix"])
        self.assertEqual(self.browser.run(
            "return getComputedStyle(document.querySelector('.filter')).display"), "none")
        coloured = self.browser.run(
            "const grey = (c) => new Set(c.match(/[\\d.]+/g).slice(0, 3)).size === 1;"
            "return [...document.querySelectorAll('.chip, .matrix td, svg rect, a, p')].map((e) =>"
            "getComputedStyle(e)).filter((s) => !grey(s.backgroundColor) || !grey(s.color)).length")
        self.assertEqual(coloured, 0)
        self.browser.screenshot(f"{PICTURES}/print.png")
        printed = self.browser.call("POST", self.browser.session + "/print", {"pageRanges": ["1-3"]})
        self.assertTrue(base64.b64decode(printed).startswith(b"%PDF"))

    def test_ten_thousand_results_stay_usable(self):
        self.browser.open(self.pages["many"], "#verdict=known&check=mac")
        total = self.browser.run("return document.querySelectorAll('.check').length")
        self.assertEqual(total, 34 * 296)
        wanted = 0
        for number in range(34):
            with open(f"{self.folder}/many/run{number}/results.json", encoding="utf-8") as file:
                wanted += sum(c["verdict"] == "known" and "mac" in c["id"]
                              for c in json.load(file)["checks"])
        self.assertGreater(wanted, 0)
        self.assertEqual(self.shown(".check"), wanted)

    def test_can_be_read_aloud(self):
        for page in ("matrix", "report"):
            self.browser.open(self.pages[page])
            self.assertEqual(self.browser.run(
                "return [...document.querySelectorAll('svg[role=img]')]"
                ".filter((s) => !s.querySelector(':scope > title')).length"), 0)
            self.assertEqual(self.browser.run(
                "return [...document.querySelectorAll('th')].filter((t) => !t.scope).length"), 0)
            self.assertEqual(self.browser.run(
                "return [...document.querySelectorAll('input, select')]"
                ".filter((e) => !e.labels.length).length"), 0)
            self.assertEqual(self.browser.run("return document.querySelectorAll('h1').length"), 1)
            self.assertEqual(self.browser.run(
                "const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);"
                "return ids.length - new Set(ids).size"), 0, "ids are unique")
            self.assertEqual(self.browser.run(
                "return [...document.querySelectorAll(\"a[href^='#']\")].filter((a) =>"
                "!document.getElementById(decodeURIComponent(a.hash.slice(1)))).length"), 0)

    def test_row_names_its_certificate(self):
        self.browser.open(self.pages["matrix"])
        text = self.browser.run("return document.getElementById('r1.certificate').textContent")
        self.assertIn("4f" * 32, text)
        self.assertIn("vfcert verify", text)
        self.assertIn("2027-03-02", text)
        self.assertEqual(self.browser.run(
            "return document.querySelector('#r1\\\\.certificate a').getAttribute('href')"),
            "matrix/run1/cert.dsse.json")
        self.assertIn("2026-03-01T00:20:30Z", self.browser.run(
            "return document.querySelector('.earlier').textContent"))


unittest.main(argv=sys.argv[:1])
