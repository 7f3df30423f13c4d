// Filters and order: native fields, each with its label; what is chosen goes to Python as it is.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

function render({ model, el }) {
  el.classList.add("xf-filters");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", "Filters and order");
  el.addEventListener("keydown", (event) => event.stopPropagation());
  const show = {};
  const choose = (name, value) => model.send({ set: { [name]: value } });
  const labelled = (text, field, className = "") => {
    const label = el.appendChild(make("label", className));
    field.setAttribute("aria-label", text); // a menu's own words would count as its name, too
    label.append(make("span", "", text), field);
  };
  const MAKE = {
    select: ({ name, label, options }) => {
      const field = make("select");
      options.forEach(([value, text]) => {
        field.appendChild(make("option", "", text)).value = value;
      });
      field.addEventListener("change", () => choose(name, field.value));
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
  const act = (text, what) => {
    const button = buttons.appendChild(make("button", "", text));
    button.type = "button";
    button.addEventListener("click", () => model.send({ do: what }));
    return button;
  };
  act("Clear filters", "clear");
  const adopt = act("Take the Explainer's parameters", "adopt");
  const about = el.appendChild(make("p", "xf-q"));
  const update = () => {
    Object.entries(model.get("values")).forEach(([name, value]) => show[name]?.(value));
    adopt.hidden = !model.get("explaining");
    about.textContent = model.get("about");
  };
  update();
  model.on("change:values change:explaining change:about", update);
  model.on("msg:custom", update); // a value was refused
}
export default { render };
