// A row for each Action Unit: the expected and the present ones, the others folded away. Python does the
// arithmetic; this draws.
const nameOf = (au) => `AU${String(au).padStart(2, "0")}`;
const decimal = (value, unknown) => (value === null ? unknown : value.toFixed(2));
const PRESENT = 2; // states below it are those of a present Action Unit
const COLUMNS = 4;

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

// A row, and below it, when it is picked, all that is known of it.
function makeAuRow(model, facts) {
  const [au, title, words, expected, extension, intensity, left, right, r, counts] = facts;
  const node = make("tr");
  const head = makeRowHead(node);
  const press = () => setTrait(model, "pinned", model.get("pinned") === au ? 0 : au);
  const button = head.appendChild(makeButton("", press));
  button.append(make("b", "", nameOf(au)), ` ${title}`);
  button.title = `${words}${extension ? " (landmarks: ours, not the paper's)" : ""}`;
  const [state, strength, share] = ["xf-state", "xf-m", "xf-m"].map((className) =>
    node.appendChild(make("td", className)),
  );
  const intensityBar = makeBar(5);
  const coverageBar = makeBar(1);
  strength.append(make("span", "xf-n", decimal(intensity, "–")), intensityBar.node);
  if (intensity === null) strength.title = "not measurable";
  const part = share.appendChild(make("span", "xf-n"));
  share.append(coverageBar.node);
  const detail = make("tr", "xf-detail");
  const about = detail.appendChild(make("td"));
  about.colSpan = COLUMNS;

  const hover = (value) => {
    if (model.get("hover") !== value) setTrait(model, "hover", value);
  };
  node.addEventListener("mouseenter", () => hover(au));
  node.addEventListener("mouseleave", () => hover(0));
  button.addEventListener("focus", () => hover(au));
  button.addEventListener("blur", () => hover(0));
  node.addEventListener("animationend", () => node.classList.remove("changed"));

  let wasActive = null;
  return {
    nodes: [node, detail],
    expected,
    isPresent: (values) => values[8] < PRESENT,
    pin: (pinned) => {
      button.setAttribute("aria-pressed", String(pinned === au));
      node.classList.toggle("pinned", pinned === au);
      detail.hidden = pinned !== au;
    },
    set: (now, values) => {
      const [active, salient, salientLeft, salientRight, leftOn, rightOn, score, why, found] = values;
      const covered = counts[0] ? salient / counts[0] : 0;
      intensityBar.set(intensity, now.min_intensity, active);
      coverageBar.set(covered, now.coverage, active);
      state.textContent = model.get("states")[found];
      state.title = now.reasons[why];
      part.textContent = `${Math.round(100 * covered)}%`;
      share.title = `${salient} of ${counts[0]} landmarks in the salient region`;
      node.classList.toggle("active", Boolean(active));
      if (wasActive !== null && wasActive !== active) node.classList.add("changed");
      wasActive = active;
      const side = (name, value, on, some, all) =>
        `${name} ${decimal(value, "unknown")}${on === null ? "" : on ? " ✓" : " ✗"}, ${some} of ${all} landmarks`;
      about.replaceChildren(
        make("p", "", `${active ? "✓ Active" : "✗ Not active"}: ${now.reasons[why]}.`),
        make(
          "p",
          "",
          `The person's ${side("left", left, leftOn, salientLeft, counts[1])}; ` +
            `${side("right", right, rightOn, salientRight, counts[2])}.`,
        ),
        make(
          "p",
          "",
          `${score === null ? "No score" : `Score ${score.toFixed(2)}`}; ` +
            `r ${decimal(r, "unknown")}, the source's agreement with OpenFace.`,
        ),
      );
    },
  };
}

