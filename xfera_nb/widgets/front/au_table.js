// The scale of the map and a row for each Action Unit. Python does the arithmetic; this draws.
const nameOf = (au) => `AU${String(au).padStart(2, "0")}`;
const decimal = (value, unknown) => (value === null ? unknown : value.toFixed(2));

function makeBar(top) {
  const node = make("div", "xf-b");
  node.setAttribute("aria-hidden", "true");
  const fill = node.appendChild(make("i"));
  const limit = node.appendChild(make("u"));
  const at = (value) => `${Math.min(100, Math.max(0, (100 * value) / top))}%`;
  return {
    node,
    set: (value, least, on) => {
      fill.style.width = value === null ? "0" : at(value);
      fill.className = on ? "on" : "";
      limit.style.left = at(least);
    },
  };
}

function makeAuRow(model, facts) {
  const [au, title, words, expected, extension, intensity, left, right, r, counts] = facts;
  const node = make("tr");
  const head = makeRowHead(node);
  const press = () => setTrait(model, "pinned", model.get("pinned") === au ? 0 : au);
  const button = head.appendChild(makeButton(`${nameOf(au)} ${title}`, press));
  button.title = `${words}${extension ? " (landmarks: ours, not the paper's)" : ""}`;
  if (expected) head.appendChild(make("span", "xf-q", " expected"));
  const cells = ["xf-n", "xf-n", "xf-n xf-s", "xf-n", "xf-w"].map((className) =>
    node.appendChild(make("td", className)),
  );
  const intensityBar = makeBar(5);
  const coverageBar = makeBar(1);
  cells[0].append(make("span", "", decimal(intensity, "not measurable")));
  if (intensity !== null) cells[0].append(intensityBar.node);
  const share = cells[1].appendChild(make("span"));
  cells[1].append(coverageBar.node);
  cells[3].textContent = decimal(r, "–");

  const hover = (value) => {
    if (model.get("hover") !== value) setTrait(model, "hover", value);
  };
  node.addEventListener("mouseenter", () => hover(au));
  node.addEventListener("mouseleave", () => hover(0));
  button.addEventListener("focus", () => hover(au));
  button.addEventListener("blur", () => hover(0));

  return {
    node,
    expected,
    pin: (pinned) => {
      button.setAttribute("aria-pressed", String(pinned === au));
      node.classList.toggle("pinned", pinned === au);
    },
    set: (now, values) => {
      const [active, salient, salientLeft, salientRight, leftOn, rightOn, score, why] = values;
      const part = counts[0] ? salient / counts[0] : 0;
      intensityBar.set(intensity, now.min_intensity, active);
      coverageBar.set(part, now.coverage, active);
      share.textContent = `${Math.round(100 * part)}% (${salient}/${counts[0]})`;
      const side = (letter, value, on, some, all) =>
        `${letter} ${decimal(value, "?")}${on === null ? "" : on ? " ✓" : " ✗"} ${some}/${all}`;
      cells[2].textContent =
        `${side("L", left, leftOn, salientLeft, counts[1])}\n` +
        side("R", right, rightOn, salientRight, counts[2]);
      node.classList.toggle("active", Boolean(active));
      cells[4].replaceChildren(
        make("b", "", active ? "✓ active" : "✗ not active"),
        make("span", "xf-q", ` ${now.reasons[why]}${score === null ? "" : `; score ${score.toFixed(2)}`}`),
      );
    },
  };
}

function render({ model, el }) {
  el.classList.add("xf-au-table");
  const legend = el.appendChild(make("div", "xf-legend"));
  const ramp = legend.appendChild(make("div", "xf-ramp2"));
  ramp.setAttribute("aria-hidden", "true");
  ramp.style.background = `linear-gradient(to right, ${model.get("scale").join(",")})`;
  const mark = ramp.appendChild(make("u"));
  const key = legend.appendChild(make("span", "xf-key2"));
  const status = el.appendChild(make("p", "xf-status"));
  const lists = el.appendChild(make("p", "xf-lists"));
  const content = el.appendChild(make("div"));
  let rows = [];
  let prototypes = [];
  let others;

  const build = () => {
    const fixed = model.get("fixed");
    const wasOpen = others && others.open;
    rows = fixed.rows.map((facts) => makeAuRow(model, facts));
    const titles = ["Action Unit", "Intensity, 0–5", "Coverage", "Left / right (subject's)", "r", "Active, or why not"];
    const nodes = (some) => some.map((row) => row.node);
    const expected = rows.filter((row) => row.expected);
    const rest = rows.filter((row) => !row.expected);
    others = make("details");
    others.open = Boolean(wasOpen) || !expected.length;
    others.append(
      make("summary", "", `${expected.length ? "Other" : "All"} Action Units (${rest.length})`),
      makeTable(titles, "xf-t", nodes(rest)),
    );
    const matches = make("details");
    prototypes = fixed.prototypes.map(([notation, kind]) => {
      const node = make("tr");
      makeRowHead(node, notation);
      node.append(make("td", "", kind), make("td"), make("td", "xf-n"));
      return { node, cells: node.querySelectorAll("td") };
    });
    matches.append(
      make("summary", "", `Combinations of ${fixed.target} (${prototypes.length})`),
      makeTable(["Combination", "Kind", "Match by intensity alone", "Share"], "xf-t", nodes(prototypes)),
    );
    const about = [
      `r: agreement of ${fixed.source} with OpenFace on that Action Unit (Pearson; – is unknown).`,
      fixed.sides ? `Sides: ${fixed.sides}.` : "Sides: not told apart by this source.",
      ...fixed.notes,
    ];
    content.replaceChildren(
      expected.length
        ? makeTable(titles, "xf-t", nodes(expected))
        : make("p", "xf-q", `The paper's Table 2 expects no Action Unit for ${fixed.target}.`),
      others,
    );
    if (prototypes.length) content.append(matches);
    content.append(make("p", "xf-q", about.join(" ")));
    pin();
  };
  const pin = () => rows.forEach((row) => row.pin(model.get("pinned")));
  const update = () => {
    const now = model.get("now");
    const fixed = model.get("fixed");
    if (now.aus.length !== rows.length || now.prototypes.length !== prototypes.length) return;
    rows.forEach((row, i) => row.set(now, now.aus[i]));
    prototypes.forEach((row, i) => {
      const [match, share] = now.prototypes[i];
      row.cells[1].textContent = match;
      row.cells[2].textContent = share === null ? "unknown" : `${Math.round(100 * share)}%`;
    });
    const all = (aus) => (aus.length ? aus.map(nameOf).join(" ") : "none");
    lists.textContent =
      `Expected for ${fixed.target}: matching ${all(now.matching)} · missing ${all(now.missing)} · ` +
      `not measurable ${all(now.not_measurable)}`;
    key.textContent = `● ${now.salient} of 68 landmarks in the salient region  □ the others`;
    const threshold = now.threshold;
    ramp.hidden = threshold === null;
    mark.hidden = threshold === null || threshold < 0 || threshold > 1;
    if (threshold !== null) mark.style.left = `${100 * threshold}%`;
    status.textContent =
      now.no_evidence ??
      `${fixed.title}: 0 to its peak (${fixed.peak.toPrecision(3)}). White outline: the salient ` +
        `region, from ${threshold.toFixed(2)} of the peak = mean + ${now.k} SD over ${now.region}.`;
    status.classList.toggle("xf-none", Boolean(now.no_evidence));
  };
  const rebuild = () => {
    build();
    update();
  };
  rebuild();
  return observe(model, { fixed: rebuild, now: update, pinned: pin });
}
export default { render };
