// Packages by how many environments hold them: search, versions, and through whom they come in.

const nameOf = (number) => names[packages[number][NAME]][0];

/** Return a name with its ecosystem, where that isn't conda. */
const fullName = ([name, ecosystem]) => (ecosystem === "conda" ? name : `${name} (PyPI)`);

/** Return a button that finds a package among all. */
function packageButton(number) {
  const one = packages[number];
  return button("go", () => findPackage(`${nameOf(number)} ==${one[VERSION]}`), text(`${fullName(names[one[NAME]])} ${one[VERSION]}`));
}

/** Return through whom a package comes into a target, in words. */
function throughWhom(target, number) {
  const { neededBy, asked, ofPip } = relationsOf(target);
  if (asked.has(number)) return soft("asked for");
  const told = (way) => `through ${way.slice(0, -1).map((one) => `${nameOf(one)} ${packages[one][VERSION]}`).join(" → ")}`;
  const way = wayTo(target, number, asked);
  if (way) return soft(told(way));
  const wayOfPip = wayTo(target, number, ofPip);
  if (wayOfPip) return soft(wayOfPip.length > 1 ? `${told(wayOfPip)}, which pip's lines need` : "pip's lines need it");
  return soft(neededBy.size && asked.size ? "nothing that was asked for leads to it" : "through whom isn't recorded");
}

function placeItem([place, target, number]) {
  const held = environments[place].targets[target];
  const where = environments[place].targets.length > 1 ? ` (${held.platform})` : "";
  return item(environmentButton(place), where, " ", throughWhom(held, number));
}

function versionPart(one, isOpen) {
  const builds = one.builds.map((number) => {
    const [, , build, source, size] = packages[number];
    return [build, page.sources[source], size === null ? "" : sizeText(size)].filter(Boolean).join(", ");
  });
  return fold(
    [text(one.version), soft(` ${many(one.count, "environment")}`)],
    () => [longList([...new Set(builds)], (words) => item(soft(words)), { first: 5 }), longList(one.places, placeItem, { first: 40 })],
    isOpen,
  );
}

function packagePart({ name, versions, count }, isOpen) {
  const few = versions.slice(0, 4).map((one) => `${one.version} ×${number(one.count)}`);
  if (versions.length > few.length) few.push(`and ${number(versions.length - few.length)} more`);
  return fold(
    [make("b", {}, text(fullName(names[name]))), soft(` ${many(count, "environment")}, ${many(versions.length, "version")}: ${few.join(", ")}`)],
    () => [longList(versions, (one) => versionPart(one, isOpen && versions.length === 1), { first: 50, host: make("div") })],
    isOpen,
  );
}

/** Return what fits a query: names, those of most environments first, each with the versions that fit. */
function findNames({ name: wanted, clauses }) {
  const { byName } = holders();
  const isExact = clauses.length > 0 && names.some(([name]) => name.toLowerCase() === wanted);
  const found = [];
  byName.forEach(({ environments: all }, name) => {
    const [word, ecosystem] = names[name];
    const lower = word.toLowerCase();
    if (!all || !(isExact ? lower === wanted : lower.includes(wanted))) return;
    const versions = clauses.length ? versionsOf(name).filter((one) => meets(ecosystem, one.version, clauses)) : null;
    if (versions?.length === 0) return;
    const count = versions ? new Set(versions.flatMap((one) => one.places.map(([place]) => place))).size : all;
    found.push({ name, versions, count, rank: lower === wanted ? 0 : 1 });
  });
  return found.sort((a, b) => a.rank - b.rank || b.count - a.count || (names[a.name][0] < names[b.name][0] ? -1 : 1));
}

const search = { input: null, redraw: null, typed: "" };

function noPackages() {
  if (wasLookedAt()) return "The records name no packages.";
  return isDone("lock") ? "No environment has a solution: there are no packages." : "No lockfile was read: locking does, and `--with check`.";
}

function packagesPanel() {
  if (!names.length) return [make("p", { textContent: noPackages() })];
  search.input = make("input", { type: "search", placeholder: "openssl <3.0.15, numpy 1.26, torch ( / )", spellcheck: false, value: search.typed });
  const count = make("p", { className: "soft", "aria-live": "polite" });
  const host = make("div");
  search.redraw = () => {
    search.typed = search.input.value;
    const query = readQuery(search.typed);
    const found = query.fault ? [] : findNames(query);
    const held = new Set(query.clauses.length ? found.flatMap((one) => one.versions.flatMap((v) => v.places.map(([place]) => place))) : []);
    count.textContent = query.fault || `${many(found.length, "package")}${query.clauses.length ? `, held by ${many(held.size, "environment")}` : ", those that most environments hold first"}`;
    const isOne = found.length === 1 && search.typed.trim() !== "";
    host.replaceChildren(longList(found, (one) => packagePart({ ...one, versions: one.versions ?? versionsOf(one.name) }, isOne), { first: 60, step: 300, host: make("div", { className: "names" }) }));
  };
  search.redraw();
  return [make("div", { className: "tools" }, tool("Find a name, or a name and versions", search.input, () => search.redraw())), count, host];
}

function findPackage(query) {
  showTab("packages");
  search.input.value = query;
  search.redraw();
  at("panels").scrollTop = 0;
  search.input.focus();
}
