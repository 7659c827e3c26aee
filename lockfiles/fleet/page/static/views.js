// What locks and what doesn't, findings, images, lockfiles, merges.

/** Lines of a cause that are shown before it is unfolded. */
const MOST_LINES = 12;

/** Return a cause with all files that fail for it, folded below. `isOwn`: beside one of them, whose name stands above. */
function causePart(cause, isOwn = false) {
  const others = cause.environments.length - 1;
  const files = !isOwn ? `${many(others + 1, "environment")}: ` : others ? `with ${many(others, "other environment")}: ` : "";
  const lines = [...new Set((cause.lines ?? []).map((line) => line.text))];
  const several = cause.is_apart ? "nothing meets these lines:" : "these lines can't hold together:";
  const words = lines.length > 1 ? several : lines.length === 1 ? "nothing meets this line:" : "";
  const shown = (lines.length ? lines.slice(0, MOST_LINES) : [cause.text]).map((line) => make("pre", {}, text(line)));
  if (lines.length > MOST_LINES) shown.push(soft(`and ${number(lines.length - MOST_LINES)} more, named below`));
  const place = (line) => (line.file ? `${line.file}${line.line ? `:${line.line}` : ""}` : "");
  const body = () => [
    cause.message !== cause.text ? fold(["In the words of the first of them"], () => [make("pre", {}, text(cause.message))]) : "",
    (cause.lines ?? []).some(place) ? fold(["Where these lines stand there"], () => [make("ul", { className: "list" }, ...cause.lines.map((line) => item(text(`${place(line)}: ${line.text}`))))]) : "",
    isOwn && !others ? "" : environmentList(cause.environments),
  ];
  const whose = cause.environments.length > 1 ? "hint, of the first of them: " : "hint: ";
  const hint = cause.hint ? make("div", { className: "hint" }, whose, text(cause.hint)) : "";
  const outcome = environments[cause.environments[0]].outcome;
  return fold([marked("error", `${files}${words || outcome}`), ...shown, hint], body);
}

/** Return a tile of a number and its words that shows the environments behind it. */
function tile(count, kind, word, act) {
  return button("tile", act, make("b", { textContent: number(count) }), marked(kind, word));
}

