/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows the checks of one verdict. The choice lies in the address, "#verdict=fail", so that a link
 * carries it. Without scripts the page is complete and the buttons stay hidden. */
"use strict";
(() => {
	const filter = document.querySelector(".filter");
	const buttons = [...filter.querySelectorAll("button")];
	const rows = [...document.querySelectorAll("tr[data-verdict]")];
	const suites = [...document.querySelectorAll(".suite")];

	function chosen() {
		const match = /^#verdict=([a-z]+)$/.exec(location.hash);

		return match && buttons.some((b) => b.value === match[1]) ? match[1] : "";
	}

	function show() {
		const verdict = chosen();

		for (const button of buttons)
			button.setAttribute("aria-pressed", String(button.value === verdict));
		for (const row of rows)
			row.hidden = verdict !== "" && row.dataset.verdict !== verdict;
		for (const suite of suites)
			suite.hidden = !suite.querySelector("tr[data-verdict]:not([hidden])");
	}

	for (const button of buttons) {
		button.addEventListener("click", () => {
			history.replaceState(null, "", button.value ? "#verdict=" + button.value : "#");
			show();
		});
	}
	addEventListener("hashchange", show);
	filter.hidden = false;
	show();
})();
