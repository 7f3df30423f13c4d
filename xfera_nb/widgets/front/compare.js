// Two faces with their maps, the shared sliders, and a row for each Action Unit. Draws what Python
// said; nothing is computed here.
const WHOLE = { x: -0.5, y: -0.5, width: 224, height: 224, preserveAspectRatio: "none" };
const known = (value) => (value === null ? "not measurable" : value.toFixed(2));
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

function panel(parent, letter) {
  const figure = parent.appendChild(make("figure"));
  const svg = makeSvg(figure, "svg", { viewBox: "-0.5 -0.5 224 224", role: "img" });
  const face = makeSvg(svg, "image", WHOLE);
  const heat = makeSvg(svg, "image", WHOLE);
  const edge = makeSvg(svg, "path", { class: "xc-edge" });
  const line = makeSvg(svg, "path", { class: "xc-line" });
  const marks = makeSvg(svg, "g", {});
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
        const ring = makeSvg(marks, "circle", { cx: x, cy: y, r: 4.4, class: "xc-ring" });
        const inside = makeSvg(marks, "circle", { cx: x, cy: y, r: 2.4, class: "xc-salient" });
        const outside = makeSvg(marks, "rect", {
          x: x - 1.8, y: y - 1.8, width: 3.6, height: 3.6, class: "xc-outside",
        });
        return { ring, inside, outside };
      });
      head.textContent = `${letter}: ${given.prediction}`;
    },
    now(given) {
      [edge, line].forEach((path) => path.setAttribute("d", given.outline));
      points.forEach((point, i) => {
        const on = given.salient[i] === "1";
        point.inside.style.display = on ? "" : "none";
        point.outside.style.display = on ? "none" : "";
        point.ring.style.display = given.only[i] === "1" ? "" : "none";
      });
      const count = (digits) => [...digits].filter((digit) => digit === "1").length;
      const words =
        `${count(given.salient)} of 68 landmarks in the salient region, ` +
        `${count(given.only)} of them in ${letter} alone`;
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
  const sides = model.get("choices").map((name) => [name, name === "both" ? "both" : `${name} alone`]);
  const select = which.appendChild(makeSelect(sides, (name) => setTrait(model, "moves", name)));
  const inputs = model.get("sliders").map(([trait, label, low, high, step, help]) => {
    const line = bar.appendChild(make("label", "xc-slider"));
    line.appendChild(make("span", "", label));
    const input = line.appendChild(make("input"));
    Object.assign(input, { type: "range", min: low, max: high, step, title: help });
    input.setAttribute("aria-label", label); // without the number that stands in the label too
    const shown = line.appendChild(make("output", "xf-n"));
    input.addEventListener("input", () => {
      shown.textContent = Number(input.value).toFixed(2);
      setTrait(model, trait, Number(input.value));
    });
    return { trait, input, shown };
  });
  keepKeys(el);

  const said = el.appendChild(make("ul", "xc-said"));
  said.setAttribute("aria-live", "polite");
  const titles = ["Action Unit", "Intensity A", "B", "B − A", "Salient in A", "in B", "Active"];
  const body = el.appendChild(makeTable(titles, "xc-table")).tBodies[0];
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
    rows.forEach(({ row, salient, active, total }, i) => {
      const [, inA, , inB, where, clear] = given.rows[i];
      salient[0].textContent = `${inA} of ${total}`;
      salient[1].textContent = `${inB} of ${total}`;
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
      makeRowHead(row, `${code} ${name}`).title = words;
      const apart = a === null || b === null ? "unknown" : signed(b - a);
      [known(a), known(b), apart].forEach((text) => row.appendChild(make("td", "xf-n", text)));
      const salient = [0, 1].map(() => row.appendChild(make("td", "xf-n")));
      return { row, salient, active: row.appendChild(make("td")), total };
    });
    now();
  };

  // A new face brings both: its points come first.
  fixed();
  numbers();
  const traits = ["moves", ...inputs.map(({ trait }) => trait)].join(" ");
  return observe(model, { fixed, now, [traits]: numbers });
}
export default { render };
