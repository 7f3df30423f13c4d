// Two faces with their maps, the shared sliders, and a row for each Action Unit. Draws what Python
// said; nothing is worked out here.
const SVG = "http://www.w3.org/2000/svg";
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const draw = (parent, tag, attributes) => {
  const node = parent.appendChild(document.createElementNS(SVG, tag));
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  return node;
};
const WHOLE = { x: -0.5, y: -0.5, width: 224, height: 224, preserveAspectRatio: "none" };
const known = (value) => (value === null ? "not measurable" : value.toFixed(2));
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

function panel(parent, letter) {
  const figure = parent.appendChild(make("figure"));
  const svg = draw(figure, "svg", { viewBox: "-0.5 -0.5 224 224", role: "img" });
  const face = draw(svg, "image", WHOLE);
  const heat = draw(svg, "image", WHOLE);
  const edge = draw(svg, "path", { class: "xc-edge" });
  const line = draw(svg, "path", { class: "xc-line" });
  const marks = draw(svg, "g", {});
  const caption = figure.appendChild(make("figcaption"));
  const head = caption.appendChild(make("b"));
  const told = caption.appendChild(make("span", "xf-q"));
  let points = [];
  let side = null;
  return {
    fixed(given) {
      side = given;
      face.setAttribute("href", given.face);
      heat.setAttribute("href", given.heat);
      marks.replaceChildren();
      points = given.x.map((x, i) => {
        const y = given.y[i];
        const ring = draw(marks, "circle", { cx: x, cy: y, r: 4.4, class: "xc-ring" });
        const hot = draw(marks, "circle", { cx: x, cy: y, r: 2.4, class: "xc-hot" });
        const cold = draw(marks, "rect", {
          x: x - 1.8, y: y - 1.8, width: 3.6, height: 3.6, class: "xc-cold",
        });
        return { ring, hot, cold };
      });
      head.textContent = `${letter}: ${given.answer}`;
    },
    now(given) {
      [edge, line].forEach((path) => path.setAttribute("d", given.outline));
      points.forEach((point, i) => {
        const on = given.hot[i] === "1";
        point.hot.style.display = on ? "" : "none";
        point.cold.style.display = on ? "none" : "";
        point.ring.style.display = given.only[i] === "1" ? "" : "none";
      });
      const count = (digits) => [...digits].filter((digit) => digit === "1").length;
      const words =
        `${count(given.hot)} of 68 landmarks hot, ${count(given.only)} of them in ${letter} alone`;
      const about = side.name === letter ? "" : `${side.name} · `;
      told.textContent = ` ${about}${side.title}, k ${given.k} · ${words} (ringed)`;
      svg.setAttribute("aria-label", `${letter}: the face with its map, ${words}`);
    },
  };
}

function render({ model, el }) {
  el.classList.add("xc-view");
  const faces = el.appendChild(make("div", "xc-faces"));
  const panels = ["A", "B"].map((letter) => panel(faces, letter));

  const bar = el.appendChild(make("div", "xc-sliders"));
  const which = bar.appendChild(make("label", "xc-which", "Sliders move "));
  const select = which.appendChild(make("select"));
  model.get("choices").forEach((name) => {
    const words = name === "both" ? "both" : `${name} alone`;
    select.appendChild(make("option", "", words)).value = name;
  });
  select.addEventListener("change", () => {
    model.set("moves", select.value);
    model.save_changes();
  });
  const inputs = model.get("sliders").map(([trait, label, low, high, step, help]) => {
    const line = bar.appendChild(make("label", "xc-slider"));
    line.appendChild(make("span", "", label));
    const input = line.appendChild(make("input"));
    Object.assign(input, { type: "range", min: low, max: high, step, title: help });
    input.setAttribute("aria-label", label); // without the number that stands in the label too
    const shown = line.appendChild(make("output", "xf-n"));
    input.addEventListener("input", () => {
      shown.textContent = Number(input.value).toFixed(2);
      model.set(trait, Number(input.value));
      model.save_changes();
    });
    return { trait, input, shown };
  });
  // Lab would take the arrows for its own.
  el.addEventListener("keydown", (event) => event.stopPropagation());

  const said = el.appendChild(make("ul", "xc-said"));
  said.setAttribute("aria-live", "polite");
  const table = el.appendChild(make("table", "xc-table"));
  const heads = table.createTHead().insertRow();
  ["Action Unit", "Intensity A", "B", "B − A", "Hot in A", "in B", "Active"].forEach((text) => {
    heads.appendChild(make("th", "", text)).scope = "col";
  });
  const body = table.createTBody();
  let rows = [];

  const numbers = () => {
    select.value = model.get("moves");
    inputs.forEach(({ trait, input, shown }) => {
      const value = model.get(trait);
      input.min = Math.min(input.min, value);
      input.max = Math.max(input.max, value);
      input.value = value;
      shown.textContent = value.toFixed(2);
    });
  };
  const now = () => {
    const given = model.get("now");
    given.sides.forEach((side, i) => panels[i].now(side));
    said.replaceChildren(...given.said.map((sentence) => make("li", "", sentence)));
    rows.forEach(({ row, hot, active, total }, i) => {
      const [, hotA, , hotB, where, clear] = given.rows[i];
      hot[0].textContent = `${hotA} of ${total}`;
      hot[1].textContent = `${hotB} of ${total}`;
      const marks = { both: "✓ both", "only A": "◀ only A", "only B": "only B ▶", neither: "–" };
      active.textContent = marks[where];
      row.className = where.startsWith("only") ? "xc-differs" : "";
      row.hidden = !clear;
    });
  };
  const fixed = () => {
    const given = model.get("fixed");
    given.sides.forEach((side, i) => panels[i].fixed(side));
    body.replaceChildren();
    rows = given.rows.map(([code, name, words, a, b, total]) => {
      const row = body.insertRow();
      const head = row.appendChild(make("th", "", `${code} ${name}`));
      head.scope = "row";
      head.title = words;
      const apart = a === null || b === null ? "unknown" : signed(b - a);
      [known(a), known(b), apart].forEach((text) => row.appendChild(make("td", "xf-n", text)));
      const hot = [0, 1].map(() => row.appendChild(make("td", "xf-n")));
      return { row, hot, active: row.appendChild(make("td")), total };
    });
    now();
  };

  // A new face brings both: its points come first.
  const follow = { fixed, now, moves: numbers };
  inputs.forEach(({ trait }) => (follow[trait] = numbers));
  Object.entries(follow).forEach(([name, act]) => model.on(`change:${name}`, act));
  fixed();
  numbers();
  return () => Object.entries(follow).forEach(([name, act]) => model.off(`change:${name}`, act));
}
export default { render };
