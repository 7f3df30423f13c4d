// The seven probabilities; the target class is chosen among them, the true class below.
const percent = (value) => `${Math.round(100 * value)}%`;
let groups = 0;

function render({ model, el }) {
  const group = `xf-class-${++groups}-${Math.random().toString(36).slice(2)}`;
  el.classList.add("xf-classes");
  const head = el.appendChild(make("div", "xf-head2"));
  const field = el.appendChild(make("fieldset"));
  field.appendChild(make("legend", "xf-q", "Target class"));
  const { names } = model.get("facts");
  const rows = names.map((name) => {
    const label = field.appendChild(make("label"));
    const input = label.appendChild(make("input"));
    Object.assign(input, { type: "radio", name: group, value: name });
    const text = label.appendChild(make("span", "xf-c", name));
    const track = label.appendChild(make("div", "xf-b"));
    track.setAttribute("aria-hidden", "true");
    const fill = track.appendChild(make("i"));
    const before = track.appendChild(make("u"));
    const share = label.appendChild(make("span", "xf-n"));
    input.addEventListener("change", () => setTrait(model, "target", name));
    return { label, input, text, fill, before, share };
  });
  const change = el.appendChild(make("p", "xf-change"));
  change.setAttribute("role", "status");
  const line = el.appendChild(make("label", "xf-true", "True class "));
  const options = [["", "not known"], ...names.map((name) => [name, name])];
  const select = line.appendChild(makeSelect(options, (name) => setTrait(model, "true_emotion", name)));
  const difference = line.appendChild(make("span", "xf-q"));
  keepKeys(el);

  const update = () => {
    const facts = model.get("facts");
    const share = (name) => facts.probabilities[names.indexOf(name)];
    const level = make(
      "span", "", ` ${facts.level} confidence, ${percent(share(facts.predicted))}`,
    );
    level.title = facts.levels;
    head.replaceChildren(
      make("span", "xf-q", "Predicted emotion "),
      make("b", "", facts.predicted),
      level,
      make("span", "xf-q", ` · next ${facts.next}, ${percent(share(facts.next))}`),
    );
    rows.forEach((row, i) => {
      const marks = [];
      if (names[i] === facts.predicted) marks.push("predicted");
      if (names[i] === facts.true) marks.push("true");
      row.text.textContent = names[i];
      if (marks.length) row.text.appendChild(make("span", "xf-q", ` ${marks.join(", ")}`));
      row.input.checked = names[i] === facts.target;
      row.label.classList.toggle("on", row.input.checked);
      row.fill.style.width = percent(facts.probabilities[i]);
      row.fill.className = names[i] === facts.predicted ? "on" : "";
      const value = facts.probabilities[i];
      const before = facts.before && facts.before[i];
      row.before.hidden = typeof before !== "number";
      row.before.style.left = percent(before || 0);
      row.share.title = row.before.hidden ? "" : `${(100 * before).toFixed(1)}% with the whole face`;
      row.share.textContent = value === null ? "no class" : `${(100 * value).toFixed(1)}%`;
    });
    change.textContent = facts.change;
    change.hidden = !facts.change;
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
  return observe(model, { facts: update });
}
export default { render };
