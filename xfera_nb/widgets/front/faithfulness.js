// "Check this map": a button, a row for each check, a bar for each Action Unit's region. Python does
// the arithmetic and the sentences; this draws. All texts go in as text.
const points = (value) => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;
const MARKS = { pass: "✓", fail: "✗", inconclusive: "?" };

function checkRow(check) {
  const row = make("tr");
  const head = makeRowHead(row);
  head.appendChild(make("span", "xf-faithfulness-title", check.title));
  const verdict = check.verdict ?? "no verdict";
  const mark = `${MARKS[verdict] ?? "·"} ${verdict}`;
  head.appendChild(make("span", `xf-faithfulness-verdict ${verdict.replaceAll(" ", "-")}`, mark));
  const cell = row.appendChild(make("td"));
  cell.appendChild(make("div", "xf-faithfulness-figure", check.figure));
  if (check.beside) cell.appendChild(make("div", "xf-faithfulness-quiet", check.beside));
  [["Means: ", check.means], ["Does not mean: ", check.means_not]].forEach(([title, text]) => {
    cell.appendChild(make("div", "xf-faithfulness-quiet")).append(make("b", "", title), text);
  });
  return row;
}

function dropRow(row, at) {
  const line = make("tr");
  const head = makeRowHead(line);
  head.appendChild(make("span", "", `${row.name} ${row.title}`));
  if (row.expected) head.appendChild(make("span", "xf-faithfulness-quiet", " expected"));
  if (row.same_region.length) {
    head.appendChild(make("div", "xf-faithfulness-quiet", `and ${row.same_region.join(", ")}`));
  }
  const track = line.appendChild(make("td")).appendChild(make("div", "xf-faithfulness-track"));
  track.setAttribute("aria-hidden", "true");
  const part = (className, from, to) => {
    const node = track.appendChild(make("i", `xf-faithfulness-${className}`));
    node.style.left = `${at(Math.min(from, to))}%`;
    node.style.width = `${Math.abs(at(to) - at(from))}%`;
  };
  part("random", row.least, row.most);
  part(row.excess_drop > 0 ? "drop" : "drop less", 0, row.prob_drop);
  part("zero", 0, 0);
  const saliency = row.saliency === null ? "none" : row.saliency.toFixed(2);
  [points(row.prob_drop), points(row.random), points(row.excess_drop), saliency].forEach((text) =>
    line.appendChild(make("td", "xf-faithfulness-n", text)),
  );
  return line;
}

function render({ model, el }) {
  el.classList.add("xf-faithfulness");
  const head = el.appendChild(make("div", "xf-faithfulness-head"));
  const button = head.appendChild(makeButton("Check this map", () => model.send({ check: true })));
  button.title = "Check the text and the map against the model: about sixty blurred copies are classified";
  const status = head.appendChild(make("span", "xf-faithfulness-status"));
  status.setAttribute("role", "status");
  const about = el.appendChild(make("p", "xf-faithfulness-quiet", model.get("about")));
  const table = el.appendChild(make("table"));
  table.setAttribute("aria-label", "Checks of the text and of the map");
  const body = table.createTBody();
  const more = el.appendChild(make("details"));
  const moreSummary = more.appendChild(make("summary"));
  const moreBody = more.appendChild(make("table")).createTBody();
  const drops = el.appendChild(make("details"));
  const summary = drops.appendChild(make("summary"));
  const key = drops.appendChild(make("p", "xf-faithfulness-quiet"));
  const titles = ["Region of", "Drop in points when blurred", "Drop", "Random", "Excess", "Saliency"];
  const bars = drops.appendChild(makeTable(titles, "xf-faithfulness-bars")).tBodies[0];
  keepKeys(el);

  const showChecks = () => {
    const updated = new Map(model.get("updated").map((check) => [check.title, check]));
    const checks = model.get("interpretations").map((check) => updated.get(check.title) ?? check);
    const isThere = checks.length > 0;
    [table, about, more].forEach((part) => {
      part.hidden = !isThere;
    });
    drops.hidden = !model.get("drops").length;
    const details = checks.filter((check) => check.detail);
    const shown = isThere ? [model.get("text_check"), ...checks.filter((check) => !check.detail)] : [];
    body.replaceChildren(...shown.map(checkRow));
    moreSummary.textContent = `More checks (${details.length})`;
    moreBody.replaceChildren(...details.map(checkRow));
  };
  const showDrops = () => {
    const found = model.get("drops");
    const target = model.get("target");
    const ends = found.flatMap((row) => [row.prob_drop, row.least, row.most, 0]);
    const low = Math.min(...ends);
    const wide = Math.max(Math.max(...ends) - low, 1e-6);
    summary.textContent = `Drop of ${target} for each Action Unit's region (${found.length})`;
    key.textContent =
      `Blue: how far the probability of ${target} drops when the region is blurred (left of the ` +
      "line: it rises). Grey: the smallest to the greatest drop for random regions of the same " +
      "size. Excess is the drop beyond their mean. Saliency is the mean of the map over the " +
      "region, 0 to 1.";
    bars.replaceChildren(...found.map((row) => dropRow(row, (value) => (100 * (value - low)) / wide)));
    showChecks();
  };
  const showStatus = () => {
    const error = model.get("error");
    status.textContent = error || model.get("status");
    status.classList.toggle("xf-faithfulness-warn", Boolean(error));
    const busy = model.get("busy");
    button.setAttribute("aria-disabled", String(busy));
    [table, more, drops].forEach((part) => {
      part.classList.toggle("xf-faithfulness-old", !busy && Boolean(model.get("status")));
    });
  };
  showDrops();
  showStatus();
  return observe(model, {
    drops: showDrops, interpretations: showChecks, updated: showChecks, text_check: showChecks,
    status: showStatus, busy: showStatus, error: showStatus,
  });
}
export default { render };
