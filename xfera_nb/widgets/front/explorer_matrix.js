// Faces by label and prediction: a table of buttons; one cell, a whole row or column is chosen.

function render({ model, el }) {
  el.classList.add("xf-matrix");
  let buttons = [];
  let places = [];
  let at = 0;

  const button = (parent, text, label, true_, predicted, row, column) => {
    const [chosenTrue, chosenPredicted] = model.get("chosen");
    const on = (true_ || predicted) && chosenTrue === true_ && chosenPredicted === predicted;
    const choose = () => model.send({ cell: on ? ["", ""] : [true_, predicted] });
    const node = parent.appendChild(makeButton(text, choose, label));
    node.setAttribute("aria-pressed", String(Boolean(on)));
    node.addEventListener("focus", () => {
      at = buttons.indexOf(node);
      setTabStop(buttons, at);
    });
    buttons.push(node);
    places.push([row, column]);
    return node;
  };
  const draw = () => {
    const { labels, predictions, counts } = model.get("facts");
    const focused = el.contains(document.activeElement);
    buttons = [];
    places = [];
    const table = make("table");
    table.appendChild(make("caption", "", "Faces by label (rows) and prediction (columns)"));
    const head = table.appendChild(make("thead")).appendChild(make("tr"));
    button(head.appendChild(make("th")), "all", "All labels and predictions", "", "", 0, 0);
    predictions.forEach((prediction, j) => {
      const cell = head.appendChild(make("th"));
      cell.scope = "col";
      button(cell, prediction, `Prediction ${prediction}, any label`, "", prediction, 0, j + 1);
    });
    const body = table.appendChild(make("tbody"));
    labels.forEach((label, i) => {
      const line = body.appendChild(make("tr"));
      button(makeRowHead(line), label, `Label ${label}, any prediction`, label, "", i + 1, 0);
      const whole = counts[i].reduce((sum, n) => sum + n, 0);
      predictions.forEach((prediction, j) => {
        const n = counts[i][j];
        const cell = line.appendChild(make("td", label === prediction ? "same" : ""));
        const share = whole ? n / whole : 0;
        const said =
          `Label ${label}, prediction ${prediction}: ${n.toLocaleString("en")} ` +
          `face${n === 1 ? "" : "s"}, ${Math.round(100 * share)} % of the label's`;
        const node = button(cell, n.toLocaleString("en"), said, label, prediction, i + 1, j + 1);
        node.classList.toggle("none", n === 0);
        // The share of the row as a colour behind the number; a root, so that few errors show too.
        node.style.setProperty("--share", (60 * Math.sqrt(share)).toFixed(1));
      });
    });
    at = Math.min(at, buttons.length - 1);
    const key = make("p", "xf-q xf-key2");
    key.append(make("i", "xf-wrong"), "wrong", make("i", "xf-right"), "right; by share of the row");
    el.replaceChildren(table, key);
    setTabStop(buttons, at);
    if (focused) buttons[at].focus();
  };
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  keepKeys(el);
  el.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = places[at];
    const next = places.findIndex(([r, c]) => r === row + step[0] && c === column + step[1]);
    if (next >= 0) buttons[next].focus();
  });
  draw();
  return observe(model, { "facts chosen": draw });
}
export default { render };
