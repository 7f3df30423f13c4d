// The scale of the map and a row for each Action Unit. Python does the arithmetic; this draws.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const name = (au) => `AU${String(au).padStart(2, "0")}`;
const number = (value, unknown) => (value === null ? unknown : value.toFixed(2));

function bar(top) {
  const node = make("div", "xf-b");
  node.setAttribute("aria-hidden", "true");
  const fill = node.appendChild(make("i"));
  const cut = node.appendChild(make("u"));
  const at = (value) => `${Math.min(100, Math.max(0, (100 * value) / top))}%`;
  return {
    node,
    set: (value, limit, on) => {
      fill.style.width = value === null ? "0" : at(value);
      fill.className = on ? "on" : "";
      cut.style.left = at(limit);
    },
  };
}

function table(head, rows) {
  const node = make("table", "xf-t");
  const line = node.appendChild(make("thead")).appendChild(make("tr"));
  head.forEach((text) => {
    line.appendChild(make("th", "", text)).scope = "col";
  });
  const body = node.appendChild(make("tbody"));
  rows.forEach((row) => body.appendChild(row.node));
  return node;
}

function auRow(model, facts) {
  const [au, title, words, expected, extension, intensity, left, right, r, counts] = facts;
  const node = make("tr");
  const first = node.appendChild(make("th"));
  first.scope = "row";
  const button = first.appendChild(make("button", "", `${name(au)} ${title}`));
  button.type = "button";
  button.title = `${words}${extension ? " (landmarks: ours, not the paper's)" : ""}`;
  if (expected) first.appendChild(make("span", "xf-q", " expected"));
  const cells = ["xf-n", "xf-n", "xf-n xf-s", "xf-n", "xf-w"].map((c) =>
    node.appendChild(make("td", c)),
  );
  const moves = bar(5);
  const covers = bar(1);
  cells[0].append(make("span", "", number(intensity, "not measurable")));
  if (intensity !== null) cells[0].append(moves.node);
  const share = cells[1].appendChild(make("span"));
  cells[1].append(covers.node);
  cells[3].textContent = number(r, "–");

  const hover = (value) => {
    if (model.get("hover") === value) return;
    model.set("hover", value);
    model.save_changes();
  };
  node.addEventListener("mouseenter", () => hover(au));
  node.addEventListener("mouseleave", () => hover(0));
  button.addEventListener("focus", () => hover(au));
  button.addEventListener("blur", () => hover(0));
  button.addEventListener("click", () => {
    model.set("pinned", model.get("pinned") === au ? 0 : au);
    model.save_changes();
  });

  return {
    node,
    expected,
    pin: (pinned) => {
      button.setAttribute("aria-pressed", String(pinned === au));
      node.classList.toggle("pinned", pinned === au);
    },
    set: (now, values) => {
      const [active, hot, hotLeft, hotRight, leftOn, rightOn, score, why] = values;
      const part = counts[0] ? hot / counts[0] : 0;
      moves.set(intensity, now.cut, active);
      covers.set(part, now.cov, active);
      share.textContent = `${Math.round(100 * part)}% (${hot}/${counts[0]})`;
      const side = (letter, value, on, warm, all) =>
        `${letter} ${number(value, "?")}${on === null ? "" : on ? " ✓" : " ✗"} ${warm}/${all}`;
      cells[2].textContent = `${side("L", left, leftOn, hotLeft, counts[1])}\n${side("R", right, rightOn, hotRight, counts[2])}`;
      node.classList.toggle("active", Boolean(active));
      cells[4].replaceChildren(
        make("b", "", active ? "✓ active" : "✗ not active"),
        make("span", "xf-q", ` ${now.why[why]}${score === null ? "" : `; score ${score.toFixed(2)}`}`),
      );
    },
  };
}

