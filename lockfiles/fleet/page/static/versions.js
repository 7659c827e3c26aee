// What is typed to find packages: a part of a name, or a name with versions (`openssl <3.0.15`, `numpy 1.26`).
// Versions are ordered as conda (https://docs.conda.io: VersionOrder) or PEP 440 orders them.

/** Compare two texts of digits as numbers, however long. */
function compareDigits(one, other) {
  const [a, b] = [one.replace(/^0+(?=\d)/, ""), other.replace(/^0+(?=\d)/, "")];
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** Compare lists part by part; what one lacks is `fill`. */
function compareLists(one, other, compare, fill) {
  for (let place = 0; place < Math.max(one.length, other.length); place += 1) {
    const sign = compare(one[place] ?? fill, other[place] ?? fill);
    if (sign) return sign;
  }
  return 0;
}

const isDigits = (part) => /^\d/.test(part);

/** Return conda's rank of a part's kind: dev, letters, numbers, post. */
function kindOf(part) {
  if (part === "dev") return 0;
  if (part === "post") return 3;
  return isDigits(part) ? 2 : 1;
}

function compareParts(one, other) {
  const kinds = kindOf(one) - kindOf(other);
  if (kinds) return kinds;
  return kindOf(one) === 2 ? compareDigits(one, other) : one < other ? -1 : Number(one > other);
}

/** Return segments of parts; one that begins with letters has a 0 before them. */
function segmentsOf(text) {
  return text.split(/[._-]/).filter(Boolean).map((segment) => {
    const parts = segment.match(/\d+|[^\d]+/g);
    return isDigits(parts[0]) ? parts : ["0", ...parts];
  });
}

function condaKey(text) {
  const [, epoch, release, local] = /^(?:(\d+)!)?([^+]*)(?:\+(.*))?$/.exec(text.toLowerCase());
  return { epoch: epoch ?? "0", release: segmentsOf(release), local: segmentsOf(local ?? "") };
}

function compareConda(one, other) {
  const [a, b] = [condaKey(one), condaKey(other)];
  const bySegment = (x, y) => compareLists(x, y, compareParts, "0");
  return (
    compareDigits(a.epoch, b.epoch)
    || compareLists(a.release, b.release, bySegment, ["0"])
    || compareLists(a.local, b.local, bySegment, ["0"])
  );
}

const PEP_440 = /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9._-]+))?$/;
const LETTERS = { alpha: "a", beta: "b", preview: "rc", pre: "rc", c: "rc" };

/** Return what a version is ordered by; null for what is none. */
function pypiKey(text) {
  const found = PEP_440.exec(text.trim().toLowerCase());
  if (!found) return null;
  const [, epoch, release, letter, pre, implicit, post, postNumber, dev, devNumber, local] = found;
  const hasPost = Boolean(implicit ?? post);
  const stage = letter ? LETTERS[letter] ?? letter : !hasPost && dev ? "" : "z"; // dev alone before a, no stage behind rc
  return {
    epoch: epoch ?? "0",
    release: release.split("."),
    stage,
    pre: pre || "0",
    post: hasPost ? implicit ?? (postNumber || "0") : null,
    dev: dev ? devNumber || "0" : null,
    local: local ? local.split(/[-_.]/) : null,
  };
}

/** Compare what may be missing; `missing` is the sign of the one that lacks it. */
function compareMaybe(one, other, missing, compare) {
  if (one === null || other === null) return one === other ? 0 : one === null ? missing : -missing;
  return compare(one, other);
}

/** Compare parts of local versions: numbers above letters, and what is missing below all. */
function compareLocal(one, other) {
  if (one === "" || other === "") return Number(one !== "") - Number(other !== "");
  if (isDigits(one) !== isDigits(other)) return isDigits(one) ? 1 : -1;
  return isDigits(one) ? compareDigits(one, other) : one < other ? -1 : Number(one > other);
}

function comparePypi(one, other) {
  const [a, b] = [pypiKey(one), pypiKey(other)];
  if (!a || !b) return NaN;
  return (
    compareDigits(a.epoch, b.epoch)
    || compareLists(a.release, b.release, compareDigits, "0")
    || (a.stage < b.stage ? -1 : Number(a.stage > b.stage))
    || compareDigits(a.pre, b.pre)
    || compareMaybe(a.post, b.post, -1, compareDigits)
    || compareMaybe(a.dev, b.dev, 1, compareDigits)
    || compareMaybe(a.local, b.local, -1, (x, y) => compareLists(x, y, compareLocal, ""))
  );
}

const compareVersions = (ecosystem) => (ecosystem === "conda" ? compareConda : comparePypi);

/** Tell whether a version begins with another one, part by part: 1.26.4 with 1.26, not with 1.2. */
function startsWith(version, wanted) {
  const begin = wanted.replace(/\.?\*$/, "");
  return version === begin || version.startsWith(`${begin}.`) || version.startsWith(`${begin}+`);
}

const TESTS = {
  "<": (sign) => sign < 0,
  "<=": (sign) => sign <= 0,
  ">": (sign) => sign > 0,
  ">=": (sign) => sign >= 0,
  "==": (sign) => sign === 0,
  "!=": (sign) => sign !== 0 && !Number.isNaN(sign),
};

/** Return what was typed as a name and clauses; `fault` in words where that can't be read. */
function readQuery(typed) {
  const [, name, rest] = /^\s*([^\s<>=!,~]*)\s*(.*?)\s*$/.exec(typed.toLowerCase());
  const clauses = rest.split(",").map((one) => one.trim()).filter(Boolean).map((one) => /^(<=|>=|==|!=|<|>|=)?\s*([^\s<>=!~]+)$/.exec(one));
  if (clauses.includes(null)) return { name, clauses: [], fault: `not understood: ${rest}` };
  return { name, clauses: clauses.map(([, sign, version]) => [sign ?? "=", version]), fault: "" };
}

/** Tell whether a version meets all clauses of what was typed. */
function meets(ecosystem, version, clauses) {
  return clauses.every(([sign, wanted]) => {
    if (sign === "=" || wanted.endsWith("*")) return startsWith(version, wanted) !== (sign === "!=");
    return TESTS[sign](compareVersions(ecosystem)(version, wanted));
  });
}
