// The table of environments, and the details of one beside it.

/** Return what became of an environment, with a sign. */
function outcomeOf(environment) {
  const kind = environment.code === 0 ? "good" : environment.outcome === "findings" || environment.outcome === "not fresh" ? "warning" : "error";
  return marked(kind, environment.outcome);
}

function findingsText(place) {
  const counts = countsOf()[place];
  return RANKS.filter((rank) => counts[rank]).map((rank) => many(counts[rank], rank)).join(", ");
}

function packagesText(environment) {
  const most = largest(environment);
  if (!most) return "";
  return environment.targets.length > 1 ? `${number(most.count ?? 0)} (${environment.targets.length} platforms)` : number(most.count ?? 0);
}

const pythonsOf = (environment) => [...new Set(environment.targets.map((one) => one.python).filter(Boolean))].join(", ");
const platformsOf = (environment) => environment.targets.map((one) => one.platform).join(", ");
const severityRank = (place) => RANKS.reduce((sum, rank) => sum * 10000 + countsOf()[place][rank], 0);

/** Columns: their words, what is sorted by, what is shown, whether it is a number. */
const COLUMNS = [
  { word: "Environment", key: (one) => one.file, cell: null },
  { word: "Outcome", key: (one) => `${one.code} ${one.outcome}`, cell: (one) => outcomeOf(one) },
  { word: "Lockfile", key: (one) => one.state, cell: (one) => one.state },
  { word: "Findings", key: (one, place) => severityRank(place), cell: (one, place) => findingsText(place), isNumber: false, descends: true },
  { word: "Packages", key: (one) => largest(one)?.count ?? -1, cell: packagesText, isNumber: true, descends: true },
  { word: "Size", key: (one) => largest(one)?.size ?? -1, cell: (one) => (largest(one) ? targetSize(largest(one)) : ""), isNumber: true, descends: true },
  { word: "Seconds", key: (one) => one.seconds, cell: (one) => one.seconds.toFixed(2), isNumber: true, descends: true },
  { word: "Python", key: pythonsOf, cell: pythonsOf },
  { word: "Platform", key: platformsOf, cell: platformsOf, wraps: true },
];

const table = { column: null, isDown: false, wanted: "", outcome: "", state: "", platform: "", fields: {} };

function isWanted(environment) {
  return (
    environment.file.toLowerCase().includes(table.wanted)
    && (!table.outcome || environment.outcome === table.outcome)
    && (!table.state || environment.state === table.state)
    && (!table.platform || environment.targets.some((one) => one.platform === table.platform))
  );
}

/** Return the places of environments that are wanted, in order; equal ones stay as the fleet has them. */
function wantedPlaces() {
  const places = environments.flatMap((one, place) => (isWanted(one) ? [place] : []));
  if (table.column === null) return places;
  const { key } = COLUMNS[table.column];
  const keys = new Map(places.map((place) => [place, key(environments[place], place)]));
  const sign = table.isDown ? -1 : 1;
  return places.sort((a, b) => {
    const [one, other] = [keys.get(a), keys.get(b)];
    return (one < other ? -sign : one > other ? sign : 0) || a - b;
  });
}

function makeRow(place) {
  const environment = environments[place];
  const cells = COLUMNS.slice(1).map(({ cell, isNumber, wraps }) => {
    const shown = cell(environment, place);
    const kind = isNumber ? "number" : wraps ? "wraps" : "";
    return make("td", { className: kind }, typeof shown === "string" ? text(shown) : shown);
  });
  const row = make("tr", {}, make("th", { scope: "row" }, environmentButton(place)), ...cells);
  row.dataset.place = String(place);
  row.setAttribute("aria-selected", String(place === chosen.environment));
  return row;
}

function makeHead(redraw) {
  const heads = COLUMNS.map(({ word, isNumber, descends }, column) => {
    const head = make("th", { scope: "col", className: isNumber ? "number" : "" });
    const isSorted = table.column === column;
    head.append(button("", () => {
      table.isDown = isSorted ? !table.isDown : Boolean(descends);
      table.column = column;
      redraw();
      at("environments-table").querySelectorAll("thead button")[column].focus();
    }, word, isSorted ? ` ${table.isDown ? "▼" : "▲"}` : ""));
    head.setAttribute("aria-sort", isSorted ? (table.isDown ? "descending" : "ascending") : "none");
    return head;
  });
  return make("thead", {}, make("tr", {}, ...heads));
}

