"""What runs on a grid: the banner that asks for consent, and the script that brings cards as the page is scrolled.

Cards come as on a busy page: a few at a time, each few some moments after the others.
"""

from __future__ import annotations

CONSENT = """<style>
@font-face { font-family: "Grid"; src: url("https://static.sketchfab.com/static/fonts/grid.woff2"); }
body { font-family: "Grid", sans-serif; }
.card-model { min-height: 160px; }
#onetrust-banner-sdk { position: fixed; bottom: 0; left: 0; right: 0; height: 120px; background: #fff; z-index: 9; }
</style>
<div id="onetrust-banner-sdk" role="region" aria-label="Cookie banner"><div id="onetrust-button-group">
<button id="onetrust-reject-all-handler">Refuse All</button>
<button id="onetrust-accept-btn-handler">Accept All</button></div></div>"""

SCRIPT = """(() => {
const AT_ONCE = 6, PAUSE_MS = 20;
const grid = document.querySelector(".c-grid__items");
let busy = false;
const consent = choice => () => {
  document.cookie = "OptanonConsent=" + choice + "; path=/";
  document.getElementById("onetrust-banner-sdk").remove();
};
document.getElementById("onetrust-reject-all-handler").addEventListener("click", consent("refused"));
document.getElementById("onetrust-accept-btn-handler").addEventListener("click", consent("accepted"));
const button = () => document.querySelector(".c-grid__button.--next");
const render = cards => new Promise(done => {
  const step = () => {
    cards.splice(0, AT_ONCE).forEach(card => grid.append(document.adoptNode(card)));
    if (cards.length) setTimeout(step, PAUSE_MS); else done();
  };
  step();
});
const more = async () => {
  const place = button();
  if (busy || !place) return;
  busy = true;
  const link = place.querySelector("a");
  try {
    const answer = await fetch(link.href, {headers: {"X-Requested-With": "XMLHttpRequest"}});
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    await render([...page.querySelectorAll(".c-grid__items > .c-grid__item")]);
    const further = page.querySelector(".c-grid__button.--next a");
    if (further) link.setAttribute("href", further.getAttribute("href")); else place.remove();
  } finally {
    busy = false;
  }
};
document.addEventListener("click", event => {
  if (event.target.closest(".c-grid__button.--next")) { event.preventDefault(); more(); }
});
const near = () => {
  const place = button();
  if (place && place.getBoundingClientRect().top < window.innerHeight + 400) more();
};
addEventListener("scroll", near, {passive: true});
})();"""
