// A study's page for one participant. All text goes in as text, never as HTML. An answer stays in
// this browser (localStorage) until Python says that it is kept, and is sent again after a reload.
const PATIENCE = 4000; // ms until the page says that nothing comes back
const filled = (text, values) =>
  Object.entries(values).reduce((done, [name, value]) => done.replace(`{${name}}`, value), text);

const stamp = () => `${Date.now()} ${Math.random()}`;

// Answers that Python has not yet said it keeps, by item and question, the newest of each.
class Outbox {
  constructor(model) {
    this.key = `xfera-study ${model.get("study")} ${model.get("participant")}`;
    this.kept = !model.get("preview") && Boolean(model.get("participant"));
    this.waiting = new Map();
    if (!this.kept) return;
    try {
      const left = JSON.parse(localStorage.getItem(this.key) || "[]");
      left.forEach((one) => this.waiting.set(one.about, one));
    } catch (error) {
      console.warn("No answers from an earlier visit can be read in this browser.", error);
    }
  }
  put(one) {
    this.waiting.set(one.about, one);
    this.save();
  }
  drop(stamp) {
    this.waiting.forEach((one, about) => one.stamp === stamp && this.waiting.delete(about));
    this.save();
  }
  save() {
    if (!this.kept) return;
    try {
      if (this.waiting.size) localStorage.setItem(this.key, JSON.stringify([...this.waiting.values()]));
      else localStorage.removeItem(this.key);
    } catch (error) {
      console.warn("This browser keeps nothing; answers wait in the open page alone.", error);
    }
  }
}

