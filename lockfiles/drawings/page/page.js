"use strict";
// Draws what the element `data` holds. Elements are made and given text; no text ever becomes markup.

const drawing = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const SIGNS = { added: "+", removed: "-", upgraded: "↑", downgraded: "↓", rebuilt: "~", moved: "~" };
const RANKS = ["error", "warning", "note"];
const MOST_RESULTS = 12;

/** What is looked at: a platform, and in it a package or a finding; `chips` by the number of the package. */
const state = {
  view: null, selected: null, finding: null, pointed: null, hidden: new Set(), chips: [], results: [], active: -1,
};

/** Return a new element with properties, and children that are elements or texts. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

const text = (value, tag = "span") => make(tag, { className: "text", textContent: value });

function sizeText(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

/** Return the sum of known sizes in words; packages of unknown size are counted. */
function totalSize(nodes) {
  const known = nodes.filter((node) => node.size);
  if (!known.length) return "";
  const sum = sizeText(known.reduce((all, node) => all + node.size, 0));
  const unknown = nodes.length - known.length;
  return unknown ? `${sum} and ${unknown} of unknown size` : sum;
}

// -- the graph ----------------------------------------------------------------------------------------

/** Return a platform's graph with what is asked of it again and again: edges by their ends. */
function openGraph(graph) {
  const needs = graph.nodes.map(() => []);
  const neededBy = graph.nodes.map(() => []);
  const requirements = new Map();
  for (const [source, target, requirement] of graph.edges) {
    needs[source].push(target);
    neededBy[target].push(source);
    requirements.set(`${source} ${target}`, requirement);
  }
  return { ...graph, needs, neededBy, requirements };
}

const views = [
  ...drawing.graphs.map((graph) => ({ title: graph.platform, graph: openGraph(graph) })),
  ...drawing.conflicts.map((conflict) => ({ title: `${conflict.platform}: no solution`, conflict })),
];

function worst(graph, node) {
  const found = (node.findings ?? []).map((number) => graph.findings[number].severity);
  return RANKS.find((rank) => found.includes(rank));
}

function makeChip(graph, number) {
  const node = graph.nodes[number];
  const severity = worst(graph, node);
  const classes = ["chip", node.manager, node.asked?.length ? "asked" : "", node.change ?? ""];
  const version = node.old ? `${node.old} → ${node.version}` : node.version;
  const chip = make(
    "button",
    { type: "button", className: classes.join(" ").trim(), title: `${node.name} ${version}, ${node.source}` },
    node.change ? make("span", { className: `mark ${node.change}`, textContent: SIGNS[node.change] }) : null,
    text(node.name, "b"),
    text(version, "i"),
    severity ? make("span", { className: `mark ${severity}`, textContent: "!", title: severity }) : null,
  );
  chip.style.setProperty("--chip", graph.colors[node.source]);
  if (node.size) {
    const bar = make("span", { className: "bar" });
    bar.style.width = `${Math.min(100, (100 * Math.log10(1 + node.size / 1e4)) / 5)}%`; // 1 GB is the whole
    chip.append(bar);
  }
  chip.addEventListener("click", () => select(number));
  return chip;
}

/** Return the chip of the board: each package has one there, and shows its edges when it is pointed at. */
function boardChip(graph, number) {
  const chip = makeChip(graph, number);
  const point = (pointed) => () => {
    state.pointed = pointed;
    drawLines();
  };
  chip.addEventListener("mouseenter", point(number));
  chip.addEventListener("mouseleave", point(null));
  state.chips[number] = chip;
  return chip;
}

function makeGroup(graph, group) {
  const nodes = group.nodes.map((number) => graph.nodes[number]);
  const width = nodes.length > 20 ? "wide" : nodes.length > 6 ? "medium" : "";
  const size = totalSize(nodes);
  const count = nodes.length === 1 ? "" : `${nodes.length}`;
  const note = [count, size].filter(Boolean).join(", ");
  return make(
    "section",
    { className: `group ${group.kind} ${width}` },
    make("h2", {}, text(group.title), " ", make("span", { textContent: note })),
    make("div", { className: "chips" }, ...group.nodes.map((number) => boardChip(graph, number))),
  );
}

