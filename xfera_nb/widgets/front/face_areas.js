// A face to point at: an area names its Action Units, and picking one is told to Python.
function render({ model, el }) {
  el.classList.add("xf-areas");
  keepKeys(el);
  const size = model.get("size");
  const areas = model.get("areas");
  const face = el.appendChild(make("div", "xf-areas-face"));
  const svg = makeSvg(face, "svg", {
    viewBox: `0 0 ${size} ${size}`, role: "group",
    "aria-label": "A face at rest. Each area is a button that lists its Action Units.",
  });
  makeSvg(svg, "image", { href: model.get("picture"), width: size, height: size });
  face.appendChild(make("p", "xf-areas-quiet", "Point at a part of the face, or go there with Tab, arrow keys and Enter."));
  const list = el.appendChild(make("div", "xf-areas-list"));
  list.setAttribute("role", "region");
  const head = list.appendChild(make("h3"));
  const units = list.appendChild(make("ul"));

  const groups = new Map();
  let pointed = null; // the area under the pointer or the focus
  let listed = null;

  const pick = (area) => {
    if (model.get("area") === area.name) return;
    setTrait(model, "area", area.name);
  };
  areas.forEach((area) => {
    const group = makeSvg(svg, "g", { role: "button", "aria-label": area.label });
    area.outlines.forEach((outline) => {
      makeSvg(group, "polygon", { points: outline.map((point) => point.join(",")).join(" ") });
    });
    group.dataset.area = area.name;
    const point = () => {
      pointed = area.name;
      show();
    };
    const leave = () => {
      if (pointed === area.name) pointed = null;
      show();
    };
    group.addEventListener("pointerenter", point);
    group.addEventListener("pointerleave", leave);
    group.addEventListener("focus", point);
    group.addEventListener("blur", leave);
    group.addEventListener("click", () => pick(area));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      pick(area);
    });
    groups.set(area.name, group);
  });
  // One stop for Tab; arrow keys go down the face, whatever lies on top of what.
  const order = [...areas].sort((a, b) => top(a) - top(b)).map((area) => area.name);
  const buttons = order.map((name) => groups.get(name));
  svg.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (at < 0 || !step) return;
    event.preventDefault();
    buttons[(at + step + buttons.length) % buttons.length].focus();
  });

  const show = () => {
    const name = pointed ?? model.get("area");
    const area = areas.find((one) => one.name === name);
    groups.forEach((group, key) => {
      group.classList.toggle("pointed", key === pointed);
      group.classList.toggle("picked", key === model.get("area"));
      group.setAttribute("aria-pressed", String(key === model.get("area")));
    });
    setTabStop(buttons, Math.max(0, order.indexOf(name)));
    if (!area) return;
    if (listed !== name) {
      listed = name;
      head.textContent = name[0].toUpperCase() + name.slice(1);
      list.setAttribute("aria-label", `Action Units of the ${name}`);
      units.replaceChildren(...area.units.map((unit) => row(area, unit)));
    }
    units.querySelectorAll("button").forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.dataset.au) === model.get("au")));
    });
  };
  const row = (area, unit) => {
    const item = make("li");
    const act = () => {
      model.set("area", area.name);
      setTrait(model, "au", unit.au);
    };
    const button = item.appendChild(makeButton("", act));
    button.dataset.au = unit.au;
    button.append(
      make("b", "", `${unit.code} ${unit.name}`),
      make("span", "", unit.words),
      make("span", "xf-areas-quiet", unit.muscle),
    );
    return item;
  };
  show();
  return observe(model, { "area au": show });
}
const top = (area) => Math.min(...area.outlines.flat().map((point) => point[1]));
export default { render };
