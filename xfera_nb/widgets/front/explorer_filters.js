// Filters as chips with counts, those that are set first, and the order; what is chosen goes to
// Python as it is.

function render({ model, el }) {
  el.classList.add("xf-filters");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", "Filters and order");
  keepKeys(el);
  const choose = (name, value) => model.send({ set: { [name]: value } });
  const bar = el.appendChild(make("div", "xf-set"));
  const frequent = el.appendChild(make("div"));
  const order = el.appendChild(make("div", "xf-order"));
  const fold = el.appendChild(make("details", "xf-more"));
  const more = fold.appendChild(make("summary", "", "More filters"));
  const folded = fold.appendChild(make("div"));

  const chip = (text, act, label, key) => {
    const button = makeButton(text, act, label, "xf-chip");
    button.dataset.key = key;
    return button;
  };
  const drawSet = () => {
    const status = make("b", "", model.get("status"));
    status.setAttribute("role", "status");
    const chosen = model.get("chosen").map(({ name, text }) => {
      const remove = () => choose(name, name === "margin_high" ? "1" : name === "margin_low" ? "0" : "");
      const button = chip(`${text} ×`, remove, `Remove the filter ${text}`, `set ${name}`);
      button.classList.add("on");
      return button;
    });
    const clear = makeButton("Clear filters", () => model.send({ do: "clear" }), "", "xf-link");
    clear.dataset.key = "clear";
    clear.hidden = !chosen.length;
    bar.replaceChildren(status, ...chosen, clear);
  };
  const field = ({ name, title, chips, rest, waits }) => {
    const line = make("div", "xf-field");
    line.setAttribute("role", "group");
    line.setAttribute("aria-label", title);
    line.append(make("span", "xf-field-name", title));
    const list = line.appendChild(make("div", "xf-chips"));
    chips.forEach(({ value, text, count, on, title: about }) => {
      const number = count.toLocaleString("en");
      const label = `${title}: ${text}, ${number} photo${count === 1 ? "" : "s"}`;
      const button = chip("", () => choose(name, on ? "" : value), label, `${name} ${value}`);
      button.append(text, make("span", "xf-n", number));
      button.setAttribute("aria-pressed", String(on));
      button.classList.toggle("on", on);
      button.classList.toggle("none", !count);
      if (about) button.title = about;
      list.append(button);
    });
    if (rest.length) {
      const menu = makeSelect([["", `${rest.length} more …`], ...rest], (value) => choose(name, value));
      menu.setAttribute("aria-label", `${title}: less frequent values`);
      menu.dataset.key = `${name} rest`;
      list.append(menu);
    }
    if (waits) list.append(make("span", "xf-q", "counting …"));
    if (!waits && !chips.length) list.append(make("span", "xf-q", "none"));
    return line;
  };
  const drawFields = () => {
    const fields = model.get("filters");
    frequent.replaceChildren(...fields.filter((f) => !f.folded).map(field));
    folded.replaceChildren(...fields.filter((f) => f.folded).map(field), margins, adopt, about);
  };

  const labelled = (parent, text, node) => {
    const label = parent.appendChild(make("label"));
    node.setAttribute("aria-label", text); // a menu's own words would count as its name, too
    label.append(make("span", "", text), node);
    return node;
  };
  const margins = make("div", "xf-order");
  const [low, high] = ["Margin ≥", "Margin ≤"].map((text, i) => {
    const node = labelled(margins, text, make("input"));
    Object.assign(node, { type: "number", min: 0, max: 1, step: 0.05 });
    const name = i ? "margin_high" : "margin_low";
    node.addEventListener("change", () => choose(name, node.valueAsNumber));
    return node;
  });
  const sort = labelled(
    order,
    "Sort by",
    makeSelect(model.get("sorts"), (value) => choose("sort", value)),
  );
  const descending = labelled(
    order,
    "Order",
    makeSelect([["1", "descending"], ["0", "ascending"]], (value) => choose("descending", value)),
  );
  const takeParams = () => model.send({ do: "take_params" });
  const adopt = makeButton("Take the Explainer's parameters", takeParams);
  const about = make("p", "xf-q");

  const drawValues = () => {
    const values = model.get("values");
    sort.value = values.sort;
    descending.value = values.descending;
    low.value = String(values.margin_low);
    high.value = String(values.margin_high);
    adopt.hidden = !model.get("explaining");
    about.textContent = model.get("about");
    const set = new Set(model.get("chosen").map(({ name }) => name));
    const hidden = model.get("filters").filter((f) => f.folded && set.has(f.name)).length;
    more.textContent = hidden ? `More filters (${hidden} set)` : "More filters";
  };
  const update = () => {
    const key = el.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    drawSet();
    drawFields();
    drawValues();
    if (!key) return;
    const again = [...el.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
    // A filter that was removed by its chip is gone: stay in the line.
    (again && !again.hidden ? again : bar.querySelector("button:not([hidden])") || sort).focus();
  };
  update();
  // A message says that a value was refused.
  return observe(model, { "filters chosen values status explaining about msg:custom": update });
}
export default { render };