function isShown(graph, number) {
  const node = graph.nodes[number];
  if (state.hidden.has(node.source)) return false;
  return !at("changed").checked || Boolean(node.change);
}

/** Return which packages stand out: those of the ways to the selected one and beside it, or of a finding. */
function inFocus(graph) {
  if (state.selected !== null) {
    const ways = new Set((graph.nodes[state.selected].ways ?? []).flat());
    const near = [...graph.needs[state.selected], ...graph.neededBy[state.selected]];
    return { ways, all: new Set([...ways, ...near, state.selected]) };
  }
  if (state.finding !== null) {
    const found = graph.nodes.flatMap((node, number) => (node.findings?.includes(state.finding) ? [number] : []));
    return { ways: new Set(found), all: new Set(found) };
  }
  return { ways: new Set(), all: null };
}

function paint() {
  const { graph } = state.view;
  const { ways, all } = inFocus(graph);
  state.chips.forEach((chip, number) => {
    chip.classList.toggle("selected", number === state.selected);
    chip.classList.toggle("way", ways.has(number));
    chip.classList.toggle("dim", !isShown(graph, number) || (all !== null && !all.has(number)));
  });
  drawLines();
}

// -- lines ---------------------------------------------------------------------------------------------

function svg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Return a function that gives an element's box, counted from the corner of what scrolls. */
function measure(host) {
  const corner = host.getBoundingClientRect();
  const [left, top] = [host.scrollLeft - corner.left, host.scrollTop - corner.top];
  return (element) => {
    const box = element.getBoundingClientRect();
    return { left: box.left + left, right: box.right + left, y: box.top + top + box.height / 2 };
  };
}

/** Return a curve from one box to another that leaves and comes in sideways. */
function curve(from, to) {
  const forward = from.right <= to.left;
  const [x1, x2] = forward ? [from.right, to.left] : [from.left, to.right];
  const bend = Math.max(24, Math.abs(x2 - x1) / 2) * (forward ? 1 : -1);
  return `M${x1} ${from.y} C${x1 + bend} ${from.y} ${x2 - bend} ${to.y} ${x2} ${to.y}`;
}

/** Draw the edges of the package that is pointed at between the chips of the board, or all where that is wanted. */
function drawLines() {
  const { graph } = state.view;
  const [lines, groups, board] = [at("lines"), at("groups"), at("board")];
  lines.replaceChildren();
  lines.setAttribute("width", groups.offsetLeft + groups.scrollWidth);
  lines.setAttribute("height", groups.offsetTop + groups.scrollHeight);
  const { pointed } = state;
  const showsAll = at("edges").checked && state.selected === null;
  if (!showsAll && pointed === null) return;
  const boxes = state.chips.map(measure(board));
  for (const [source, target] of graph.edges) {
    const isNear = source === pointed || target === pointed;
    if ((isNear || showsAll) && isShown(graph, source) && isShown(graph, target)) {
      lines.append(svg("path", { d: curve(boxes[source], boxes[target]), class: isNear ? "near" : "" }));
    }
  }
}

