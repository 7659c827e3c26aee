"use strict";
// What the element `data` holds, and what is asked of it again and again. Values that are missing are the
// defaults of the page's model. Nothing here touches an element but that one.

const page = JSON.parse(document.getElementById("data").textContent);
const environments = (page.environments ?? []).map((one) => ({ targets: [], causes: [], reasons: [], ...one }));
const causes = page.causes ?? [];
const findings = page.findings ?? [];
const images = page.images ?? [];
const notices = page.notices ?? [];
const names = page.names ?? [];
const packages = page.packages ?? [];
const remarks = page.remarks ?? [];
const [NAME, VERSION, BUILD, SOURCE, SIZE, NEEDS] = [0, 1, 2, 3, 4, 5];
const OUT_OF_DATE = ["missing", "not fresh", "would be made", "would change"];
const isDone = (work) => page.work.includes(work);
/** Whether there is an environment whose packages are known, or are known to be none. */
const wasLookedAt = () => environments.some((one) => one.targets.length);
const RANKS = ["error", "warning", "note"];

/** Return a function's answers remembered by its argument, or its one answer. */
function remembered(find) {
  const known = new Map();
  return (key) => {
    if (!known.has(key)) known.set(key, find(key));
    return known.get(key);
  };
}

/** Return the numbers of a list's packages, which stands as the first one and steps. */
const listOf = remembered((held) => {
  let at = 0;
  return page.lists[held].map((step) => (at += step));
});

const packagesOf = (target) => (target.held === undefined || target.held === null ? [] : listOf(target.held));

/** The platform of an environment that has the most packages: what its row says. */
function largest(environment) {
  return environment.targets.reduce((best, one) => ((one.count ?? 0) > (best?.count ?? -1) ? one : best), null);
}

/** Environment -> how many errors, warnings and notes are found there. */
const countsOf = remembered(() => {
  const found = environments.map(() => ({ error: 0, warning: 0, note: 0 }));
  for (const rule of findings) {
    for (const message of rule.messages) {
      for (const number of message.environments) found[number][rule.severity] += 1;
    }
  }
  return found;
});

/** Name -> who holds it: for each of its builds pairs of environment and target, in the fleet's order. */
const holders = remembered(() => {
  const builds = packages.map(() => []);
  const byName = names.map(() => ({ builds: [], environments: 0 }));
  packages.forEach((one, number) => byName[one[NAME]].builds.push(number));
  const last = new Int32Array(names.length).fill(-1);
  environments.forEach((environment, at) => {
    environment.targets.forEach((target, place) => {
      for (const number of packagesOf(target)) {
        builds[number].push([at, place]);
        const name = packages[number][NAME];
        if (last[name] !== at) byName[name].environments += 1;
        last[name] = at;
      }
    });
  });
  return { builds, byName };
});

/** Return versions of a name, the newest first: each with its builds and the places that hold it. */
const versionsOf = remembered((name) => {
  const found = new Map();
  for (const number of holders().byName[name].builds) {
    const version = packages[number][VERSION];
    if (!found.has(version)) found.set(version, { version, builds: [], places: [] });
    const one = found.get(version);
    one.builds.push(number);
    one.places.push(...holders().builds[number].map(([at, place]) => [at, place, number]));
  }
  for (const one of found.values()) one.places.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return [...found.values()].map((one) => ({ ...one, count: new Set(one.places.map(([at]) => at)).size }));
});

/** Return a target's packages by name, and who in it needs each name. */
const relationsOf = remembered((target) => {
  const held = packagesOf(target);
  const neededBy = new Map();
  for (const number of held) {
    for (const name of packages[number][NEEDS]) {
      if (!neededBy.has(name)) neededBy.set(name, []);
      neededBy.get(name).push(number);
    }
  }
  const asked = new Set(target.asked ?? []);
  const nameOf = (number) => names[packages[number][NAME]];
  const hasPip = [...asked].some((number) => nameOf(number)[1] === "pypi");
  const ofPip = held.filter((number) => nameOf(number)[1] === "conda" && ["python", "pip"].includes(nameOf(number)[0]));
  return { neededBy, asked, ofPip: new Set(hasPip ? ofPip : []) };
});

/**
 * Return a shortest way of packages from one of these to a package; null where nothing leads to it.
 * Breadth first, against the needs.
 */
function wayTo(target, number, asked) {
  const { neededBy } = relationsOf(target);
  const below = new Map([[number, null]]);
  for (const at of below.keys()) { // a Map gives what is put in while it is gone through
    if (asked.has(at)) {
      const way = [];
      for (let step = at; step !== null; step = below.get(step)) way.push(step);
      return way;
    }
    for (const other of neededBy.get(packages[at][NAME]) ?? []) {
      if (!below.has(other)) below.set(other, at);
    }
  }
  return null;
}

function sizeText(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

function secondsText(seconds) {
  if (seconds >= 90) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return seconds >= 10 ? `${seconds.toFixed(0)} s` : `${seconds.toFixed(2)} s`;
}

/** Return what is known of a target's size; archives of unknown size are counted. */
function targetSize(target) {
  const known = (target.count ?? 0) - (target.unknown ?? 0);
  if (!known) return target.count ? "unknown" : "";
  return `${sizeText(target.size ?? 0)}${target.unknown ? ` and ${target.unknown} unknown` : ""}`;
}

const number = (value) => value.toLocaleString("en");
const many = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;