function render({ model, el }) {
  const texts = model.get("texts");
  const root = el.appendChild(make("div", "xf-study"));
  root.dataset.lmSuppressShortcuts = "true"; // or Lab takes the keys first, in command mode
  root.classList.toggle("xf-study-page", model.get("address"));
  const main = root.appendChild(make("div", "xf-study-main"));
  const bar = root.appendChild(make("div", "xf-study-bar"));
  const status = bar.appendChild(make("p", "xf-study-status"));
  status.setAttribute("role", "status");
  const again = bar.appendChild(make("button", "", texts.reload));
  const next = bar.appendChild(make("button", "xf-study-next", texts.next));
  [again, next].forEach((button) => (button.type = "button"));
  again.hidden = true;
  again.addEventListener("click", () => location.reload());

  let outbox = new Outbox(model);
  let timer = 0;
  let shownAt = performance.now();
  let given = {};
  let page = {};

  const say = (text, bad) => {
    status.textContent = text;
    status.classList.toggle("xf-study-bad", Boolean(bad));
  };
  const post = (message) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      say(texts.lost, true);
      again.hidden = !model.get("address");
    }, PATIENCE);
    try {
      model.send({ stamp: stamp(), ...message });
    } catch (error) {
      say(texts.lost, true);
      again.hidden = !model.get("address");
    }
  };
  const heard = () => {
    clearTimeout(timer);
    again.hidden = true;
  };
  const ready = () => (page.questions || []).every((one) => given[one.name]);
  const mark = () => (next.disabled = page.kind === "consent" ? false : !ready());

  const answer = (question, value) => {
    given[question] = value;
    mark();
    const one = {
      do: "answer", item: page.item, question, value, about: `${page.item} ${question}`,
      seconds: (performance.now() - shownAt) / 1000, stamp: stamp(),
    };
    outbox.put(one);
    say(texts.unsaved);
    post(one);
  };
  const forward = () => {
    if (next.hidden || next.disabled) return;
    if (page.kind === "consent") begin();
    else {
      outbox.waiting.forEach(post); // what could not be kept when it was given
      post({ do: "forward", item: page.item });
    }
  };
  next.addEventListener("click", forward);

  let begin = () => {};
  const consent = () => {
    main.append(...texts.consent.split(/\n\s*\n/).map((part) => make("p", "", part)));
    const form = main.appendChild(make("div", "xf-study-form"));
    const field = (label, control, help) => {
      const row = form.appendChild(make("label", "xf-study-field"));
      row.append(make("span", "", label), control);
      if (help) row.appendChild(make("small", "", help));
      return control;
    };
    const code = field(texts.id, make("input"), texts.id_help);
    Object.assign(code, { type: "text", maxLength: 40, autocomplete: "off", spellcheck: false });
    code.value = page.code || "";
    let age = null;
    if (page.ages.length) {
      const bands = ["", ...page.ages].map((band) => [band, band || texts.age_none]);
      age = field(texts.age, makeSelect(bands, () => {}));
    }
    const agree = make("input");
    agree.type = "checkbox";
    const row = form.appendChild(make("label", "xf-study-agree"));
    row.append(agree, make("span", "", texts.agree));
    begin = () =>
      post({ do: "begin", code: code.value.trim(), age: age ? age.value : "", agreed: agree.checked });
  };

  const picture = (source, words, under) => {
    const figure = make("figure");
    const image = figure.appendChild(make("img"));
    image.src = source;
    image.alt = words;
    if (under) figure.appendChild(make("figcaption", "", under));
    return figure;
  };
  const radios = (legend, name, options, className) => {
    const set = make("fieldset", className);
    set.dataset.question = name;
    set.appendChild(make("legend", "", legend));
    const group = `xf-study-${name}-${Math.random()}`;
    const row = set.appendChild(make("div", "xf-study-options"));
    options.forEach(({ value, label, key, hint }) => {
      const one = row.appendChild(make("label"));
      const input = one.appendChild(make("input"));
      Object.assign(input, { type: "radio", name: group, value });
      input.checked = given[name] === value;
      if (hint) input.setAttribute("aria-label", hint);
      input.addEventListener("change", () => answer(name, value));
      if (key && key !== label) one.appendChild(make("kbd", "", key));
      one.appendChild(make("span", "", label));
    });
    return set;
  };
  const choose = (side) => {
    const options = page.options.map((one, n) => ({ ...one, key: String(n + 1) }));
    side.appendChild(radios(texts.choose, "emotion", options, "xf-study-choose"));
  };
  const rank = (side) => {
    const set = side.appendChild(make("fieldset", "xf-study-choose"));
    set.dataset.question = "emotion";
    set.appendChild(make("legend", "", texts.rank));
    const row = set.appendChild(make("div", "xf-study-options"));
    const order = given.emotion ? given.emotion.split(">") : [];
    const buttons = page.options.map(({ value, label }, n) => {
      const button = row.appendChild(make("button"));
      button.type = "button";
      button.addEventListener("click", () => {
        const at = order.indexOf(value);
        if (at < 0) order.push(value);
        else order.splice(at, 1);
        draw();
        if (order.length) answer("emotion", order.join(">"));
        else {
          delete given.emotion;
          mark();
        }
      });
      button.append(make("kbd", "", String(n + 1)), make("span", "", label), make("b"));
      return [button, value];
    });
    const draw = () =>
      buttons.forEach(([button, value]) => {
        const at = order.indexOf(value);
        button.setAttribute("aria-pressed", String(at >= 0));
        button.lastChild.textContent = at < 0 ? "" : `${at + 1}.`;
      });
    draw();
  };
  const rate = (side) => {
    side.appendChild(make("p", "xf-study-ends", `${texts.low}, ${texts.high}`));
    page.questions.forEach(({ name, text }) => {
      const options = ["1", "2", "3", "4", "5"].map((value) => ({
        value, label: value, hint: value === "1" ? texts.low : value === "5" ? texts.high : value,
      }));
      side.appendChild(radios(text, name, options, "xf-study-rate"));
    });
  };

  const show = () => {
    page = model.get("page");
    outbox = new Outbox(model);
    given = { ...page.given };
    outbox.waiting.forEach((one) => one.item === page.item && (given[one.question] = one.value));
    shownAt = performance.now();
    heard();
    const held = root.contains(document.activeElement);
    main.replaceChildren();
    if (model.get("preview")) main.appendChild(make("p", "xf-study-note", texts.preview));
    const heading = main.appendChild(make("h1", "", page.heading));
    heading.tabIndex = -1;
    if (page.note) main.appendChild(make("p", "xf-study-note", page.note));
    say("");
    next.textContent = page.kind === "consent" ? texts.begin : texts.next;
    next.hidden = ["done", "problem"].includes(page.kind);
    if (page.kind === "consent") consent();
    else if (page.kind === "done") {
      const code = filled(texts.code_done, { id: page.code });
      main.append(make("p", "", texts.thanks), make("p", "", code));
    } else if (page.item) {
      const where = main.appendChild(make("p", "xf-study-where"));
      where.append(filled(texts.progress, { number: page.number, count: page.count }));
      const meter = where.appendChild(make("progress"));
      Object.assign(meter, { max: page.count, value: page.number - 1 });
      meter.setAttribute("aria-hidden", "true");
      const body = main.appendChild(make("div", `xf-study-body xf-study-${page.kind}s`));
      const seen = body.appendChild(make("div", "xf-study-seen"));
      if (page.answer) seen.appendChild(make("p", "xf-study-answer", page.answer));
      const pictures = seen.appendChild(make("div", "xf-study-pictures"));
      pictures.appendChild(picture(page.face, texts.face));
      if (page.heat) pictures.appendChild(picture(page.heat, page.heat_text, page.heat_text));
      if (page.text) {
        seen.append(make("h2", "", texts.text), make("p", "xf-study-text", page.text));
      }
      const side = body.appendChild(make("div", "xf-study-side"));
      ({ choose, rank, rate })[page.kind](side);
      side.appendChild(make("p", "xf-study-keys", texts.keys));
    }
    mark();
    const id = model.get("participant");
    if (model.get("address") && id) {
      const url = new URL(location.href);
      url.searchParams.set("id", id);
      history.replaceState(null, "", url);
    }
    if (model.get("address") || held) {
      heading.focus({ preventScroll: true });
      main.scrollTop = 0;
    }
    outbox.waiting.forEach(post);
  };

  // Numbers answer; Enter goes on. Nothing of it reaches the notebook around the page. A page of
  // its own listens everywhere: on loading, Voila shows it late, and the focus is on no element.
  const listener = model.get("address") ? document : root;
  const keys = (event) => {
    event.stopPropagation();
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = event.target;
    if (event.key === "Enter" && !at.closest("button, select")) {
      event.preventDefault();
      forward();
      return;
    }
    if (!/^[1-9]$/.test(event.key) || at.closest("input[type=text], select")) return;
    const sets = [...main.querySelectorAll("fieldset")];
    const set = at.closest("fieldset") || sets.find((one) => !given[one.dataset.question]) || sets[0];
    const option = set && set.querySelectorAll("input, button")[Number(event.key) - 1];
    if (!option) return;
    event.preventDefault();
    option.click();
    const after = sets.find((one) => !given[one.dataset.question]);
    const on = set.querySelector("button") ? option : after ? after.querySelector("input") : next;
    on.focus();
  };
  listener.addEventListener("keydown", keys);

  model.on("msg:custom", (message) => {
    heard();
    if (!message.later) outbox.drop(message.stamp);
    if (message.why) say(message.why, true);
    else if (message.kept) say(outbox.waiting.size ? texts.unsaved : texts.saved);
  });
  model.on("change:page", show);
  show();
  return () => listener.removeEventListener("keydown", keys);
}
export default { render };