function render({ model, el }) {
  el.classList.add("xf-au-table");
  const terms = model.get("terms");
  const lists = el.appendChild(make("p", "xf-lists"));
  const content = el.appendChild(make("div"));
  let rows = [];
  let prototypes = [];
  let shown = [];
  let listed;
  let others;

  const makeAuTable = (label) => {
    const table = makeTable(["Action Unit", "State", "Intensity", "Coverage"], "xf-t xf-aus");
    table.setAttribute("aria-label", label);
    [terms.action_unit, terms.state, terms.intensity, terms.coverage].forEach((words, i) => {
      table.tHead.rows[0].cells[i].title = words;
    });
    return table;
  };
  const build = () => {
    const fixed = model.get("fixed");
    const wasOpen = others && others.open;
    rows = fixed.rows.map((facts) => makeAuRow(model, facts));
    listed = makeAuTable("Expected and present Action Units");
    others = make("details", "xf-others");
    others.open = Boolean(wasOpen);
    others.append(make("summary"), makeAuTable("Other Action Units"));
    shown = [];
    const matches = make("details");
    prototypes = fixed.prototypes.map(([notation, kind]) => {
      const node = make("tr");
      makeRowHead(node, notation);
      node.append(make("td", "", kind), make("td"), make("td", "xf-n"));
      return { node, cells: node.querySelectorAll("td") };
    });
    matches.append(
      make("summary", "", `Combinations of ${fixed.target} (${prototypes.length})`),
      makeTable(["Combination", "Kind", "Match by intensity alone", "Share"], "xf-t",
        prototypes.map(({ node }) => node)),
    );
    const about = [
      `r: agreement of ${fixed.source} with OpenFace on that Action Unit (Pearson).`,
      fixed.sides ? `Sides: ${fixed.sides}.` : "Sides: not told apart by this source.",
      ...fixed.notes,
    ];
    const notes = make("details");
    notes.append(make("summary", "", "About the measurements"), make("p", "xf-q", about.join(" ")));
    content.replaceChildren(listed, others);
    if (prototypes.length) content.append(matches);
    content.append(notes);
    pin();
  };
  const pin = () => rows.forEach((row) => row.pin(model.get("pinned")));
  // Expected ones first, then what else is present; a row moves only when that changes.
  const arrange = (now) => {
    const listedRows = [
      ...rows.filter((row) => row.expected),
      ...rows.filter((row, i) => !row.expected && row.isPresent(now.aus[i])),
    ];
    if (listedRows.length === shown.length && listedRows.every((row, i) => row === shown[i])) return;
    shown = listedRows;
    const rest = rows.filter((row) => !shown.includes(row));
    const focused = document.activeElement;
    listed.tBodies[0].replaceChildren(...shown.flatMap((row) => row.nodes));
    others.querySelector("tbody").replaceChildren(...rest.flatMap((row) => row.nodes));
    if (focused && focused.isConnected && el.contains(focused)) focused.focus();
    listed.hidden = !shown.length;
    others.hidden = !rest.length;
    const count = `${rest.length} ${shown.length ? "other " : ""}Action Units`;
    others.firstChild.textContent = `${count}: absent or not measurable`;
  };
  const update = () => {
    const now = model.get("now");
    const fixed = model.get("fixed");
    if (now.aus.length !== rows.length || now.prototypes.length !== prototypes.length) return;
    arrange(now);
    rows.forEach((row, i) => row.set(now, now.aus[i]));
    prototypes.forEach((row, i) => {
      const [match, share] = now.prototypes[i];
      row.cells[1].textContent = match;
      row.cells[2].textContent = share === null ? "unknown" : `${Math.round(100 * share)}%`;
    });
    const groups = [
      ["matching", now.matching], ["missing", now.missing], ["not measurable", now.not_measurable],
    ].filter(([, aus]) => aus.length);
    const expected = make("b", "", `Expected for ${fixed.target}`);
    expected.title = terms.expected;
    lists.replaceChildren(
      expected,
      groups.length
        ? `: ${groups.map(([name, aus]) => `${name} ${aus.map(nameOf).join(" ")}`).join(" · ")}`
        : ": the paper's Table 2 lists no Action Unit",
    );
  };
  const rebuild = () => {
    build();
    update();
  };
  rebuild();
  return observe(model, { fixed: rebuild, now: update, pinned: pin });
}
export default { render };
