// Faces by label and answer: a table of buttons; one cell, a whole row or column is chosen.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

function render({ model, el }) {
  el.classList.add("xf-matrix");
  let buttons = [];
  let places = [];
  let at = 0;

  const focusable = () =>
    buttons.forEach((button, i) => {
      button.tabIndex = i === at ? 0 : -1;
    });
  const button = (parent, text, label, true_, predicted, row, column) => {
    const node = parent.appendChild(make("button", "", text));
    const [chosenTrue, chosenPredicted] = model.get("chosen");
    const on = (true_ || predicted) && chosenTrue === true_ && chosenPredicted === predicted;
    node.type = "button";
    node.setAttribute("aria-label", label);
    node.setAttribute("aria-pressed", String(Boolean(on)));
    node.addEventListener("click", () => model.send({ cell: on ? ["", ""] : [true_, predicted] }));
    node.addEventListener("focus", () => {
      at = buttons.indexOf(node);
      focusable();
    });
    buttons.push(node);
    places.push([row, column]);
    return node;
  };
  const draw = () => {
    const { truths, answers, counts } = model.get("facts");
    const focused = el.contains(document.activeElement);
    buttons = [];
    places = [];
    const table = make("table");
    table.appendChild(make("caption", "", "Faces by label (rows) and answer (columns)"));
    const head = table.appendChild(make("thead")).appendChild(make("tr"));
    button(head.appendChild(make("th")), "all", "All faces", "", "", 0, 0);
    answers.forEach((answer, j) => {
      const cell = head.appendChild(make("th"));
      cell.scope = "col";
      button(cell, answer, `Answer ${answer}, whatever the label`, "", answer, 0, j + 1);
    });
    const body = table.appendChild(make("tbody"));
    truths.forEach((truth, i) => {
      const line = body.appendChild(make("tr"));
      const name = line.appendChild(make("th"));
      name.scope = "row";
      button(name, truth, `Label ${truth}, whatever the answer`, truth, "", i + 1, 0);
      const whole = counts[i].reduce((sum, n) => sum + n, 0);
      answers.forEach((answer, j) => {
        const n = counts[i][j];
        const cell = line.appendChild(make("td", truth === answer ? "same" : ""));
        const label = `Label ${truth}, answer ${answer}: ${n} face${n === 1 ? "" : "s"}`;
        const node = button(cell, String(n), label, truth, answer, i + 1, j + 1);
        node.classList.toggle("none", n === 0);
        // The share of the row, as a colour behind the number.
        node.style.setProperty("--share", whole ? ((70 * n) / whole).toFixed(1) : "0");
      });
    });
    at = Math.min(at, buttons.length - 1);
    el.replaceChildren(table);
    focusable();
    if (focused) buttons[at].focus();
  };
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  el.addEventListener("keydown", (event) => {
    event.stopPropagation(); // Lab would take the keys for its own
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = places[at];
    const next = places.findIndex(([r, c]) => r === row + step[0] && c === column + step[1]);
    if (next >= 0) buttons[next].focus();
  });
  draw();
  model.on("change:facts change:chosen", draw);
}
export default { render };
