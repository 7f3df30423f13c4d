// The seven probabilities; the class to explain is chosen among them, the true class below.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const UNKNOWN = "no class";
const percent = (value) => `${Math.round(100 * value)}%`;
let groups = 0;

function render({ model, el }) {
  const group = `xf-class-${++groups}-${Math.random().toString(36).slice(2)}`;
  el.classList.add("xf-classes");
  const head = el.appendChild(make("div", "xf-head2"));
  const field = el.appendChild(make("fieldset"));
  field.appendChild(make("legend", "xf-q", "Class that is explained"));
  const { names } = model.get("facts");
  const rows = names.map((name) => {
    const label = field.appendChild(make("label"));
    const input = label.appendChild(make("input"));
    input.type = "radio";
    input.name = group;
    input.value = name;
    const text = label.appendChild(make("span", "xf-c", name));
    const track = label.appendChild(make("div", "xf-b"));
    track.setAttribute("aria-hidden", "true");
    const fill = track.appendChild(make("i"));
    const share = label.appendChild(make("span", "xf-n"));
    input.addEventListener("change", () => {
      model.set("chosen", name);
      model.save_changes();
    });
    return { label, input, text, fill, share };
  });
  const line = el.appendChild(make("label", "xf-true", "True class "));
  const select = line.appendChild(make("select"));
  ["", ...names].forEach((name) => {
    select.appendChild(make("option", "", name || "not known")).value = name;
  });
  const difference = line.appendChild(make("span", "xf-q"));
  select.addEventListener("change", () => {
    model.set("truth", select.value);
    model.save_changes();
  });
  // Lab would take the arrows for its own.
  el.addEventListener("keydown", (event) => event.stopPropagation());

  const update = () => {
    const facts = model.get("facts");
    const share = (name) => facts.probabilities[names.indexOf(name)];
    head.replaceChildren(
      make("b", "", facts.predicted),
      make("span", "", ` ${facts.level} confidence, ${percent(share(facts.predicted))}`),
      make("span", "xf-q", ` · next ${facts.next}, ${percent(share(facts.next))}`),
    );
    rows.forEach((row, i) => {
      const marks = [];
      if (names[i] === facts.predicted) marks.push("predicted");
      if (names[i] === facts.true) marks.push("true");
      row.text.textContent = names[i];
      if (marks.length) row.text.appendChild(make("span", "xf-q", ` ${marks.join(", ")}`));
      row.input.checked = names[i] === facts.explained;
      row.label.classList.toggle("on", row.input.checked);
      row.fill.style.width = percent(facts.probabilities[i]);
      row.fill.className = names[i] === facts.predicted ? "on" : "";
      const value = facts.probabilities[i];
      row.share.textContent = value === null ? UNKNOWN : `${(100 * value).toFixed(1)}%`;
    });
    select.value = facts.true ?? "";
    const points = facts.true ? 100 * (share(facts.predicted) - share(facts.true)) : 0;
    difference.textContent = !facts.true
      ? ""
      : facts.true === facts.predicted
        ? " the model agrees"
        : share(facts.true) === null
          ? " the model has no such class"
          : ` predicted minus true: ${points.toFixed(1)} points`;
  };
  update();
  model.on("change:facts", update);
}
export default { render };
