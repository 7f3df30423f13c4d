// DOM helpers that every module of the front end starts with; `shared/front.py` puts them there.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const makeSvg = (parent, tag, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  if (text !== undefined) node.textContent = text;
  return parent ? parent.appendChild(node) : node;
};
// A button; `label` is its accessible name where that is not its text.
const makeButton = (text, act, label, className) => {
  const button = make("button", className, text);
  button.type = "button";
  if (label) {
    button.setAttribute("aria-label", label);
    button.title = label;
  }
  button.addEventListener("click", act);
  return button;
};
const makeSelect = (options, act) => {
  const select = make("select");
  fillSelect(select, options);
  select.addEventListener("change", () => act(select.value));
  return select;
};
const fillSelect = (select, options) =>
  select.replaceChildren(
    ...options.map(([value, text]) => {
      const option = make("option", "", text);
      option.value = value;
      return option;
    }),
  );
const makeTable = (titles, className, rows = []) => {
  const table = make("table", className);
  const line = table.createTHead().insertRow();
  titles.forEach((text) => {
    line.appendChild(make("th", "", text)).scope = "col";
  });
  table.createTBody().append(...rows);
  return table;
};
const makeRowHead = (row, text, className) => {
  const head = row.appendChild(make("th", className, text));
  head.scope = "row";
  return head;
};
// Tabs in a list of pairs of name and text; `choose` takes a name, the result marks the chosen one.
const addTabs = (parent, label, pairs, choose) => {
  const list = parent.appendChild(make("div"));
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", label);
  const buttons = pairs.map(([name, text]) => {
    const button = list.appendChild(makeButton(text, () => choose(name)));
    button.setAttribute("role", "tab");
    return button;
  });
  list.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: buttons.length - 1 - at }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    const to = (at + step + buttons.length) % buttons.length;
    buttons[to].focus();
    choose(pairs[to][0]);
  });
  keepKeys(list);
  const show = (chosen) => {
    const current = Math.max(0, pairs.findIndex(([name]) => name === chosen));
    buttons.forEach((button, i) => button.setAttribute("aria-selected", String(i === current)));
    setTabStop(buttons, current);
  };
  return { list, buttons, show };
};
const setTrait = (model, name, value) => {
  model.set(name, value);
  model.save_changes();
};
// Observe traits (or "msg:custom") by name; the result ends it.
const observe = (model, acts) => {
  const events = Object.entries(acts).map(([names, act]) => [
    names.split(" ").map((name) => (name.includes(":") ? name : `change:${name}`)).join(" "),
    act,
  ]);
  events.forEach(([event, act]) => model.on(event, act));
  return () => events.forEach(([event, act]) => model.off(event, act));
};
// JupyterLab would take the keys for its own shortcuts.
const keepKeys = (node) => node.addEventListener("keydown", (event) => event.stopPropagation());
// Only the current one of several buttons is reached by Tab.
const setTabStop = (buttons, current) =>
  buttons.forEach((button, i) => {
    button.tabIndex = i === current ? 0 : -1;
  });
