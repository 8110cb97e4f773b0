/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters rows and checks, and opens what the address names. The choice lies in the address, as
 * "#row=6.12&state=failed&check=spoof&verdict=fail&at=r2.cap-mac", so that a link carries it. Without
 * scripts the page is complete, and the form stays hidden. */
"use strict";
(() => {
	const form = document.querySelector(".filter");
	const rows = [...document.querySelectorAll(".matrix tr[data-states]")];
	const checks = [...document.querySelectorAll(".check")];
	const sections = [...document.querySelectorAll(".capability")];
	const fields = ["row", "state", "check", "verdict"].filter((name) => form.elements[name]);
	const texts = new Map();

	/* What is searched in: of a check its line, of a row also the card above it. */
	function text_of(element, from) {
		if (!texts.has(element))
			texts.set(element, from(element).textContent.toLowerCase());
		return texts.get(element);
	}

	function fits(text, wanted) {
		return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
	}

	/* A plain anchor, "#r2.cap-mac", is an address too. */
	function read_address() {
		const hash = location.hash.slice(1);
		const chosen = new URLSearchParams(hash.includes("=") ? hash : "");

		if (hash && !hash.includes("="))
			chosen.set("at", decodeURIComponent(hash));
		return chosen;
	}

	function write_address(at) {
		const chosen = new URLSearchParams();

		for (const name of fields)
			if (form.elements[name].value)
				chosen.set(name, form.elements[name].value);
		if (at)
			chosen.set("at", at);
		history.replaceState(null, "", "#" + chosen);
	}

	function filter_rows(wanted, state) {
		let shown = 0;

		for (const row of rows) {
			const card = row.parentNode.querySelector(".card");
			const text = text_of(row, (r) => r.firstChild) + " " + text_of(card, (c) => c);

			row.hidden = !fits(text, wanted) || (state && !row.dataset.states.split(" ").includes(state));
			shown += !row.hidden;
			const run = document.getElementById(row.id.replace(/row$/, "run"));
			if (run && rows.length > 1)
				run.hidden = row.hidden;
		}
		for (const card of document.querySelectorAll(".matrix .card"))
			card.hidden = !card.parentNode.querySelector("tr[data-states]:not([hidden])");
		const nothing = document.querySelector(".nothing");
		if (nothing)
			nothing.hidden = shown > 0;
		return shown;
	}

	function filter_checks(wanted, verdict) {
		let shown = 0;

		for (const check of checks) {
			check.hidden = (verdict && check.dataset.verdict !== verdict) ||
				!fits(text_of(check, (c) => c.firstChild), wanted);
			shown += !check.hidden;
		}
		for (const section of sections)
			section.hidden = (wanted || verdict) && !section.querySelector(".check:not([hidden])");
		return shown;
	}

	function value_of(name) {
		return form.elements[name] ? form.elements[name].value.trim() : "";
	}

	function show() {
		const some = filter_rows(value_of("row"), value_of("state"));
		const few = filter_checks(value_of("check"), value_of("verdict"));
		const filtered = fields.some((name) => form.elements[name].value);

		form.querySelector("output").value = !filtered ? "" :
			(rows.length > 1 ? `${some} of ${rows.length} rows, ` : "") +
			`${few} of ${checks.length} checks`;
	}

	function go_to(at) {
		const target = at && document.getElementById(at);

		if (!target)
			return;
		for (let box = target; box; box = box.parentElement)
			if (box.tagName === "DETAILS")
				box.open = true;
		target.scrollIntoView();
	}

	function obey_address() {
		const chosen = read_address();

		if (!location.hash.slice(1) || location.hash.includes("="))
			for (const name of fields)
				form.elements[name].value = chosen.get(name) || "";
		show();
		go_to(chosen.get("at"));
	}

	/* Arrow keys walk from cell to cell of the matrix. */
	document.addEventListener("keydown", (event) => {
		const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
		const cell = step && document.activeElement.closest(".matrix td, .matrix th[scope=row]");

		if (!cell)
			return;
		const seen = rows.filter((row) => !row.hidden);
		const row = seen[seen.indexOf(cell.parentNode) + step[0]];
		const link = row && row.cells[cell.cellIndex + step[1]];
		if (link && link.querySelector("a")) {
			link.querySelector("a").focus();
			event.preventDefault();
		}
	});
	/* An anchor keeps the filter. */
	document.addEventListener("click", (event) => {
		const link = event.target.closest && event.target.closest("a[href^='#']");

		if (!link)
			return;
		event.preventDefault();
		write_address(decodeURIComponent(link.hash.slice(1)));
		go_to(decodeURIComponent(link.hash.slice(1)));
	});
	form.addEventListener("submit", (event) => event.preventDefault());
	form.addEventListener("input", () => { write_address(""); show(); });
	form.addEventListener("reset", () => setTimeout(() => { write_address(""); show(); }));
	addEventListener("hashchange", obey_address);
	form.hidden = false;
	obey_address();
})();