/** Move between the names of environments with the arrow keys. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest("tbody tr");
  if (!step || !row) return;
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  if (next) next.querySelector("button").focus();
  event.preventDefault();
}

function environmentsPanel() {
  const distinct = (values) => [...new Set(values)].sort();
  const { fields } = table;
  fields.wanted = make("input", { type: "search", placeholder: "a part of its name ( / )", spellcheck: false, value: table.wanted });
  fields.outcome = choice("all", distinct(environments.map((one) => one.outcome)));
  fields.state = choice("all", distinct(environments.map((one) => one.state)));
  fields.platform = choice("all", distinct(environments.flatMap((one) => one.targets.map((target) => target.platform))));
  const count = make("p", { className: "soft", "aria-live": "polite" });
  const host = make("div", { id: "environments-table" });
  function redraw() {
    table.wanted = fields.wanted.value.trim().toLowerCase();
    for (const name of ["outcome", "state", "platform"]) table[name] = fields[name].value;
    const places = wantedPlaces();
    count.textContent = places.length === environments.length ? many(places.length, "environment") : `${number(places.length)} of ${many(environments.length, "environment")}`;
    const body = make("tbody");
    const rows = longList(places, makeRow, { first: 60, step: 500, host: body });
    const more = rows.lastElementChild;
    rows.prepend(make("table", {}, make("caption", { hidden: true, textContent: "Environments" }), makeHead(redraw), body));
    host.replaceChildren(rows);
    watchEnd(more);
  }
  host.addEventListener("keydown", walk);
  table.redraw = redraw;
  for (const name of ["outcome", "state", "platform"]) fields[name].value = table[name];
  redraw();
  return [
    make("div", { className: "tools" }, tool("Find", fields.wanted, redraw), tool("Outcome", fields.outcome, redraw, "change"), tool("Lockfile", fields.state, redraw, "change"), tool("Platform", fields.platform, redraw, "change")),
    count,
    host,
  ];
}

/** Press the button below a long list when it comes into view. */
function watchEnd(more) {
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    more.click();
    watcher.unobserve(more);
    if (more.isConnected && !more.hidden) watcher.observe(more);
  });
  watcher.observe(more);
}

/** Show the environments of an outcome or a state of their lockfile. */
function filterEnvironments(field, value) {
  showTab("environments");
  for (const name of ["outcome", "state", "platform"]) table.fields[name].value = name === field ? value : "";
  table.fields.wanted.value = "";
  table.redraw();
}

// -- one environment ----------------------------------------------------------------------------------

function facts(rows) {
  return make("dl", {}, ...rows.filter(([, value]) => value).flatMap(([word, value]) => [make("dt", { textContent: word }), make("dd", {}, typeof value === "string" ? text(value) : value)]));
}

function targetPart(environment, target) {
  const held = packagesOf(target);
  const asked = new Set(target.asked ?? []);
  const input = make("input", { type: "search", placeholder: "a part of a name", spellcheck: false });
  const host = make("div");
  const redraw = () => {
    const wanted = input.value.trim().toLowerCase();
    const shown = held.filter((one) => names[packages[one][NAME]][0].toLowerCase().includes(wanted));
    host.replaceChildren(longList(shown, (one) => item(packageButton(one), asked.has(one) ? soft(" asked for") : ""), { first: 60 }));
  };
  const body = () => {
    redraw();
    if (!held.length) return [soft("The records don't name them.")];
    return [make("div", { className: "tools" }, tool("Find", input, redraw)), host];
  };
  const words = [many(target.count ?? 0, "package"), targetSize(target), target.python ? `Python ${target.python}` : ""].filter(Boolean);
  const unproven = target.unproven?.length ? [make("p", { className: "warning", textContent: `! not proven to be the best: ${target.unproven.join(", ")}` })] : [];
  return [fold([text(target.platform), soft(` ${words.join(", ")}`)], body), ...unproven];
}

/** Return what an environment has in findings, images and notices: parts of lists that all share. */
function shared(place) {
  const told = findings.flatMap((rule) => rule.messages.filter((one) => one.environments.includes(place)).map((one) => item(marked(rule.severity, `${rule.severity}: ${rule.rule}: ${one.text}`), one.fix ? make("p", { className: "hint" }, text(one.fix)) : "")));
  const built = images.filter((one) => one.environments.includes(place)).map((one) => {
    const others = one.environments.length - 1;
    return item(text(one.kind), " ", make("code", { textContent: one.value }), soft(` ${one.certainty}${others ? `, shared with ${many(others, "other environment")}` : ""}`));
  });
  const chosenFor = notices.filter((one) => one.environments.includes(place)).map((one) => item(text(one.text)));
  return { told, built, chosenFor };
}

const listed = (items) => (items.length ? [make("ul", { className: "list" }, ...items)] : []);

function environmentDetail(place) {
  const environment = environments[place];
  const { told, built, chosenFor } = shared(place);
  const changed = environment.changes ? `, ${many(environment.changes, "package")} ${environment.changes === 1 ? "differs" : "differ"}` : "";
  return [
    button("plain close", () => closeDetail(), "Close (Esc)"),
    make("h2", {}, pathText(environment.file)),
    facts([
      ["outcome", outcomeOf(environment)],
      ["as", environment.same_as ?? ""],
      ["lockfile", environment.output ? make("span", {}, pathText(environment.output), `: ${environment.state}${changed}`) : environment.state],
      ["settings", environment.settings?.length ? make("span", {}, ...environment.settings.flatMap((one, place) => [place ? ", " : "", pathText(one)])) : ""],
      ["took", secondsText(environment.seconds)],
      ["attempts", environment.attempts > 1 ? String(environment.attempts) : ""],
    ]),
    section("Why it failed", environment.causes.map((one) => causePart(causes[one], true)), "h3"),
    section("Why the lockfile isn't fresh", listed(environment.reasons.map((one) => item(text(one)))), "h3"),
    section("Packages", environment.targets.flatMap((target) => targetPart(environment, target)), "h3"),
    section("Findings", listed(told), "h3"),
    section("Images", listed(built), "h3"),
    section("Chosen for you", listed(chosenFor), "h3"),
  ].filter(Boolean);
}
