// "Is this true?": a button, a row for each check, a bar for each movement's region. Python does the
// arithmetic and the sentences; this draws. All texts go in as text.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const points = (value) => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;
const MARKS = { pass: "✓", fail: "✗", inconclusive: "?" };

function sayingRow(saying) {
  const row = make("tr");
  const head = row.appendChild(make("th"));
  head.scope = "row";
  head.appendChild(make("span", "xf-truth-title", saying.title));
  const verdict = saying.verdict ?? "no verdict";
  const mark = `${MARKS[verdict] ?? "·"} ${verdict}`;
  head.appendChild(make("span", `xf-truth-verdict ${verdict.replaceAll(" ", "-")}`, mark));
  const cell = row.appendChild(make("td"));
  cell.appendChild(make("div", "xf-truth-figure", saying.figure));
  const means = cell.appendChild(make("div", "xf-truth-quiet"));
  means.append(make("b", "", "Means: "), saying.means);
  const not = cell.appendChild(make("div", "xf-truth-quiet"));
  not.append(make("b", "", "Does not mean: "), saying.means_not);
  return row;
}

function weightRow(row, at) {
  const line = make("tr");
  const head = line.appendChild(make("th"));
  head.scope = "row";
  head.appendChild(make("span", "", `${row.name} ${row.title}`));
  if (row.expected) head.appendChild(make("span", "xf-truth-quiet", " expected"));
  if (row.same_region.length)
    head.appendChild(make("div", "xf-truth-quiet", `and ${row.same_region.join(", ")}`));
  const track = line.appendChild(make("td")).appendChild(make("div", "xf-truth-track"));
  track.setAttribute("aria-hidden", "true");
  const part = (className, from, to) => {
    const node = track.appendChild(make("i", className));
    node.style.left = `${at(Math.min(from, to))}%`;
    node.style.width = `${Math.abs(at(to) - at(from))}%`;
  };
  part("xf-truth-random", row.least, row.most);
  part(row.excess_drop > 0 ? "xf-truth-fall" : "xf-truth-fall less", 0, row.prob_drop);
  part("xf-truth-zero", 0, 0);
  line.appendChild(make("td", "xf-truth-n", points(row.prob_drop)));
  line.appendChild(make("td", "xf-truth-n", points(row.random)));
  line.appendChild(make("td", "xf-truth-n", points(row.excess_drop)));
  line.appendChild(make("td", "xf-truth-n", row.saliency === null ? "none" : row.saliency.toFixed(2)));
  return line;
}

function render({ model, el }) {
  el.classList.add("xf-truth");
  const head = el.appendChild(make("div", "xf-truth-head"));
  const button = head.appendChild(make("button", "", "Is this true?"));
  button.type = "button";
  button.title = "Check the words and the map against the model; takes about a second";
  const status = head.appendChild(make("span", "xf-truth-status"));
  status.setAttribute("role", "status");
  const about = el.appendChild(make("p", "xf-truth-quiet", model.get("about")));
  const table = el.appendChild(make("table"));
  table.setAttribute("aria-label", "Checks of the words and of the map");
  const body = table.appendChild(make("tbody"));
  const more = el.appendChild(make("details"));
  const moreSummary = more.appendChild(make("summary"));
  const moreBody = more.appendChild(make("table")).appendChild(make("tbody"));
  const weights = el.appendChild(make("details"));
  const summary = weights.appendChild(make("summary"));
  const key = weights.appendChild(make("p", "xf-truth-quiet"));
  const bars = weights.appendChild(make("table", "xf-truth-bars"));
  const line = bars.appendChild(make("thead")).appendChild(make("tr"));
  ["Region of", "Fall in points when blurred", "Fall", "Random", "Weight", "Heat"].forEach((text) => {
    line.appendChild(make("th", "", text)).scope = "col";
  });
  const rows = bars.appendChild(make("tbody"));
  button.addEventListener("click", () => model.send({ check: true }));
  // Lab would take the keys for its own.
  el.addEventListener("keydown", (event) => event.stopPropagation());

  const showSayings = () => {
    const moved = new Map(model.get("moved").map((saying) => [saying.title, saying]));
    const sayings = model.get("sayings").map((saying) => moved.get(saying.title) ?? saying);
    const there = sayings.length > 0;
    table.hidden = !there;
    about.hidden = !there;
    more.hidden = !there;
    weights.hidden = !model.get("weights").length;
    const details = sayings.filter((saying) => saying.detail);
    const shown = there ? [model.get("words"), ...sayings.filter((saying) => !saying.detail)] : [];
    body.replaceChildren(...shown.map(sayingRow));
    moreSummary.textContent = `More checks (${details.length})`;
    moreBody.replaceChildren(...details.map(sayingRow));
  };
  const showWeights = () => {
    const found = model.get("weights");
    const emotion = model.get("emotion");
    const ends = found.flatMap((row) => [row.prob_drop, row.least, row.most, 0]);
    const low = Math.min(...ends);
    const wide = Math.max(Math.max(...ends) - low, 1e-6);
    summary.textContent = `Weight of each movement's region for ${emotion} (${found.length})`;
    key.textContent =
      `Blue: how far the probability of ${emotion} falls when the region is blurred (left of the ` +
      "line: it rises). Grey: the least to the greatest fall of random places of the same size. " +
      "Weight is the fall beyond their mean. Heat is the mean of the map over the region, 0 to 1.";
    rows.replaceChildren(
      ...found.map((row) => weightRow(row, (value) => (100 * (value - low)) / wide)),
    );
    showSayings();
  };
  const showStatus = () => {
    const error = model.get("error");
    status.textContent = error || model.get("status");
    status.classList.toggle("xf-truth-warn", Boolean(error));
    const busy = model.get("busy");
    button.setAttribute("aria-disabled", String(busy));
    [table, more, weights].forEach((part) => {
      part.classList.toggle("xf-truth-old", !busy && Boolean(model.get("status")));
    });
  };
  showWeights();
  showStatus();
  model.on("change:weights", showWeights);
  model.on("change:sayings", showSayings);
  model.on("change:moved", showSayings);
  model.on("change:words", showSayings);
  model.on("change:status", showStatus);
  model.on("change:busy", showStatus);
  model.on("change:error", showStatus);
}
export default { render };