/** Return a text in lines of some 26 letters, broken at blanks. */
function wrap(label) {
  const lines = [""];
  for (const word of label.split(" ")) {
    if (`${lines.at(-1)} ${word}`.length > 26 && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
  }
  return lines;
}

/** Return lines of text in the middle of a place, the last one above it. */
function writeLines(lines, x, y) {
  const words = svg("text", { x, y });
  lines.forEach((line, place) => {
    const part = svg("tspan", { x, y: y - 6 - 14 * (lines.length - 1 - place) });
    part.textContent = line;
    words.append(part);
  });
  return words;
}

/** Fill a plan: elements in columns, and lines between them with words. */
function layOut(host, elements, columns, edges) {
  const stacks = [];
  elements.forEach((element, place) => (stacks[columns[place]] ??= []).push(element));
  const lines = svg("svg", {});
  const body = make("div", {}, ...stacks.filter(Boolean).map((stack) => make("div", { className: "column" }, ...stack)));
  body.prepend(lines);
  host.replaceChildren(body);
  lines.setAttribute("width", body.scrollWidth);
  lines.setAttribute("height", body.scrollHeight);
  const boxes = elements.map(measure(body));
  for (const [source, target, label] of edges) {
    const [from, to] = [boxes[source], boxes[target]];
    const middle = from.right <= to.left ? (from.right + to.left) / 2 : (from.left + to.right) / 2;
    lines.append(svg("path", { d: curve(from, to) }));
    if (label) lines.append(writeLines(wrap(label), middle, (from.y + to.y) / 2));
  }
}

/** Draw the ways to the selected package, each package once, behind all that lead to it. */
function drawWays() {
  const { graph } = state.view;
  const ways = state.selected === null ? [] : graph.nodes[state.selected].ways ?? [];
  at("focus").hidden = !ways.length;
  const numbers = [...new Set(ways.flat())];
  const pairs = new Map();
  for (const way of ways) {
    way.slice(1).forEach((target, place) => pairs.set(`${way[place]} ${target}`, [way[place], target]));
  }
  const before = new Map(numbers.map((number) => [number, 0])); // how many columns before the last one
  for (let round = 0; round < numbers.length; round += 1) { // of ways without circles no more are needed
    for (const [source, target] of pairs.values()) {
      before.set(source, Math.min(numbers.length, Math.max(before.get(source), before.get(target) + 1)));
    }
  }
  const last = Math.max(0, ...before.values());
  const chips = numbers.map((number) => makeChip(graph, number));
  chips.forEach((chip, place) => chip.classList.toggle("selected", numbers[place] === state.selected));
  const edges = [...pairs.values()].map(([source, target]) => [numbers.indexOf(source), numbers.indexOf(target)]);
  layOut(at("focus"), chips, numbers.map((number) => last - before.get(number)), edges);
  at("focus").scrollLeft = at("focus").scrollWidth; // the end is what was asked about
}

// -- details -------------------------------------------------------------------------------------------

function goButton(graph, number) {
  const node = graph.nodes[number];
  const button = make("button", { type: "button", className: "go" }, text(`${node.name} ${node.version}`));
  button.addEventListener("click", () => select(number));
  return button;
}

function makeWay(graph, way) {
  const steps = way.map((number, place) => {
    const requirement = place ? graph.requirements.get(`${way[place - 1]} ${number}`) : "";
    const item = make("li", {}, goButton(graph, number), requirement ? " " : "", make("span", { className: "needs", textContent: requirement }));
    item.style.marginLeft = `${Math.min(place, 8) * 8}px`;
    return item;
  });
  const lines = (graph.nodes[way[0]].asked ?? []).map((line) => make("li", { className: "line" }, text(line)));
  return make("ol", { className: "way-list" }, ...lines, ...steps);
}

function makeFacts(node) {
  const facts = [
    [node.manager === "pip" ? "index" : "channel", node.source],
    ["build", node.build],
    ["size", node.size ? sizeText(node.size) : "unknown"],
    ["licence", node.license],
    ["change", node.change ? [node.change, node.old ? `from ${node.old}` : ""].join(" ") : ""],
  ];
  return make("dl", {}, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", { textContent: name }), text(value, "dd")]));
}

/** Return a heading with a list below it; nothing for an empty list. */
function section(title, items) {
  return items.length ? [make("h3", { textContent: title }), make("ul", {}, ...items.map((item) => make("li", {}, ...[item].flat())))] : [];
}

function relations(graph, number, ends, key) {
  return ends.map((end) => [
    goButton(graph, end), " ",
    make("span", { className: "needs", textContent: graph.requirements.get(key(number, end)) }),
  ]);
}

function showDetail(number) {
  const { graph } = state.view;
  const node = graph.nodes[number];
  const ways = node.ways ?? [];
  const why = ways.length ? ways.map((way) => makeWay(graph, way)) : [make("p", { textContent: graph.nodes.some((other) => other.ways) ? "Nothing that was asked for leads here." : "Not drawn: `lock why` finds it." })];
  at("detail").replaceChildren(
    make("h2", {}, text(`${node.name} ${node.version}`)),
    makeFacts(node),
    ...section("Findings", (node.findings ?? []).map((found) => makeFinding(graph, found))),
    make("h3", { textContent: "Why it is here" }),
    ...why,
    node.more_ways ? make("p", { textContent: `and ${node.more_ways} more` }) : "",
    ...section("Needs", relations(graph, number, graph.needs[number], (a, b) => `${a} ${b}`)),
    ...section("Needed by", relations(graph, number, graph.neededBy[number], (a, b) => `${b} ${a}`)),
  );
  at("detail").scrollTop = 0;
}

function showFinding(number) {
  const { graph } = state.view;
  const finding = graph.findings[number];
  at("detail").replaceChildren(
    make("h2", {}, text(finding.rule)),
    make("p", {}, text(finding.message)),
    ...section("Evidence", finding.evidence.map((line) => text(line))),
    ...section("What helps", finding.fix ? [text(finding.fix)] : []),
  );
}

function showNothing() {
  const { graph } = state.view;
  const asked = graph.nodes.flatMap((node, number) => (node.asked?.length ? [goButton(graph, number)] : []));
  at("detail").replaceChildren(
    make("p", { textContent: "Find or choose a package to see why it is here, what it needs and who needs it." }),
    ...section(`${graph.knows_asked ? "Asked for" : "Nothing else needs"} (${asked.length})`, asked),
  );
}

// -- choosing ------------------------------------------------------------------------------------------

function select(number) {
  state.selected = number;
  state.finding = null;
  const { graph } = state.view;
  if (number === null) showNothing();
  else {
    showDetail(number);
  }
  history.replaceState(null, "", number === null ? "#" : `#${encodeURIComponent(graph.nodes[number].id)}`);
  pressFinding();
  drawWays();
  paint();
  if (number !== null) state.chips[number].scrollIntoView({ block: "nearest" });
}

function chooseFinding(number) {
  state.finding = state.finding === number ? null : number;
  state.selected = null;
  if (state.finding === null) showNothing();
  else showFinding(number);
  pressFinding();
  drawWays();
  paint();
}

function pressFinding() {
  for (const button of document.querySelectorAll("#side .finding")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.finding) === state.finding));
  }
}

