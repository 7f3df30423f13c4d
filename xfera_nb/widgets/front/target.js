// The seven probabilities; the target class is chosen among them, the label below.
const percent = (value) => `${(100 * value).toFixed(1)}%`;
let groups = 0;

function render({ model, el }) {
  const group = `xf-class-${++groups}-${Math.random().toString(36).slice(2)}`;
  const terms = model.get("terms");
  el.classList.add("xf-classes");
  const field = el.appendChild(make("fieldset"));
  const legend = field.appendChild(make("legend", "", "Target class"));
  legend.title = terms.target;
  const { names } = model.get("facts");
  const rows = names.map((name) => {
    const label = field.appendChild(make("label"));
    const input = label.appendChild(make("input"));
    Object.assign(input, { type: "radio", name: group, value: name });
    const text = label.appendChild(make("span", "xf-c"));
    const track = label.appendChild(make("div", "xf-b"));
    track.setAttribute("aria-hidden", "true");
    const fill = track.appendChild(make("i"));
    const before = track.appendChild(make("u"));
    const share = label.appendChild(make("span", "xf-n"));
    input.addEventListener("change", () => setTrait(model, "target", name));
    return { label, input, text, fill, before, share };
  });
  const line = el.appendChild(make("label", "xf-true", "Label "));
  line.title = terms.true;
  const options = [["", "no label"], ...names.map((name) => [name, name])];
  const select = line.appendChild(makeSelect(options, (name) => setTrait(model, "true_emotion", name)));
  const difference = line.appendChild(make("span", "xf-q"));
  keepKeys(el);

  const update = () => {
    const facts = model.get("facts");
    const share = (name) => facts.probabilities[names.indexOf(name)];
    rows.forEach((row, i) => {
      const marks = [];
      if (names[i] === facts.predicted) marks.push(["predicted", terms.predicted]);
      if (names[i] === facts.true) marks.push(["label", terms.true]);
      row.text.replaceChildren(
        make("span", "xf-name", names[i]),
        ...marks.map(([text, words]) => {
          const tag = make("span", "xf-mini", text);
          tag.title = words;
          return tag;
        }),
      );
      row.input.checked = names[i] === facts.target;
      row.label.classList.toggle("on", row.input.checked);
      const value = facts.probabilities[i];
      row.fill.style.width = percent(value || 0);
      row.fill.className = names[i] === facts.predicted ? "on" : "";
      const before = facts.before && facts.before[i];
      row.before.hidden = typeof before !== "number";
      row.before.style.left = percent(before || 0);
      row.share.title = row.before.hidden ? terms.probability : `${percent(before)} with the whole face`;
      row.share.textContent = value === null ? "no class" : percent(value);
    });
    select.value = facts.true ?? "";
    const points = facts.true ? 100 * (share(facts.predicted) - share(facts.true)) : 0;
    difference.textContent = !facts.true
      ? ""
      : facts.true === facts.predicted
        ? "the model agrees"
        : share(facts.true) === null
          ? "the model has no such class"
          : `${points.toFixed(1)} points behind`;
    difference.title = facts.true && facts.true !== facts.predicted ? "Prediction minus label" : "";
  };
  update();
  return observe(model, { facts: update });
}
export default { render };
