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
