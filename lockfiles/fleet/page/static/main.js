// Which part is shown: tabs, the address, keys, print.

const chosen = { tab: "", environment: null, from: null, scrolled: {} };
const outOfDate = environments.filter((one) => OUT_OF_DATE.includes(one.state)).length;
const missing = environments.filter((one) => one.state === "missing").length;

/** Parts of the page: of records, and of merges; a page may have either. */
const TABS = [
  { id: "summary", word: "Summary", count: null, panel: summaryPanel },
  { id: "environments", word: "Environments", count: environments.length, panel: environmentsPanel },
  // what nobody looked at is not none
  { id: "findings", word: "Findings", count: findings.length || (isDone("check") && wasLookedAt()) ? findings.length : null, panel: findingsPanel },
  { id: "packages", word: "Packages", count: names.length || null, panel: packagesPanel },
  { id: "images", word: "Images", count: null, panel: imagesPanel },
  { id: "lockfiles", word: "Lockfiles", count: outOfDate ? `${number(outOfDate)} ${outOfDate === missing ? "missing" : "out of date"}` : null, panel: lockfilesPanel },
  { id: "merges", word: "Merges", count: null, panel: mergesPanel },
].filter(({ id }) => (id === "merges" ? page.merges : environments.length || !page.merges));

/** Show a part, where it was left; it is made when it is first shown. */
function showTab(id) {
  const panels = at("panels");
  chosen.scrolled[chosen.tab] = panels.scrollTop;
  chosen.tab = id;
  for (const { id: other, panel } of TABS) {
    const isShown = other === id;
    const tab = at(`tab-${other}`);
    tab.setAttribute("aria-selected", String(isShown));
    tab.tabIndex = isShown ? 0 : -1;
    const host = at(`panel-${other}`);
    host.hidden = !isShown;
    if (isShown && !host.childElementCount) host.append(...panel());
  }
  panels.scrollTop = chosen.scrolled[id] ?? 0;
  writeAddress();
}

function markRows() {
  for (const row of document.querySelectorAll("#environments-table tbody tr")) {
    row.setAttribute("aria-selected", String(Number(row.dataset.place) === chosen.environment));
  }
}

/** Show an environment beside the part; `from` is the button that did, to which closing leads back. */
function showEnvironment(place, from = null) {
  chosen.environment = place;
  chosen.from = from;
  const detail = at("detail");
  detail.replaceChildren(...environmentDetail(place));
  detail.hidden = false;
  detail.scrollTop = 0;
  if (matchMedia("(max-width: 900px)").matches) detail.scrollIntoView(); // it stands above the part there
  markRows();
  writeAddress();
}

function closeDetail() {
  at("detail").hidden = true;
  chosen.environment = null;
  markRows();
  writeAddress();
  const back = chosen.from?.isConnected && chosen.from.checkVisibility() ? chosen.from : at(`tab-${chosen.tab}`);
  back.focus();
}

/** Keep what is shown in the address: `#packages`, `#environments/train/environment.yml`. */
function writeAddress() {
  const file = chosen.environment === null ? "" : `/${encodeURIComponent(environments[chosen.environment].file)}`;
  history.replaceState(null, "", `#${chosen.tab}${file}`);
}

function readAddress() {
  const [tab, ...rest] = location.hash.slice(1).split("/");
  let file = rest.join("/");
  try {
    file = decodeURIComponent(file);
  } catch {
    file = "";
  }
  const place = file ? environments.findIndex((one) => one.file === file) : -1;
  showTab(TABS.some(({ id }) => id === tab) ? tab : TABS[0].id);
  if (place >= 0) showEnvironment(place);
}

function makeTabs() {
  for (const { id, word, count } of TABS) {
    const label = count === null ? word : `${word} (${typeof count === "number" ? number(count) : count})`;
    const tab = make("button", { type: "button", id: `tab-${id}`, role: "tab", "aria-controls": `panel-${id}`, textContent: label });
    tab.addEventListener("click", () => showTab(id));
    at("tabs").append(tab);
    at("panels").append(make("div", { id: `panel-${id}`, className: "panel", role: "tabpanel", "aria-labelledby": `tab-${id}`, hidden: true }));
  }
  at("tabs").addEventListener("keydown", (event) => {
    const now = TABS.findIndex(({ id }) => id === chosen.tab);
    const next = { ArrowRight: (now + 1) % TABS.length, ArrowLeft: (now - 1 + TABS.length) % TABS.length, Home: 0, End: TABS.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    showTab(TABS[next].id);
    at(`tab-${TABS[next].id}`).focus();
  });
}

function writeHead() {
  const words = counted(environments.map((one) => one.outcome)).map(([word, count]) => `${number(count)} ${word}`);
  const done = { lock: page.is_dry ? "solved, nothing written" : "locked", fresh: "looked at whether lockfiles are fresh", check: "checked", hash: "images identified", merge: "which environments can share an image" };
  document.title = `lock fleet: ${page.title}`;
  at("title").textContent = page.title;
  const left = page.merges?.failed?.length ? `; ${number(page.merges.failed.length)} more can't be read or locked` : "";
  const counts = environments.length || !page.merges ? `${many(environments.length, "environment")}: ${words.join(", ")}` : `${many(page.merges.environments, "environment")}, ${many(page.merges.images, "image")}${left}`;
  at("totals").textContent = counts;
  at("made").textContent = [page.work.map((one) => done[one] ?? one).join(", "), page.date, `lockstack ${page.version}`].filter(Boolean).join("; ");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !at("detail").hidden) closeDetail();
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!environments.length) return;
  const finds = chosen.tab === "packages" && search.input;
  if (!finds) showTab("environments");
  (finds ? search.input : table.fields.wanted).focus();
  event.preventDefault();
});
window.addEventListener("beforeprint", () => {
  for (const long of document.querySelectorAll(`#panel-${chosen.tab} .long`)) long.showAll();
});

writeHead();
makeTabs();
readAddress();
document.body.dataset.ready = "true";
