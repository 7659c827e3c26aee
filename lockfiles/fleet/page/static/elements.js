// Elements, which are given text; no text ever becomes markup.

const at = (id) => document.getElementById(id);

/** Return a new element with properties, and children that are elements or texts. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const text = (value, tag = "span") => make(tag, { className: "text", textContent: value });
/** Return a path, which is broken behind its slashes where it must be. */
const pathText = (value) => make("span", { className: "text" }, ...value.split(/(?<=\/)/).flatMap((part) => [part, make("wbr")]));
const soft = (value) => make("span", { className: "soft text", textContent: value });

function button(className, act, ...children) {
  const made = make("button", { type: "button", className }, ...children);
  made.addEventListener("click", act);
  return made;
}

const SIGNS = { error: "✗", warning: "!", note: "i", good: "✓" };

/** Return a word with a sign before it: what it means is told by both, never by its colour alone. */
function marked(kind, word) {
  return make("span", { className: kind }, make("span", { className: "sign", "aria-hidden": "true", textContent: SIGNS[kind] ?? "" }), " ", text(word));
}

/** Return something folded whose inside is made when it is first opened. */
function fold(summary, makeBody, isOpen = false) {
  const folded = make("details", {}, make("summary", {}, ...summary));
  const fill = () => {
    if (!folded.open || folded.childElementCount > 1) return;
    folded.append(make("div", { className: "body" }, ...makeBody()));
  };
  folded.addEventListener("toggle", fill);
  if (isOpen) {
    folded.open = true;
    fill();
  }
  return folded;
}

/**
 * Return a host that shows the first items, and more when they are asked for; `host` is what items go into.
 * Printing shows up to MOST_PRINTED of them.
 */
const MOST_PRINTED = 5000;
function longList(items, makeItem, { first = 100, step = 500, host = make("ul", { className: "list" }) } = {}) {
  const more = button("plain more", () => show(step));
  const whole = make("div", { className: "long" }, host, more);
  let shown = 0;
  function show(count) {
    const until = Math.min(items.length, shown + count);
    host.append(...items.slice(shown, until).map(makeItem));
    shown = until;
    more.hidden = shown === items.length;
    more.textContent = `Show ${number(Math.min(step, items.length - shown))} more of ${number(items.length)}`;
  }
  whole.showAll = () => show(MOST_PRINTED - shown);
  show(first);
  return whole;
}

const item = (...children) => make("li", {}, ...children);

/** Return a button that shows an environment beside the list. */
function environmentButton(place) {
  return button("go", (event) => showEnvironment(place, event.currentTarget), pathText(environments[place].file));
}

const environmentList = (places) => longList(places, (place) => item(environmentButton(place)));

/** Return a heading with what stands below it; nothing where that is nothing. */
function section(title, children, tag = "h2") {
  return children.length ? make("section", {}, make(tag, { textContent: title }), ...children) : null;
}

/** Return an input with its words, in a row of tools. */
function tool(word, element, act, event = "input") {
  element.addEventListener(event, act);
  return make("label", {}, word, element);
}

/** Return a choice of values; the first one is `all`. */
function choice(all, values) {
  return make("select", {}, make("option", { value: "", textContent: all }), ...values.map((value) => make("option", { value, textContent: value })));
}