function counted(values) {
  const found = new Map();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function outcomeTiles() {
  const codes = new Map(environments.map((one) => [one.outcome, one.code]));
  return counted(environments.map((one) => one.outcome)).map(([word, count]) => {
    const kind = codes.get(word) === 0 ? "good" : codes.get(word) === 5 ? "warning" : "error";
    return tile(count, kind, word, () => filterEnvironments("outcome", word));
  });
}

function summaryPanel() {
  const failing = new Set(causes.flatMap((one) => one.environments)).size;
  const unproven = environments.flatMap((one, place) => (one.targets.some((target) => target.unproven?.length) ? [place] : []));
  return [
    section("What became of them", [make("div", { className: "tiles" }, ...outcomeTiles())]),
    section(`Why ${many(failing, "environment")} fail${failing === 1 ? "s" : ""}: ${many(causes.length, "cause")}`, causes.length ? [longList(causes, (one) => causePart(one), { first: 50, host: make("div") })] : []),
    section("Not proven to be the best", unproven.length ? [fold([many(unproven.length, "environment")], () => [environmentList(unproven)])] : []),
    section("Chosen for you", notices.length ? [longList(notices, (one) => fold([soft(`${many(one.environments.length, "environment")}: `), text(one.text)], () => [environmentList(one.environments)]), { first: 10, step: 100, host: make("div") })] : []),
    section("Notes", listed(remarks.map((one) => item(text(one))))),
  ].filter(Boolean);
}

/** Return a rule's messages by what they say: those that differ in their evidence alone stand together. */
function alike(messages) {
  const found = new Map();
  for (const one of messages) {
    const key = JSON.stringify([one.text, one.fix ?? ""]);
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found.values()].sort((a, b) => told(b).size - told(a).size);
}

const told = (messages) => new Set(messages.flatMap((one) => one.environments));

function findingPart(rule) {
  return fold(
    [marked(rule.severity, `${rule.severity}: ${rule.rule}`), soft(` ${many(told(rule.messages).size, "environment")}`), rule.line ? make("div", {}, text(rule.line)) : ""],
    () => [longList(alike(rule.messages), messagePart, { first: 30, host: make("div") })],
  );
}

function messagePart(messages) {
  const [first] = messages;
  const platforms = [...new Set(messages.flatMap((one) => one.platforms ?? []))].sort();
  const where = platforms.length ? ` (${platforms.join(", ")})` : "";
  return fold([text(first.text), soft(` ${many(told(messages).size, "environment")}${where}`)], () => [
    first.fix ? make("p", { className: "hint" }, "what helps: ", text(first.fix)) : "",
    ...messages.map((one) => make("div", { className: "case" }, ...(one.evidence ?? []).map((line) => make("p", {}, text(line))), environmentList(one.environments))),
  ]);
}

function noFindings() {
  if (!isDone("check")) return "Nothing was checked: `--with check` does.";
  return wasLookedAt() ? "No rule found anything." : "There was nothing to check: no environment has packages.";
}

function findingsPanel() {
  if (!findings.length) return [make("p", { textContent: noFindings() })];
  return [longList(findings, findingPart, { first: 100, host: make("div") })];
}

/** Return items that are folded away below a title with their number; nothing where there are none. */
function folded(title, items, body) {
  return items?.length ? fold([`${title}: ${number(items.length)}`], body) : "";
}

function imagePart(image) {
  return fold(
    [make("b", { textContent: many(image.environments.length, "environment") }), " ", make("code", { textContent: image.value }), soft(` ${image.certainty}`)],
    () => [environmentList(image.environments)],
  );
}

function imagesPanel() {
  if (!images.length) return [make("p", { textContent: isDone("hash") ? "No identifier could be computed." : "No identifiers were computed: `--with hash` does." })];
  const kinds = counted(images.map((one) => one.kind)).map(([kind]) => kind);
  const words = make("p", { className: "soft", textContent: "Environments with the same identifier of a kind share an image: each identifier is one build. Exact: the rule was read in code and run; best-known: it fits every public case." });
  return [words, ...kinds.map((kind) => {
    const own = images.filter((one) => one.kind === kind);
    const sharing = own.filter((one) => one.environments.length > 1);
    const all = own.reduce((sum, one) => sum + one.environments.length, 0);
    const words = `${many(all, "environment")}, ${many(own.length, "identifier")}, ${number(sharing.length)} shared`;
    const alone = own.filter((one) => one.environments.length === 1);
    const list = (some) => longList(some, imagePart, { first: 40, step: 200, host: make("div") });
    return section(`${kind}: ${words}`, [
      ...(sharing.length ? [list(sharing)] : []),
      folded("Of one environment each", alone, () => [list(alone)]),
    ]);
  })];
}

/** Return the lockfiles that aren't what their files ask for, by why; the rest as numbers. */
function lockfilesPanel() {
  const states = counted(environments.map((one) => one.state));
  const tiles = states.map(([state, count]) => tile(count, OUT_OF_DATE.includes(state) ? "warning" : state === "left as it was" ? "note" : "good", state, () => filterEnvironments("state", state)));
  const reasonsOf = (one) => (one.reasons.length && one.state !== "missing" ? one.reasons : [one.changes ? `${many(one.changes, "package")} would differ` : one.state]);
  const parts = OUT_OF_DATE.flatMap((state) => {
    const places = environments.flatMap((one, place) => (one.state === state ? [place] : []));
    const reasons = counted(places.flatMap((place) => [...new Set(reasonsOf(environments[place]))]));
    const part = ([reason, count]) => fold([text(reason), soft(` ${many(count, "environment")}`)], () => [environmentList(places.filter((place) => reasonsOf(environments[place]).includes(reason)))]);
    return section(`${state}: ${many(places.length, "lockfile")}`, places.length ? [longList(reasons, part, { first: 40, host: make("div") })] : []) ?? [];
  });
  return [make("div", { className: "tiles" }, ...tiles), ...parts];
}

// -- merges -------------------------------------------------------------------------------------------

/** Return the name of a member, as a button where the fleet has it. */
function memberButton(name) {
  const place = environments.findIndex((one) => one.file === name);
  return place < 0 ? pathText(name) : environmentButton(place);
}

const memberList = (members) => longList(members, (name) => item(memberButton(name)));

function movePart(move) {
  const changes = move.changes ?? [];
  const words = [changes.length ? `${many(changes.length, "package")} ${changes.length === 1 ? "moves or goes" : "move or go"}` : "nothing moves", move.added ? `${number(move.added)} come${move.added === 1 ? "s" : ""} in` : ""].filter(Boolean).join(", ");
  const beside = move.has_lockfile === false ? ", beside what it locks to today" : "";
  if (!changes.length) return make("div", { className: "flat" }, pathText(move.name), soft(` ${words}${beside}`));
  return fold([pathText(move.name), soft(` ${words}${beside}`)], () => [longList(changes, (one) => item(text(one)), { first: 100 })]);
}

function offerPart(offer) {
  const saved = offer.before - offer.after;
  const size = `${sizeText(Math.abs(saved))} ${saved < 0 ? "more" : "less"}${offer.unknown ? ` as far as sizes are known (${number(offer.unknown)} aren't)` : ""}`;
  return fold([marked("good", `${many(offer.members.length, "environment")} in one image`), soft(` ${many(offer.builds, "build")} saved, ${size}`)], () => [
    ...(offer.findings ?? []).map((one) => make("p", { className: "warning" }, "! ", text(one))),
    longList(offer.moves, movePart, { first: 40, host: make("div") }),
  ]);
}

function groupPart(group, place) {
  const least = group.lower > 1 ? `no fewer than ${number(group.lower)} can serve them` : "how few can serve them isn't known";
  const proof = group.images === group.lower ? "proven: fewer can't serve them" : `${least}${group.ended ? `; the search ended: ${group.ended}` : ""}`;
  return section(`Group ${place + 1}: ${many(group.members.length, "environment")}, ${many(group.images, "image")}`, [
    make("p", { className: "soft" }, text(`${group.targets.join(", ")}; ${proof}`)),
    longList(group.offers ?? [], offerPart, { first: 40, host: make("div") }),
    folded("Alone in an image", group.alone, () => [memberList(group.alone)]),
    folded("Each clashes with each other one, so that each needs an image", group.clash, () => [memberList(group.clash)]),
    folded("Lines that can't hold together", group.conflicts, () => [longList(group.conflicts, (lines) => item(text(lines.join(" | "))))]),
    folded("Not offered", group.refused, () => group.refused.map(([members, reason]) => fold([text(reason)], () => [memberList(members)]))),
  ].filter(Boolean));
}

/** Return why an environment has no part in it, without the line. */
const bareReason = ([, reason]) => reason.replace(/^line \d+(:\d+)?: /, "");

/** Return what shows a reason, and below it who has it; of one environment alone its name before it. */
const reasonPart = (pairs) => ([reason, count]) => {
  const members = pairs.filter((pair) => bareReason(pair) === reason);
  if (count === 1) return make("div", { className: "flat" }, memberButton(members[0][0]), " ", soft(members[0][1]));
  return fold([text(reason), soft(` ${many(count, "environment")}`)], () => [memberList(members.map(([name]) => name))]);
};

function mergesPanel() {
  const { merges } = page;
  const builds = merges.groups.flatMap((group) => group.offers ?? []).reduce((sum, one) => sum + one.builds, 0);
  const named = (title, pairs) => section(title, pairs?.length ? [longList(counted(pairs.map(bareReason)), reasonPart(pairs), { first: 40, host: make("div") })] : []);
  return [
    make("p", {}, make("b", { textContent: `${many(merges.images, "image")} serve ${many(merges.environments, "environment")}` }), `: ${many(builds, "build")} saved. ${merges.images === merges.lower ? "Fewer can't: that is proven." : `No fewer than ${number(merges.lower)} can.`}`),
    ...merges.groups.map(groupPart),
    named("Can't be merged", merges.apart),
    named("Can't be read or locked", merges.failed),
  ].filter(Boolean);
}
