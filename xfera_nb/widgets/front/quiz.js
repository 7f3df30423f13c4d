// A quiz, one question at a time. All text goes in as text, never as HTML.
function render({ model, el }) {
  el.classList.add("xf-quiz");
  el.dataset.lmSuppressShortcuts = "true"; // or Lab takes the keys first, in command mode
  keepKeys(el);
  const bar = el.appendChild(make("div", "xf-quiz-bar"));
  const where = bar.appendChild(make("span"));
  const dots = bar.appendChild(make("span", "xf-quiz-dots"));
  dots.setAttribute("aria-hidden", "true");
  const body = el.appendChild(make("div", "xf-quiz-body"));
  const status = el.appendChild(make("div", "xf-quiz-status"));
  status.setAttribute("role", "status");
  const below = el.appendChild(make("div", "xf-quiz-below"));

  let page = {};
  let used = false; // somebody is at it: the focus may be moved
  const send = (message) => {
    used = true;
    model.send({ number: page.number ?? null, ...message });
  };

  const heading = (text) => {
    const head = make("h3", "", text);
    head.tabIndex = -1;
    return head;
  };
  const image = (source, words) => {
    const node = make("img");
    node.src = source;
    node.alt = words;
    return node;
  };
  const progress = () => {
    bar.hidden = !page.count;
    if (!page.count) return;
    const at = page.kind === "question" ? `Question ${page.number} of ${page.count}` : "Done";
    where.textContent = `${at}, ${page.score} right`;
    const marks = page.marks;
    dots.replaceChildren(
      ...Array.from({ length: page.count }, (_, i) =>
        make("i", i < marks.length ? (marks[i] ? "right" : "wrong") : ""),
      ),
    );
  };

  const choice = (one, i) => {
    const act = () => page.answered || send({ do: "answer", choice: i });
    const button = makeButton("", act, "", "xf-quiz-choice");
    if (one.picture) button.append(image(one.picture, ""));
    const line = button.appendChild(make("span", "xf-quiz-line"));
    const key = line.appendChild(make("kbd", "", String(i + 1)));
    key.setAttribute("aria-hidden", "true");
    line.append(make("span", "", one.text));
    if (page.answered) {
      button.setAttribute("aria-disabled", "true");
      if (i === page.answer) {
        button.classList.add("right");
        line.append(make("b", "", "✓ right answer"));
      } else if (i === page.taken) {
        button.classList.add("wrong");
        line.append(make("b", "", "✗ your answer"));
      }
    }
    return button;
  };
  const question = () => {
    const head = heading(page.text);
    const choices = make("div", "xf-quiz-choices");
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-label", "Answers");
    choices.append(...page.choices.map(choice));
    choices.classList.toggle("pictures", page.choices.some((one) => one.picture));
    const sides = make("div", "xf-quiz-sides");
    if (page.picture) sides.append(image(page.picture, page.picture_alt));
    sides.append(choices);
    sides.classList.toggle("alone", !page.picture);
    body.replaceChildren(head, sides);
    if (!page.answered) return head;
    status.replaceChildren(make("p", page.correct ? "right" : "wrong", page.feedback));
    status.append(make("p", "xf-quiz-quiet", `Source: ${page.source}.`));
    const last = page.number === page.count;
    const next = makeButton(last ? "See the score" : "Next question", () => send({ do: "next" }));
    below.append(next);
    return next;
  };
  const score = () => {
    const head = heading(`${page.score} of ${page.count} right`);
    const list = make("ol", "xf-quiz-asked");
    page.asked.forEach((text, i) => {
      const item = list.appendChild(make("li", page.marks[i] ? "right" : "wrong"));
      item.append(make("b", "", page.marks[i] ? "✓ right" : "✗ wrong"), make("span", "", text));
    });
    body.replaceChildren(head, ...(page.advice ? [make("p", "", page.advice)] : []), list);
    below.append(makeButton("Another quiz", () => send({ do: "restart" })));
    return head;
  };
  const wait = () => {
    body.replaceChildren();
    status.append(make("p", "", page.note));
    if (page.kind === "problem") below.append(makeButton("Try again", () => send({ do: "restart" })));
    return null;
  };

  const show = () => {
    page = model.get("page");
    status.replaceChildren();
    below.replaceChildren();
    progress();
    const shown = { question, score, waiting: wait, problem: wait }[page.kind];
    const focus = shown ? shown() : null;
    if (page.count) {
      const seed = `Quiz number ${page.seed}: the same number gives the same questions.`;
      below.append(make("p", "xf-quiz-quiet", page.note ? `${page.note} ${seed}` : seed));
    }
    if (used && focus) focus.focus({ preventScroll: !page.answered });
  };
  el.addEventListener("keydown", (event) => {
    if (page.kind !== "question" || page.answered || event.ctrlKey || event.altKey || event.metaKey)
      return;
    const at = Number(event.key) - 1;
    if (!(at in page.choices)) return;
    event.preventDefault();
    send({ do: "answer", choice: at });
  });
  show();
  return observe(model, { page: show });
}
export default { render };