function render({ model, el }) {
  el.classList.add("xf-board");
  const legend = el.appendChild(make("div", "xf-legend"));
  const ramp = legend.appendChild(make("div", "xf-ramp2"));
  ramp.setAttribute("aria-hidden", "true");
  ramp.style.background = `linear-gradient(to right, ${model.get("scale").join(",")})`;
  const mark = ramp.appendChild(make("u"));
  const key = legend.appendChild(make("span", "xf-key2"));
  const status = el.appendChild(make("p", "xf-status"));
  const lists = el.appendChild(make("p", "xf-lists"));
  const place = el.appendChild(make("div"));
  let rows = [];
  let prototypes = [];
  let others;

  const build = () => {
    const fixed = model.get("fixed");
    const wasOpen = others && others.open;
    rows = fixed.rows.map((facts) => auRow(model, facts));
    const head = ["Movement", "Intensity, 0–5", "Coverage", "Person's sides", "r", "Active, or why not"];
    const expected = rows.filter((row) => row.expected);
    const rest = rows.filter((row) => !row.expected);
    others = make("details");
    others.open = Boolean(wasOpen) || !expected.length;
    others.append(make("summary", "", expected.length ? `Other movements (${rest.length})` : `All movements (${rest.length})`), table(head, rest));
    const matches = make("details");
    prototypes = fixed.prototypes.map(([notation, kind]) => {
      const node = make("tr");
      node.appendChild(make("th", "", notation)).scope = "row";
      node.append(make("td", "", kind), make("td"), make("td", "xf-n"));
      return { node, cells: node.querySelectorAll("td") };
    });
    matches.append(
      make("summary", "", `Combinations of ${fixed.emotion} (${prototypes.length})`),
      table(["Combination", "Kind", "Match by intensity alone", "Share"], prototypes),
    );
    const about = [
      `r: how far ${fixed.source} agrees with OpenFace on that movement (Pearson; – is unknown).`,
      fixed.sides ? `Sides: ${fixed.sides}.` : "Sides: not told apart by this source.",
      ...fixed.notes,
    ];
    place.replaceChildren();
    if (expected.length) place.append(table(head, expected));
    else place.append(make("p", "xf-q", `The paper's Table 2 expects no movement for ${fixed.emotion}.`));
    place.append(others);
    if (prototypes.length) place.append(matches);
    place.append(make("p", "xf-q", about.join(" ")));
    pin();
  };
  const pin = () => rows.forEach((row) => row.pin(model.get("pinned")));
  const update = () => {
    const now = model.get("now");
    const fixed = model.get("fixed");
    if (now.a.length !== rows.length || now.p.length !== prototypes.length) return;
    rows.forEach((row, i) => row.set(now, now.a[i]));
    prototypes.forEach((row, i) => {
      row.cells[1].textContent = now.p[i][0];
      row.cells[2].textContent = now.p[i][1] === null ? "unknown" : `${Math.round(100 * now.p[i][1])}%`;
    });
    const all = (aus) => (aus.length ? aus.map(name).join(" ") : "none");
    lists.textContent = `Expected for ${fixed.emotion}: matching ${all(now.m)} · missing ${all(now.x)} · not measurable ${all(now.n)}`;
    key.textContent = `● ${now.hot} hot  □ ${68 - now.hot} cold landmarks`;
    ramp.hidden = now.t === null;
    mark.hidden = now.t === null || now.t < 0 || now.t > 1;
    if (now.t !== null) mark.style.left = `${100 * now.t}%`;
    status.textContent =
      now.no ??
      `${fixed.title}: 0 to its peak (${fixed.peak.toPrecision(3)}). White outline: hot from ${now.t.toFixed(2)} of the peak = mean + ${now.k} std over ${now.region}.`;
    status.classList.toggle("xf-none", Boolean(now.no));
  };
  build();
  update();
  model.on("change:fixed", () => {
    build();
    update();
  });
  model.on("change:now", update);
  model.on("change:pinned", pin);
}
export default { render };