function makeFinding(graph, number) {
  const finding = graph.findings[number];
  const button = make("button", { type: "button", className: `finding ${finding.severity}`, title: finding.rule }, text(finding.message));
  button.dataset.finding = String(number);
  button.addEventListener("click", () => chooseFinding(number));
  return button;
}

function makeSource(graph, source) {
  const count = graph.nodes.filter((node) => node.source === source).length;
  const box = make("input", { type: "checkbox", checked: !state.hidden.has(source) });
  const swatch = make("span", { className: "swatch" });
  swatch.style.background = graph.colors[source];
  box.addEventListener("change", () => {
    if (box.checked) state.hidden.delete(source);
    else state.hidden.add(source);
    paint();
  });
  return make("label", {}, box, " ", swatch, text(source), ` ${count}`);
}

function showSide() {
  const { graph } = state.view;
  const changes = Object.entries(SIGNS)
    .map(([change, sign]) => [change, sign, (graph?.nodes ?? []).filter((node) => node.change === change).length])
    .filter(([, , count]) => count)
    .map(([change, sign, count]) => make("span", {}, make("span", { className: `mark ${change}`, textContent: sign }), ` ${count} ${change}`));
  at("side").replaceChildren(
    ...section("Channels and indexes", graph ? Object.keys(graph.colors).map((source) => makeSource(graph, source)) : []),
    ...section("Changes", changes),
    ...section("Findings", (graph?.findings ?? []).map((_, number) => makeFinding(graph, number))),
    ...section("How to read it", graph ? [graph.knows_asked ? "Bold: asked for." : "Bold: nothing else needs it.", "Round: of PyPI.", "The bar below: its size.", "A group: what one of the bold ones brings in alone."] : ["Left: your lines.", "Right, framed: what nothing is left of."]),
    ...section("Notes", drawing.remarks.map((remark) => text(remark))),
  );
}

// -- search --------------------------------------------------------------------------------------------

function findPackages(wanted) {
  const { graph } = state.view;
  const query = wanted.trim().toLowerCase();
  if (!query || !graph) return [];
  const rank = (name) => (name === query ? 0 : name.startsWith(query) ? 1 : 2);
  return graph.nodes
    .map((node, number) => ({ number, name: node.name.toLowerCase() }))
    .filter(({ name }) => name.includes(query))
    .sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name))
    .slice(0, MOST_RESULTS)
    .map(({ number }) => number);
}

