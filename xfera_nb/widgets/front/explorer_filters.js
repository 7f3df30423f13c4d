// Filters and order: native fields, each with its label; what is chosen goes to Python as it is.

function render({ model, el }) {
  el.classList.add("xf-filters");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", "Filters and order");
  keepKeys(el);
  const show = {};
  const choose = (name, value) => model.send({ set: { [name]: value } });
  const labelled = (text, field, className = "") => {
    const label = el.appendChild(make("label", className));
    field.setAttribute("aria-label", text); // a menu's own words would count as its name, too
    label.append(make("span", "", text), field);
  };
  const MAKE = {
    select: ({ name, label, options }) => {
      const field = makeSelect(options, (value) => choose(name, value));
      labelled(label, field);
      show[name] = (value) => {
        field.value = value;
        field.classList.toggle("on", field.selectedIndex > 0 && name !== "sort");
      };
    },
    number: ({ name, label }) => {
      const field = make("input");
      Object.assign(field, { type: "number", min: 0, max: 1, step: 0.05 });
      field.addEventListener("change", () => choose(name, field.valueAsNumber));
      labelled(label, field);
      show[name] = (value) => {
        field.value = String(value);
      };
    },
    check: ({ name, label }) => {
      const field = make("input");
      field.type = "checkbox";
      field.addEventListener("change", () => choose(name, field.checked));
      labelled(label, field, "xf-check");
      show[name] = (value) => {
        field.checked = value;
      };
    },
  };
  model.get("fields").forEach((field) => MAKE[field.kind](field));
  const buttons = el.appendChild(make("div", "xf-buttons"));
  buttons.appendChild(makeButton("Clear filters", () => model.send({ do: "clear" })));
  const takeParams = () => model.send({ do: "take_params" });
  const adopt = buttons.appendChild(makeButton("Take the Explainer's parameters", takeParams));
  const about = el.appendChild(make("p", "xf-q"));
  const update = () => {
    Object.entries(model.get("values")).forEach(([name, value]) => show[name]?.(value));
    adopt.hidden = !model.get("explaining");
    about.textContent = model.get("about");
  };
  update();
  // A message says that a value was refused.
  return observe(model, { "values explaining about msg:custom": update });
}
export default { render };