function showResults() {
  const { graph } = state.view;
  state.results = findPackages(at("search").value);
  state.active = state.results.length ? 0 : -1;
  const items = state.results.map((number) => {
    const node = graph.nodes[number];
    const item = make("li", { role: "option" }, text(node.name, "b"), " ", text(`${node.version} ${node.manager === "pip" ? "(pip)" : ""}`));
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => choose(number));
    return item;
  });
  if (at("search").value.trim() && !items.length) items.push(make("li", { textContent: "no such package" }));
  at("results").replaceChildren(...items);
  showActive();
}

function showActive() {
  const items = [...at("results").children];
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === state.active)));
  at("results").hidden = !items.length;
  at("search").setAttribute("aria-expanded", String(items.length > 0));
}

function closeResults() {
  state.results = [];
  at("results").replaceChildren();
  showActive();
}

function choose(number) {
  closeResults();
  at("search").value = state.view.graph.nodes[number].name;
  select(number);
}

function searchKey(event) {
  if (event.key === "Enter" && state.active >= 0 && state.results.length) choose(state.results[state.active]);
  else if (event.key === "Escape") closeResults();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const count = state.results.length;
    if (count) state.active = (state.active + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
    showActive();
    event.preventDefault();
  }
}

// -- a conflict ----------------------------------------------------------------------------------------

function showConflict(conflict) {
  const parts = conflict.parts.map((part) => make("div", { className: `part ${part.part}` }, text(part.label)));
  at("lines").replaceChildren();
  layOut(at("groups"), parts, conflict.parts.map((part) => part.column), conflict.edges);
  at("detail").replaceChildren(make("h2", { textContent: "Why there is no solution" }), make("pre", { textContent: conflict.text }));
}

// -- the whole -----------------------------------------------------------------------------------------

function showView(number) {
  state.view = views[number];
  Object.assign(state, { selected: null, finding: null, pointed: null, chips: [] });
  const { graph, conflict } = state.view;
  document.body.classList.toggle("conflict", Boolean(conflict));
  at("groups").classList.toggle("plan", Boolean(conflict));
  at("focus").hidden = true;
  for (const id of ["finder", "edges-label"]) at(id).hidden = Boolean(conflict);
  at("changed-label").hidden = Boolean(conflict) || drawing.old === null;
  showSide();
  if (conflict) {
    at("totals").textContent = `no solution for ${conflict.platform}`;
    showConflict(conflict);
    return;
  }
  at("totals").textContent = [`${graph.nodes.length} packages`, totalSize(graph.nodes)].filter(Boolean).join(", ");
  at("groups").replaceChildren(...graph.groups.map((group) => makeGroup(graph, group)));
  let wanted = "";
  try {
    wanted = decodeURIComponent(location.hash.slice(1));
  } catch {
    // an address that is none names no package
  }
  const found = graph.nodes.findIndex((node) => node.id === wanted);
  select(found < 0 ? null : found);
}

function redraw() {
  if (state.view?.conflict) showConflict(state.view.conflict);
  else if (state.view) drawLines();
}

function globalKey(event) {
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "/" && !isTyping) {
    at("search").focus();
    event.preventDefault();
  } else if (event.key === "Escape" && !isTyping && state.view.graph) select(null);
}

function start() {
  const name = drawing.old === null ? drawing.title : `${drawing.old} → ${drawing.title}`;
  document.title = `${name}: lock graph`;
  at("title").append(text(name));
  at("view").append(...views.map((view, number) => make("option", { value: String(number), textContent: view.title })));
  at("view-label").hidden = views.length < 2;
  at("view").addEventListener("change", () => showView(Number(at("view").value)));
  at("search").addEventListener("input", showResults);
  at("search").addEventListener("keydown", searchKey);
  at("search").addEventListener("blur", closeResults);
  at("edges").addEventListener("change", paint);
  at("changed").addEventListener("change", paint);
  document.addEventListener("keydown", globalKey);
  new ResizeObserver(redraw).observe(at("board"));
  if (views.length) showView(0);
}

start();
